"""No more is sent than a provider allows, by all workers together, and who waits keeps their place."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from providers.models import ProviderHealth
from providers.services import limits


@pytest.fixture
def row(settings) -> ProviderHealth:
    """A provider with an account of its own in Valkey: three requests in any second."""
    settings.OFFLINE_API_KEY = uuid.uuid4().hex
    return ProviderHealth(provider="offline", requests=3, per_seconds=1)


def test_as_many_go_at_once_as_are_allowed_and_the_next_one_waits(row):
    assert [limits.take(row, caller) for caller in "abc"] == [0, 0, 0]
    wait = limits.take(row, "d")
    assert 0 < wait <= 1.1
    assert limits.waiting("offline") == 1


def test_who_waits_gets_a_time_of_their_own_one_after_the_other(row):
    waits = [limits.take(row, str(number)) for number in range(9)]
    assert waits[:3] == [0, 0, 0]
    assert all(0 < wait <= 1.1 for wait in waits[3:6])
    assert all(1.1 < wait <= 2.2 for wait in waits[6:])


def test_asking_again_too_early_keeps_the_time(row):
    for number in range(5):
        limits.take(row, str(number))
    first = limits.take(row, "late")
    second = limits.take(row, "late")
    assert 0 < second <= first
    assert limits.waiting("offline") == 3


def test_who_comes_later_does_not_overtake_who_waits(row):
    for caller in "abc":
        limits.take(row, caller)
    time.sleep(limits.take(row, "waited") + 0.1)
    # Three may go now. One of these places is promised.
    answers = [limits.take(row, caller) for caller in ("new-1", "new-2", "new-3")]
    assert answers.count(0) == 2
    assert limits.take(row, "waited") == 0


def test_a_place_can_be_given_up(row):
    for caller in "abcd":
        limits.take(row, caller)
    limits.leave("offline", "d")
    assert limits.waiting("offline") == 0


def test_a_pause_holds_everybody(row):
    limits.pause("offline", 30)
    assert 29 < limits.take(row, "a") <= 31
    assert 29 < limits.take(row, "b") <= 31


def test_many_workers_at_once_never_pass_more_than_the_limit_in_any_window(row):
    asked, answered = [], []

    def work(worker: int) -> None:
        for turn in range(40):
            before = time.time()
            if limits.take(row, f"{worker}-{turn}") == 0:
                asked.append(before)
                answered.append(time.time())
            limits.leave("offline", f"{worker}-{turn}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert len(asked) >= 3
    # Of any four, in order, the last was let through a whole window after the first.
    for first, fourth in zip(sorted(asked), sorted(answered)[3:], strict=False):
        assert fourth - first > 1.09


def test_each_key_has_its_own_account(row, settings):
    for caller in "abc":
        assert limits.take(row, caller) == 0
    settings.OFFLINE_API_KEY = uuid.uuid4().hex
    assert limits.take(row, "d") == 0


def test_without_valkey_nothing_is_sent(row, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert limits.take(row, "a") == limits.WITHOUT_VALKEY_SECONDS
    assert limits.waiting("offline") == 0
    limits.pause("offline", 1)
    limits.leave("offline", "a")


def test_staff_s_limits_stand_above_the_published_ones():
    published = limits.limits_of(ProviderHealth(provider="offline"))
    assert published.concurrent is None
    changed = limits.limits_of(ProviderHealth(provider="offline", requests=7, per_seconds=2, concurrent=4))
    assert (changed.requests, changed.per_seconds, changed.concurrent) == (7, 2, 4)
