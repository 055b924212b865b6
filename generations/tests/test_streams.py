"""Event streams on the running site: the present state first, then news, and nothing lost in between."""

import json
import time
from collections.abc import Iterator

import pytest
import requests

pytestmark = pytest.mark.slow


def events(site, path: str, key: str, **headers: str) -> Iterator[tuple[str, str, dict]]:
    """(id, kind, data) of each event, until the stream ends."""
    headers = {"Authorization": f"Bearer {key}", **headers}
    with requests.get(f"{site.url}/api/v1{path}", headers=headers, stream=True, timeout=40) as answer:
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        event: dict[str, str] = {}
        for line in answer.iter_lines(decode_unicode=True):
            if not line:
                if "data" in event:
                    yield event.get("id", ""), event["event"], json.loads(event["data"])
                event = {}
            elif ": " in line:
                name, _colon, value = line.partition(": ")
                event[name] = value


def order(site, key: str, **simulate) -> str:
    body = {"model": "demo-image", "input": {"prompt": "Rain", "size": "512", "simulate": simulate}}
    headers = {"Authorization": f"Bearer {key}"}
    created = requests.post(f"{site.url}/api/v1/generations", json=body, headers=headers, timeout=10)
    assert created.status_code == 202, created.text
    return created.json()["id"]


def test_one_generation_is_followed_to_its_end(live_site):
    key = live_site.api_key("stream@example.com", 1000)
    generation_id = order(live_site, key, delay_seconds=2, instant=True)
    seen = list(events(live_site, f"/generations/{generation_id}/events", key))
    statuses = [data["status"] for _id, kind, data in seen if kind == "status"]
    assert statuses[-1] == "succeeded"
    assert "saving" in statuses
    assert any(kind == "asset" for _id, kind, _data in seen)
    assert all(data["generation"] == generation_id for _id, _kind, data in seen)


def test_a_resumed_stream_brings_what_was_missed(live_site):
    key = live_site.api_key("stream@example.com", 1000)
    generation_id = order(live_site, key, delay_seconds=1, instant=True)
    first_id = next(
        event_id for event_id, kind, _data in events(live_site, f"/generations/{generation_id}/events", key) if event_id
    )
    time.sleep(4)
    headers = {"Last-Event-ID": first_id}
    seen = []
    for event_id, kind, data in events(live_site, f"/generations/{generation_id}/events", key, **headers):
        seen.append((event_id, kind, data))
        if kind == "status" and data["status"] == "succeeded":
            break
    ids = [int(event_id) for event_id, _kind, _data in seen if event_id]
    assert ids == sorted(ids)
    assert all(one > int(first_id) for one in ids)
    assert {"status", "asset"} <= {kind for _id, kind, _data in seen}


def test_the_common_stream_begins_with_the_balance_and_tells_its_changes(live_site):
    key = live_site.api_key("stream2@example.com", 500)
    stream = events(live_site, "/events", key)
    _id, kind, data = next(stream)
    assert (kind, data["available"]) == ("balance", data["paid"] + data["bonus"])
    before = data["available"]
    order(live_site, key, instant=True)
    for _id, kind, data in stream:
        if kind == "balance" and data["held"] == 0 and data["available"] < before:
            break
    stream.close()


def test_strangers_are_refused(live_site):
    key = live_site.api_key("stream@example.com", 1000)
    mallory = live_site.api_key("mallory@example.com", 10)
    generation_id = order(live_site, key, instant=True)
    path = f"{live_site.url}/api/v1/generations/{generation_id}/events"
    assert requests.get(path, headers={"Authorization": f"Bearer {mallory}"}, timeout=10).status_code == 404
    unknown = requests.get(path, headers={"Authorization": "Bearer nonsense"}, timeout=10)
    assert unknown.status_code == 401
    assert unknown.headers["Content-Type"] == "application/problem+json"
    bad = requests.get(path, headers={"Authorization": f"Bearer {key}", "Last-Event-ID": "x"}, timeout=10)
    assert bad.status_code == 422
