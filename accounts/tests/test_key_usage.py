"""What keys were used for: by day, and call by call, without a word of what was sent."""

from datetime import timedelta

import pytest
import redis
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import ApiCall, ApiKeyDay
from accounts.personal_data import Accounts
from accounts.services import api_calls, api_keys

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "a secret lighthouse"


@pytest.fixture(autouse=True)
def nothing_waits():
    redis.Redis.from_url(settings.REDIS_URL).delete(api_calls.WAITING)


@pytest.fixture
def issued(alice):
    return api_keys.create(user=alice, name="Nightly", scopes=["read"])


@pytest.fixture
def call(issued):
    def make(path="/api/v1/me", method="get", **more):
        return getattr(Client(HTTP_AUTHORIZATION=f"Bearer {issued.secret}"), method)(path, **more)

    return make


def test_calls_are_counted_by_day_and_listed(alice, issued, call, sign_in):
    call()
    call("/api/v1/me/api-keys")
    call("/api/v1/me", "patch", data={"name": WORDS}, content_type="application/json", QUERY_STRING=f"q={WORDS}")
    assert api_calls.store() == 3
    client = sign_in().client
    days = client.get(f"/api/v1/me/api-keys/{issued.api_key.pk}/usage?days=7").json()["days"]
    assert len(days) == 7
    assert {**days[-1], "day": ""} == {"day": "", "calls": 3, "failed": 2, "tokens": 0}
    assert {day["calls"] for day in days[:-1]} == {0}
    calls = client.get(f"/api/v1/me/api-keys/{issued.api_key.pk}/calls").json()["results"]
    assert [(found["method"], found["route"], found["status"]) for found in calls] == [
        ("PATCH", "/api/v1/me", 403), ("GET", "/api/v1/me/api-keys", 403), ("GET", "/api/v1/me", 200),
    ]  # fmt: skip
    assert calls[0]["ip"] == "127.0.0.1"


@pytest.mark.promise("P20")
def test_nothing_of_what_was_sent_is_noted(alice, issued, call):
    call(f"/api/v1/me/notices?cursor={WORDS}", headers={"User-Agent": WORDS})
    call(f"/api/v1/me/api-keys/{issued.api_key.pk}", "delete")
    waiting = b"".join(redis.Redis.from_url(settings.REDIS_URL).lrange(api_calls.WAITING, 0, -1)).decode()
    assert WORDS not in waiting
    assert issued.secret not in waiting
    api_calls.store()
    assert set(ApiCall.objects.values_list("route", flat=True)) == {
        "/api/v1/me/notices", "/api/v1/me/api-keys/<uuid:api_key_id>",
    }  # fmt: skip


def test_a_call_that_is_stored_twice_counts_once(issued, call):
    call()
    row = redis.Redis.from_url(settings.REDIS_URL).lindex(api_calls.WAITING, 0)
    api_calls.store()
    redis.Redis.from_url(settings.REDIS_URL).rpush(api_calls.WAITING, row)
    api_calls.store()
    assert (ApiCall.objects.count(), ApiKeyDay.objects.get().calls) == (1, 1)


def test_calls_of_a_key_that_is_gone_are_dropped(issued, call):
    call()
    issued.api_key.delete()
    api_calls.store()
    assert not ApiCall.objects.exists()


def test_people_and_strangers_are_not_noted(alice, sign_in):
    sign_in().client.get("/api/v1/me")
    Client().get("/api/v1/me")
    Client(HTTP_AUTHORIZATION="Bearer nb_live_nonsense").get("/api/v1/me")
    assert api_calls.store() == 0


def test_a_refused_address_is_seen_by_the_owner(alice):
    issued = api_keys.create(user=alice, name="k", scopes=["read"], allowed_ips=["203.0.113.0/24"])
    assert Client(HTTP_AUTHORIZATION=f"Bearer {issued.secret}").get("/api/v1/me").status_code == 403
    api_calls.store()
    assert ApiCall.objects.get().status == 403


def test_the_use_of_anothers_key_is_not_there(alice, mallory, issued, sign_in):
    client = sign_in(mallory.email, "Mallory").client
    for what in ("usage", "calls"):
        assert client.get(f"/api/v1/me/api-keys/{issued.api_key.pk}/{what}").status_code == 404


def test_answers_go_out_when_redis_is_away(issued, call, settings, monkeypatch):
    monkeypatch.setattr(api_calls, "_resting_until", 0.0)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert call().status_code == 200
    assert api_calls._resting_until > 0


@pytest.mark.promise("P2")
def test_the_export_of_a_person_has_every_call_and_the_numbers_per_day(alice, mallory, issued, call):
    call()
    call("/api/v1/balance")
    api_calls.store()
    held = Accounts().export(alice)
    assert [(one["method"], one["route"], one["status"]) for one in held["api_calls"]] == [
        ("GET", "/api/v1/me", 200), ("GET", "/api/v1/balance", 200),
    ]  # fmt: skip
    assert [one["calls"] for one in held["api_usage"]] == [2]
    assert Accounts().export(mallory)["api_calls"] == []


@pytest.mark.promise("P3")
def test_the_log_is_purged_by_age_and_the_numbers_stay(issued, call):
    call()
    api_calls.store()
    rule = next(rule for rule in Accounts().retention() if rule.kind == "accounts.api_calls")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        due = rule.due(timezone.now() - rule.default)
        assert rule.purge([row.pk for row in due]) == {"accounts.ApiCall": 1}
    assert ApiKeyDay.objects.get().calls == 1


def test_other_sign_ins_end_together(alice, sign_in):
    here, there, elsewhere = sign_in(), sign_in(), sign_in()
    assert here.client.delete("/api/v1/me/sessions").status_code == 204
    assert [one.client.get("/api/v1/me").status_code for one in (here, there, elsewhere)] == [200, 401, 401]
    events = here.client.get("/api/v1/me/security-events").json()["results"]
    assert (events[0]["kind"], events[0]["device"]) == ("session_ended", "")


def test_all_notices_are_read_at_once(alice, sign_in):
    client = sign_in().client
    assert client.get("/api/v1/me").json()["unread_notices"] == 1
    assert client.post("/api/v1/me/notices/read").status_code == 204
    assert client.get("/api/v1/me").json()["unread_notices"] == 0
