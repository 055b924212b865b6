"""Tokens of a sign-in: handed out, renewed, ended."""

import threading
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import Notice, RefreshClaim, SecurityEvent, User
from accounts.personal_data import Accounts
from accounts.services import blocks, sign_ins, users

pytestmark = pytest.mark.django_db


def status_of(client):
    answer = client.get("/api/v1/me")
    return answer.status_code, answer.json().get("code")


@pytest.mark.promise("P20")
def test_the_cookie_becomes_tokens_and_is_dropped(alice, sign_in):
    signed_in = sign_in()
    assert set(signed_in.pair) == {"access", "refresh", "expires_in"}
    assert signed_in.pair["expires_in"] == 300
    assert signed_in.answer["Cache-Control"] == "no-store"
    assert signed_in.answer.cookies["sessionid"].value == ""
    assert Session.objects.count() == 1
    assert status_of(signed_in.client) == (200, None)


@pytest.mark.promise("P19")
def test_signing_in_leaves_no_cookie_but_the_one_that_protects_forms(alice, sign_in):
    cookies = {name: cookie.value for name, cookie in sign_in().browser.cookies.items() if cookie.value}
    assert set(cookies) <= {"csrftoken"}


def test_staff_keep_the_cookie_for_the_back_office(alice, sign_in):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert sign_in().browser.cookies["sessionid"].value


def test_the_exchange_needs_the_csrf_token(alice):
    browser = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    refused = browser.post("/api/v1/auth/token")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    browser.cookies["csrftoken"] = "a" * 32
    accepted = browser.post("/api/v1/auth/token", headers={"X-CSRFToken": "a" * 32})
    assert accepted.status_code == 200


def test_the_exchange_needs_a_sign_in(db):
    answer = Client().post("/api/v1/auth/token")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_an_access_token_costs_two_queries(alice, sign_in, django_assert_num_queries):
    token = sign_in().pair["access"]
    with django_assert_num_queries(2):
        user, claims, _session = tokens.read_access_token(token)
    assert user == alice
    assert claims["sub"] == str(alice.pk)


def test_a_refresh_token_works_once(alice, sign_in, refresh):
    signed_in = sign_in()
    renewed = refresh(signed_in.pair["refresh"])
    assert renewed.status_code == 200
    assert renewed["Cache-Control"] == "no-store"
    assert renewed.json()["refresh"] != signed_in.pair["refresh"]
    assert refresh(renewed.json()["refresh"]).status_code == 200
    assert RefreshClaim.objects.count() == 2


def test_a_second_tab_is_refused_quietly(alice, sign_in, refresh):
    signed_in = sign_in()
    renewed = refresh(signed_in.pair["refresh"]).json()
    second = refresh(signed_in.pair["refresh"])
    assert (second.status_code, second.json()["code"]) == (409, "refresh_in_progress")
    assert second.json()["retryable"] is True
    assert refresh(renewed["refresh"]).status_code == 200


@pytest.mark.promise("P20")
def test_a_refresh_token_that_comes_back_later_ends_the_sign_in(alice, sign_in, refresh):
    signed_in = sign_in()
    stolen = signed_in.pair["refresh"]
    fresh = refresh(stolen).json()
    RefreshClaim.objects.update(claimed_at=timezone.now() - timedelta(minutes=1))
    reused = refresh(stolen)
    assert (reused.status_code, reused.json()["code"]) == (401, "session_over")
    assert refresh(fresh["refresh"]).json()["code"] == "session_over"
    assert status_of(signed_in.client) == (401, "session_over")
    assert SecurityEvent.objects.filter(user=alice, kind=SecurityEvent.Kind.REFRESH_REUSED).count() == 1
    assert Notice.objects.filter(user=alice, kind=Notice.Kind.SECURITY_ALERT).count() == 1


