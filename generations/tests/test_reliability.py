"""Whatever is killed, at whatever step: every generation ends, and the books are right."""

import time
import uuid
from collections.abc import Iterator

import psycopg
import pytest
import redis
import requests

from neuralbox.tests.site import LiveSite, start

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("reliability"), pytest.mark.timeout(240)]

ENDED = {"succeeded", "failed", "cancelled"}
# Each is at another step when something dies: waiting, being made, being fetched, about to fail, lost on the way.
WAVE = [
    ({"instant": True}, "succeeded"),
    ({"delay_seconds": 1, "instant": True}, "succeeded"),
    ({"delay_seconds": 3, "instant": True, "webhook": "none"}, "succeeded"),
    ({"delay_seconds": 4, "instant": True, "webhook": "twice"}, "succeeded"),
    ({}, "succeeded"),
    ({"delay_seconds": 2, "instant": True}, "succeeded"),
    ({"outcome": "lost_answer", "instant": True}, "succeeded"),
    ({"outcome": "fail", "delay_seconds": 2}, "failed"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site of its own, because it is broken all the time. At its end the books must be right, whatever was done."""
    with start(tmp_path_factory.mktemp("fragile")) as live:
        yield live
        # Once for all: the ledger only grows, so what one test has broken is still broken here.
        live.manage("check_ledger")
        live.manage("check_generations")


def ask(site: LiveSite, method: str, path: str, key: str, **rest) -> requests.Response:
    """Call the API, again and again while the site is away, as a careful client does."""
    headers = {"Authorization": f"Bearer {key}", **rest.pop("headers", {})}
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = requests.request(method, f"{site.url}/api/v1{path}", headers=headers, timeout=15, **rest)
            if answer.status_code < 500:
                return answer
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, "the site did not come back"
        time.sleep(0.3)


def order_wave(site: LiveSite, key: str) -> dict[str, str]:
    """Order one of each. Returns the endings that are due, by id."""
    due = {}
    for simulate, ending in WAVE:
        body = {"model": "demo-image", "input": {"prompt": "A storm", "size": "512", "simulate": simulate}}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        created = ask(site, "POST", "/generations", key, json=body, headers=headers)
        assert created.status_code == 202, created.text
        due[created.json()["id"]] = ending
    return due


def wait_for_ends(site: LiveSite, key: str, due: dict[str, str], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        found = {one: ask(site, "GET", f"/generations/{one}", key).json()["status"] for one in due}
        if all(status in ENDED for status in found.values()):
            break
        assert time.monotonic() < deadline, f"stuck: {found}\n{site.log[-60000:]}"
        time.sleep(0.5)
    assert found == due


@pytest.mark.parametrize("victim", ["worker", "web", "beat", "broker"])
def test_a_killed_process_loses_nothing(site, victim):
    key = site.api_key("alice@example.com", 5000)
    due = order_wave(site, key)
    time.sleep(1.2)
    # The first are being made by now; these are killed at their first steps.
    due |= order_wave(site, key)
    site.kill(victim)
    time.sleep(0.5)
    site.restart(victim)
    wait_for_ends(site, key, due)


def test_an_emptied_broker_loses_nothing(site):
    key = site.api_key("alice@example.com", 5000)
    due = order_wave(site, key)
    with redis.Redis.from_url(site.broker_url) as broker:
        for _time in range(5):
            broker.flushall()
            time.sleep(0.3)
    wait_for_ends(site, key, due)


def test_cut_database_connections_lose_nothing(site):
    key = site.api_key("alice@example.com", 5000)
    due = order_wave(site, key)
    for _time in range(4):
        site.drop_database_connections()
        time.sleep(0.5)
    wait_for_ends(site, key, due)


def test_the_work_of_a_killed_worker_is_taken_up_within_15_seconds(site):
    key = site.api_key("alice@example.com", 5000)
    body = {"model": "demo-image", "input": {"prompt": "Rain", "simulate": {"outcome": "slow_download"}}}
    created = ask(site, "POST", "/generations", key, json=body).json()
    with psycopg.connect(site.database_url, autocommit=True) as connection:

        def attempts() -> int:
            row = connection.execute(
                "SELECT attempts FROM core_job WHERE name = 'generations.save_results' AND leased_until IS NOT NULL"
            ).fetchone()
            return row[0] if row else 0

        deadline = time.monotonic() + 30
        while attempts() == 0:
            assert time.monotonic() < deadline, "the download did not begin"
            time.sleep(0.02)
        site.kill("worker")
        # The quarter of a minute begins when there is a worker again: how long Python takes to start is not ours.
        site.restart("worker")
        ready_at = time.monotonic()
        while attempts() < 2 and ask(site, "GET", f"/generations/{created['id']}", key).json()["status"] not in ENDED:
            assert time.monotonic() - ready_at < 15, "nobody took the work up"
            time.sleep(0.1)
    wait_for_ends(site, key, {created["id"]: "succeeded"})
