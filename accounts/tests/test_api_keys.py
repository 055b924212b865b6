"""API keys: made, shown once, used, limited, rotated, revoked."""

import hashlib
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from accounts import key_texts
from accounts.errors import TooManyApiKeys
from accounts.models import ApiKey, ApiKeySecret, Notice, SecurityEvent, User
from accounts.services import api_keys, users
from neuralbox.core.errors import InvalidInput

pytestmark = pytest.mark.django_db


def make(user, scopes=("read",), **rest):
    return api_keys.create(user=user, name="Nightly", scopes=scopes, **rest)


def client_with(secret, **headers):
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en", **headers)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def outcome(client, path="/api/v1/me"):
    answer = client.get(path)
    return answer.status_code, answer.json().get("code")


def test_the_text_of_a_key_tells_a_typo_offline():
    made = key_texts.generate()
    assert made.text.startswith("nb_live_")
    assert len(made.text) == len("nb_live_") + 8 + 1 + 46
    assert key_texts.parse(made.text) == made
    changed = made.text[:20] + ("A" if made.text[20] != "A" else "B") + made.text[21:]
    assert key_texts.parse(changed) is None
    assert key_texts.parse(made.text + "x") is None
    assert key_texts.parse("") is None


@pytest.mark.promise("P20")
def test_a_key_is_kept_as_a_digest_only(alice):
    issued = make(alice)
    stored = ApiKeySecret.objects.get()
    assert bytes(stored.digest) == hashlib.sha256(issued.secret.encode()).digest()
    assert stored.last_four == issued.secret[-4:]
    middle = issued.secret[17:-6]
    with connection.cursor() as cursor:
        for table in ("accounts_apikey", "accounts_apikeysecret", "accounts_notice", "accounts_securityevent"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", [f"%{middle}%"])  # noqa: S608
            assert cursor.fetchone() == (0,)
    assert issued.secret not in repr(issued)


@pytest.mark.promise("P20")
def test_who_knows_the_id_of_a_key_alone_opens_nothing(alice):
    """The id is no secret: a text with it, and with a checksum that is right, is still not the key."""
    issued = make(alice)
    body = issued.secret[:17] + "A" * 40
    forged = body + key_texts._checksum(body)
    assert key_texts.parse(forged).public_id == key_texts.parse(issued.secret).public_id
    assert outcome(client_with(forged)) == (401, "invalid_credentials")
    assert outcome(client_with(issued.secret)) == (200, None)


def test_a_call_with_a_key_costs_one_query(alice, django_assert_num_queries):
    issued = make(alice)
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    ApiKey.objects.update(last_used_at=timezone.now())

    class Probe(APIView):
        def get(self, request):
            return Response([str(request.user.pk), str(request.auth.pk)])

    with django_assert_num_queries(1):
        answer = Probe.as_view()(request)
    assert answer.data == [str(alice.pk), str(issued.api_key.pk)]


def test_the_last_use_is_noted_once_a_minute(alice):
    issued = make(alice)
    client = client_with(issued.secret, REMOTE_ADDR="203.0.113.7")
    client.get("/api/v1/me")
    issued.api_key.refresh_from_db()
    first = issued.api_key.last_used_at
    assert issued.api_key.last_used_ip == "203.0.113.7"
    client.get("/api/v1/me")
    issued.api_key.refresh_from_db()
    assert issued.api_key.last_used_at == first
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        client.get("/api/v1/me")
    issued.api_key.refresh_from_db()
    assert issued.api_key.last_used_at > first


def test_a_key_works_in_both_headers(alice):
    secret = make(alice).secret
    assert outcome(client_with(secret)) == (200, None)
    assert APIClient().get("/api/v1/me", HTTP_X_API_KEY=secret).status_code == 200


@pytest.mark.parametrize(
    "secret",
    ["", "nb_live_", "nb_live_12345678_short", key_texts.generate().text, "x" * 5000],
    ids=["empty", "prefix alone", "short", "well-formed", "endless"],
)
def test_a_key_that_was_never_issued_is_refused(db, secret):
    answer = APIClient().get("/api/v1/me", HTTP_X_API_KEY=secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_invented_key_does_not_reach_the_database(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        APIClient().get("/api/v1/me", HTTP_X_API_KEY="nb_live_" + "a" * 55)


def test_a_right_id_with_a_wrong_secret_is_refused(alice):
    issued, other = make(alice), key_texts.generate()
    public_id = issued.secret[8:16]
    body = f"nb_live_{public_id}_{other.text[17:-6]}"
    forged = body + key_texts._checksum(body)
    assert key_texts.parse(forged) is not None
    assert outcome(client_with(forged)) == (401, "invalid_credentials")


def test_without_credentials_the_answer_is_401(db):
    answer = APIClient().get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_an_expired_key_stops(alice):
    issued = make(alice, expires_at=timezone.now() + timedelta(hours=1))
    assert outcome(client_with(issued.secret)) == (200, None)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert outcome(client_with(issued.secret)) == (401, "invalid_credentials")


def test_a_blocked_owner_stops_all_keys(alice):
    secret = make(alice).secret
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert outcome(client_with(secret)) == (401, "invalid_credentials")


@pytest.mark.parametrize(
    ("allowed", "address", "expected"),
    [
        (["203.0.113.0/24"], "203.0.113.9", (200, None)),
        (["203.0.113.0/24"], "203.0.114.9", (403, "address_not_allowed")),
        (["203.0.113.9"], "203.0.113.9", (200, None)),
        (["2001:db8::/32"], "2001:db8::5", (200, None)),
        (["2001:db8::/32"], "203.0.113.9", (403, "address_not_allowed")),
        (["203.0.113.9"], "::ffff:203.0.113.9", (200, None)),
    ],
)
def test_a_key_may_be_tied_to_addresses(alice, allowed, address, expected):
    issued = make(alice, allowed_ips=allowed)
    assert outcome(client_with(issued.secret, REMOTE_ADDR=address)) == expected


@override_settings(TRUSTED_PROXIES=1)
def test_a_caller_cannot_choose_the_address_that_we_see(alice):
    secret = make(alice, allowed_ips=["203.0.113.9"]).secret
    spoofed = client_with(secret, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.4")
    assert outcome(spoofed) == (403, "address_not_allowed")
    honest = client_with(secret, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.4, 203.0.113.9")
    assert outcome(honest) == (200, None)


@pytest.mark.parametrize(
    ("scopes", "method", "own", "expected"),
    [
        (["read"], "get", {}, 200),
        (["read"], "post", {}, 403),
        (["generate"], "post", {}, 200),
        (["generate"], "get", {}, 403),
        (["billing"], "get", {}, 403),
        (["read", "generate"], "post", {"POST": "billing"}, 403),
        (["billing"], "post", {"POST": "billing"}, 200),
        (["read", "generate", "billing"], "delete", {}, 200),
    ],
)
def test_a_key_can_do_what_its_scopes_say(alice, scopes, method, own, expected):
    class Probe(APIView):
        scopes = own

        def get(self, request):
            return Response({})

        post = delete = get

    secret = make(alice, scopes).secret
    request = getattr(APIRequestFactory(), method)("/", HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = Probe.as_view()(request)
    assert answer.status_code == expected
    if expected == 403:
        assert answer.data["code"] == "missing_scope"


@pytest.mark.promise("P20")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "me/api-keys"),
        ("post", "me/api-keys"),
        ("get", "me/identities"),
        ("get", "me/sessions"),
        ("patch", "me"),
        ("delete", "me/api-keys/01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e"),
        ("post", "me/api-keys/01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e/rotate"),
    ],
)
def test_a_key_cannot_manage_keys_or_the_account(alice, method, path):
    client = client_with(make(alice, ApiKey.Scope.values).secret)
    answer = getattr(client, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "people_only")


@pytest.mark.promise("P20")
def test_the_secret_is_shown_once(alice, sign_in):
    client = sign_in().client
    body = {"name": "Nightly", "scopes": ["generate", "read"], "caps": {"day": 500}, "allowed_ips": ["203.0.113.9"]}
    created = client.post("/api/v1/me/api-keys", body, format="json")
    assert created.status_code == 201
    assert created["Cache-Control"] == "no-store"
    secret = created.json()["secret"]
    assert outcome(client_with(secret, REMOTE_ADDR="203.0.113.9")) == (200, None)
    listed = client.get("/api/v1/me/api-keys")
    assert secret not in listed.content.decode()
    (shown,) = listed.json()["results"]
    assert shown["last_four"] == secret[-4:]
    assert shown["scopes"] == ["read", "generate"]
    assert shown["caps"] == {"day": 500}
    assert shown["allowed_ips"] == ["203.0.113.9/32"]
    assert shown["last_used_at"] is not None


def test_caps_and_spender_are_what_billing_reads(alice):
    api_key = make(alice, caps={"hour": 10, "total": 0}).api_key
    assert api_key.caps == {"hour": 10, "total": 0}
    assert api_key.spender == f"key:{api_key.id}"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({"caps": {"day": -1}}, "/caps/day"),
        ({"caps": {"day": "many"}}, "/caps/day"),
        ({"allowed_ips": ["example.com"]}, "/allowed_ips/0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
    ],
)
def test_bad_input_makes_no_key(alice, sign_in, change, pointer):
    body = {"name": "Nightly", "scopes": ["read"], **change}
    answer = sign_in().client.post("/api/v1/me/api-keys", body, format="json")
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not ApiKey.objects.exists()


def test_an_unknown_window_is_refused(alice):
    with pytest.raises(InvalidInput):
        make(alice, caps={"week": 5})


def test_rotation_keeps_the_old_secret_for_the_overlap(alice, sign_in):
    issued = make(alice, caps={"total": 5})
    path = f"/api/v1/me/api-keys/{issued.api_key.id}/rotate"
    rotated = sign_in().client.post(path, {"overlap_seconds": 60}, format="json")
    assert rotated.status_code == 200
    assert rotated.json()["id"] == str(issued.api_key.id)
    assert rotated.json()["caps"] == {"total": 5}
    fresh = rotated.json()["secret"]
    assert outcome(client_with(issued.secret)) == (200, None)
    assert outcome(client_with(fresh)) == (200, None)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert outcome(client_with(issued.secret)) == (401, "invalid_credentials")
        assert outcome(client_with(fresh)) == (200, None)


def test_rotating_again_does_not_prolong_older_secrets(alice):
    issued = make(alice)
    api_keys.rotate(user=alice, api_key_id=issued.api_key.id, overlap=timedelta(seconds=10))
    api_keys.rotate(user=alice, api_key_id=issued.api_key.id, overlap=timedelta(days=1))
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert outcome(client_with(issued.secret)) == (401, "invalid_credentials")


def test_rotation_without_overlap_ends_the_old_secret_at_once(alice):
    issued = make(alice)
    api_keys.rotate(user=alice, api_key_id=issued.api_key.id, overlap=timedelta(0))
    assert outcome(client_with(issued.secret)) == (401, "invalid_credentials")


@pytest.mark.promise("P20")
def test_a_revoked_key_stops_at_once_and_for_good(alice, sign_in):
    issued, client = make(alice), sign_in().client
    path = f"/api/v1/me/api-keys/{issued.api_key.id}"
    assert client.delete(path).status_code == 204
    assert outcome(client_with(issued.secret)) == (401, "invalid_credentials")
    assert client.delete(path).status_code == 204
    rotated = client.post(f"{path}/rotate")
    assert (rotated.status_code, rotated.json()["code"]) == (409, "already_revoked")


def test_anothers_key_is_not_found(alice, mallory, sign_in):
    issued = make(alice)
    client = sign_in(mallory.email, "Mallory").client
    path = f"/api/v1/me/api-keys/{issued.api_key.id}"
    assert client.delete(path).status_code == 404
    assert client.post(f"{path}/rotate").status_code == 404
    assert client.get("/api/v1/me/api-keys").json()["results"] == []
    assert outcome(client_with(issued.secret)) == (200, None)


def test_the_owner_is_told_and_the_log_knows(alice):
    issued = make(alice)
    api_keys.rotate(user=alice, api_key_id=issued.api_key.id)
    api_keys.revoke(user=alice, api_key_id=issued.api_key.id)
    kinds = {Notice.Kind.API_KEY_CREATED, Notice.Kind.API_KEY_ROTATED, Notice.Kind.API_KEY_REVOKED}
    assert kinds <= set(alice.notices.values_list("kind", flat=True))
    assert SecurityEvent.objects.filter(user=alice, details__api_key=str(issued.api_key.id)).count() == 3


@override_settings(API_KEYS_PER_USER=2)
def test_a_person_has_so_many_keys_and_revoked_ones_do_not_count(alice):
    first = make(alice)
    make(alice)
    with pytest.raises(TooManyApiKeys):
        make(alice)
    api_keys.revoke(user=alice, api_key_id=first.api_key.id)
    make(alice)


@pytest.mark.django_db(transaction=True)
@override_settings(API_KEYS_PER_USER=3)
def test_parallel_requests_do_not_pass_the_number_of_keys():
    alice = users.join(email="alice@example.com")
    start, refused = threading.Barrier(6), []

    def create():
        start.wait()
        try:
            make(alice)
        except TooManyApiKeys:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ApiKey.objects.count() == 3
    assert len(refused) == 3