def test_another_sign_in_of_the_same_person_survives_reuse(alice, sign_in, refresh):
    first, second = sign_in(), sign_in()
    refresh(first.pair["refresh"])
    RefreshClaim.objects.update(claimed_at=timezone.now() - timedelta(minutes=1))
    refresh(first.pair["refresh"])
    assert status_of(second.client) == (200, None)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_renewals_exactly_one_wins(sign_in):
    users.join(email="alice@example.com", name="Alice")
    token = sign_in().pair["refresh"]
    start, answers = threading.Barrier(6), []

    def renew():
        start.wait()
        try:
            answer = APIClient().post("/api/v1/auth/refresh", {"refresh": token}, format="json")
            answers.append((answer.status_code, answer.json()))
        finally:
            connection.close()

    threads = [threading.Thread(target=renew) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _body in answers) == [200, 409, 409, 409, 409, 409]
    winner = next(body for status, body in answers if status == 200)
    assert APIClient().post("/api/v1/auth/refresh", {"refresh": winner["refresh"]}, format="json").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_renewals_of_two_tokens_of_one_sign_in_lose_neither():
    alice = users.join(email="alice@example.com", name="Alice")
    browser = Client()
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    pairs = [sign_ins.hand_out(user=alice, session_key=browser.session.session_key) for _number in range(4)]
    start, renewed = threading.Barrier(4), []

    def renew(token):
        start.wait()
        try:
            renewed.append(sign_ins.refresh(refresh_token=token).refresh)
        finally:
            connection.close()

    threads = [threading.Thread(target=renew, args=[pair.refresh]) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(renewed) == 4
    assert all(sign_ins.refresh(refresh_token=token) for token in renewed)


@pytest.mark.promise("P20")
def test_an_access_token_lives_five_minutes(alice, sign_in, refresh):
    signed_in = sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert status_of(signed_in.client) == (401, "token_expired")
        assert refresh(signed_in.pair["refresh"]).status_code == 200


def test_an_unused_sign_in_ends_after_thirty_days(alice, sign_in, refresh):
    token = sign_in().pair["refresh"]
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert refresh(token).json()["code"] == "token_expired"


def test_no_sign_in_outlives_ninety_days(alice, sign_in, refresh):
    token = sign_in().pair["refresh"]
    for days in (25, 50, 75):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            token = refresh(token).json()["refresh"]
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert refresh(token).json()["code"] == "session_over"
    assert not Session.objects.exists()


@pytest.mark.promise("P20")
def test_logout_takes_effect_at_once(alice, sign_in, refresh):
    signed_in = sign_in()
    assert signed_in.client.post("/api/v1/auth/logout").status_code == 204
    assert status_of(signed_in.client) == (401, "session_over")
    assert refresh(signed_in.pair["refresh"]).json()["code"] == "session_over"
    assert signed_in.client.post("/api/v1/auth/logout").status_code == 204
    assert SecurityEvent.objects.filter(user=alice, kind=SecurityEvent.Kind.SIGNED_OUT).count() == 1


def test_logout_by_an_expired_token(alice, sign_in):
    signed_in = sign_in()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert signed_in.client.post("/api/v1/auth/logout").status_code == 204
    assert not Session.objects.exists()


def test_logout_by_the_refresh_token(alice, sign_in):
    signed_in = sign_in()
    answer = APIClient().post("/api/v1/auth/logout", {"refresh": signed_in.pair["refresh"]}, format="json")
    assert answer.status_code == 204
    assert status_of(signed_in.client) == (401, "session_over")


def test_logout_without_a_token_of_ours_is_refused(db):
    forged = jwt.encode({"sub": "x", "sid": "x", "jti": "x"}, "k" * 32, algorithm="HS256")
    for token in ("", "nonsense", forged):
        assert APIClient().post("/api/v1/auth/logout", {"refresh": token or "x"}, format="json").status_code == 401


@pytest.mark.promise("P20")
def test_a_blocked_person_is_out_at_once_and_cannot_renew_or_return(alice, mallory, sign_in, refresh):
    signed_in = sign_in()
    User.objects.filter(pk=mallory.pk).update(is_staff=True)
    blocks.block(user=alice, reason="Abuse", by=mallory)
    assert status_of(signed_in.client) == (401, "session_over")
    assert refresh(signed_in.pair["refresh"]).status_code == 401
    assert Client().post("/login/dummy", {"email": alice.email})["Location"] == "/login?error=blocked"


def test_a_deactivated_person_is_out_at_once(alice, sign_in):
    signed_in = sign_in()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert status_of(signed_in.client) == (401, "session_over")


def test_an_erased_person_is_out_at_once(alice, sign_in, refresh):
    signed_in = sign_in()
    Accounts().erase(alice)
    assert status_of(signed_in.client) == (401, "session_over")
    assert refresh(signed_in.pair["refresh"]).status_code == 401


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "a.b.c",
        jwt.encode({"sub": "1"}, "another key that is quite long enough", algorithm="HS256"),
        jwt.encode({"sub": "1", "sid": "1", "jti": "1"}, "", algorithm="none"),
    ],
)
def test_tokens_that_we_did_not_sign_are_refused(token, db, refresh):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert refresh(token).status_code == 401


def test_a_refresh_token_is_no_access_token_and_the_reverse(alice, sign_in, refresh):
    signed_in = sign_in()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {signed_in.pair['refresh']}")
    assert status_of(client) == (401, "invalid_credentials")
    assert refresh(signed_in.pair["access"]).json()["code"] == "invalid_credentials"


def test_a_refresh_token_that_its_sign_in_does_not_know_is_refused(alice, sign_in, refresh):
    token = sign_in().pair["refresh"]
    for row in Session.objects.all():
        kept = row.get_decoded() | {"headless_refresh_tokens": {}}
        row.session_data = Session.get_session_store_class()().encode(kept)
        row.save()
    assert refresh(token).json()["code"] == "invalid_credentials"


@pytest.mark.promise("P20")
def test_nothing_secret_stands_in_an_address(alice):
    browser = Client()
    landed = browser.post("/login/dummy", {"email": alice.email})
    assert landed["Location"] == "/login/complete"
    session_key = browser.cookies["sessionid"].value
    assert session_key not in landed["Location"]
    assert browser.get("/api/v1/auth/token").status_code == 405


def test_old_sign_ins_and_used_tokens_are_forgotten(alice, sign_in, refresh):
    refresh(sign_in().pair["refresh"])
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert sign_ins.forget_old() == 2
    assert not Session.objects.exists()
    assert not RefreshClaim.objects.exists()
