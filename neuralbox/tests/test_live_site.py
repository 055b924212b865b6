"""The site as `make run` starts it: real processes on a database of their own."""

import time

import requests


def test_a_generation_goes_through_all_processes(live_site):
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {live_site.api_key('alice@example.com', 1000)}"
    order = {"model": "demo-image", "input": {"prompt": "a lighthouse at dawn", "size": "512"}}
    started = api.post(f"{live_site.url}/api/v1/generations", json=order, timeout=10)
    assert started.status_code == 202, started.text
    address = f"{live_site.url}/api/v1/generations/{started.json()['id']}"
    deadline = time.monotonic() + 60
    generation = started.json()
    while generation["status"] not in {"succeeded", "failed", "cancelled"} and time.monotonic() < deadline:
        time.sleep(0.1)
        answer = api.get(address, timeout=10)
        assert answer.status_code == 200, live_site.log[-4000:]
        generation = answer.json()
    assert generation["status"] == "succeeded", generation
    file = requests.get(generation["assets"][0]["url"], timeout=10)
    assert file.headers["Content-Type"] == "image/png"
    assert file.content.startswith(b"\x89PNG")


def test_killed_processes_come_back_at_the_same_address(live_site):
    for name in ("web", "broker"):
        live_site.kill(name)
        live_site.restart(name)
    assert requests.get(f"{live_site.url}/readyz", timeout=10).json()["status"] == "ok"
