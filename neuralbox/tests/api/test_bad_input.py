"""Bad input: each a clear problem in the caller's language, and nothing has changed."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.services import api_keys
from generations.models import Model, Quote, Upload
from generations.tests import samples
from neuralbox.core import ids

ORDER = {"model": "demo-image", "input": {"prompt": "A lighthouse"}}
OURS = {"accounts", "billing", "generations", "providers", "core"}


@pytest.fixture(params=["en", "ru"])
def language(request):
    return request.param


@pytest.fixture
def client(catalogue, alice, api_client_of):
    client = api_client_of(alice)
    client.get("/api/v1/balance")  # the use of the key is noted before anything is counted
    return client


@pytest.fixture
def person(catalogue, alice, person_client_of):
    return person_client_of(alice)


def contents():
    """How many rows each of our tables has, and all of the money."""
    tables = sorted(model._meta.db_table for model in apps.get_models() if model._meta.app_label in OURS)
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = cursor.fetchone()[0]
        cursor.execute("SELECT * FROM billing_wallet ORDER BY id")
        return found, cursor.fetchall()


def refused(call, status, code, *, language="en"):
    """Calls, and returns the problem: well formed, in this language, and with nothing changed by it."""
    before = contents()
    answer = call()
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert problem["request_id"] == answer["X-Request-ID"] != ""
    assert problem["type"].endswith(f"/developers/errors#{code}")
    assert problem["charged"] is False
    russian = any("а" <= letter <= "я" for letter in problem["title"].casefold())
    assert russian == (language == "ru"), problem["title"]
    assert contents() == before
    return problem


def pointers(problem):
    return sorted(error["pointer"] for error in problem["errors"])


def post(client, body, address="generations", language="en", **headers):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.generic(
        "POST", f"/api/v1/{address}", sent, "application/json", HTTP_ACCEPT_LANGUAGE=language, **headers
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"no json",
        b"\xff\xfe{}",
        b'{"model": NaN}',
        b'{"model": "demo-image", "input": {"prompt": "x", "seed": Infinity}}',
        b'{"model": "demo-image", "input": {"prompt": "x", "seed": 1e999}}',
        b'{"model": "demo-image", "model": "demo-video", "input": {}}',
        b'{"model": "demo-image", "input": {"prompt": "null \\u0000 byte"}}',
        b'{"model": "demo-image", "input": {"null \\u0000 byte": "x"}}',
        b'{"model": "demo-image", "input": {"prompt": "half \\ud83d a pair"}}',
        b'{"model": "demo-image", "input": ' + b"[" * 60 + b"]" * 60 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"model": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: body[:40].decode(errors="replace") + f" ({len(body)})",
)
@pytest.mark.parametrize("address", ["generations", "quotes"])
def test_what_is_no_storable_json(client, body, address, language):
    refused(lambda: post(client, body, address, language), 400, "malformed_json", language=language)


def test_a_written_escape_is_only_text(client):
    assert post(client, {**ORDER, "input": {"prompt": r"how to write \u0000 and \ud800"}}).status_code == 202


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_other_types_of_content(client, content_type, language):
    def call():
        body = json.dumps(ORDER)
        return client.generic("POST", "/api/v1/generations", body, content_type, HTTP_ACCEPT_LANGUAGE=language)

    refused(call, 415, "unsupported_media_type", language=language)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", ["/input", "/model"]),
        ({}, ["/input", "/model"]),
        ({"model": "demo-image"}, ["/input"]),
        ({**ORDER, "colour": "red", "a/b": 1}, ["/a~1b", "/colour"]),
        ({**ORDER, "model": ["demo-image"]}, ["/model"]),
        ({**ORDER, "max_tokens": "many"}, ["/max_tokens"]),
        ({**ORDER, "max_tokens": 0}, ["/max_tokens"]),
        ({**ORDER, "webhook_url": "ftp://example.com/"}, ["/webhook_url"]),
        ({**ORDER, "webhook_url": "javascript:alert(1)"}, ["/webhook_url"]),
        ({**ORDER, "webhook_url": "http://[half"}, ["/webhook_url"]),
        ({**ORDER, "webhook_url": 7}, ["/webhook_url"]),
        ({**ORDER, "metadata": {str(number): "x" for number in range(17)}}, ["/metadata"]),
        ({**ORDER, "metadata": {"n" * 101: "x"}}, ["/metadata"]),
        ({**ORDER, "metadata": {"name": "x" * 501}}, ["/metadata/name"]),
        ({**ORDER, "metadata": {"name": {"deeper": 1}}}, ["/metadata/name"]),
        ({**ORDER, "metadata": {"name": 7}}, ["/metadata/name"]),
        ({**ORDER, "metadata": "text"}, ["/metadata"]),
        ({"quote": "no-uuid"}, ["/quote"]),
        ({"quote": "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba001", **ORDER}, ["/quote"]),
        ([ORDER], ["/"]),
        ("text", ["/"]),
        (None, ["/"]),
        ({**ORDER, "input": "text"}, ["/input"]),
        ({**ORDER, "input": {}}, ["/input/prompt"]),
        ({**ORDER, "input": {"prompt": 7}}, ["/input/prompt"]),
        ({**ORDER, "input": {"prompt": json.loads("[" * 40 + "]" * 40)}}, ["/input"]),
        ({**ORDER, "input": {"prompt": "x", "seed": 10**40}}, ["/input/seed"]),
        ({**ORDER, "max_tokens": 1e300}, ["/max_tokens"]),
        ({**ORDER, "input": {"prompt": "x" * 900_000}}, ["/input"]),
        ({**ORDER, "input": {"prompt": "x", "colour": "red"}}, ["/input/colour"]),
        ({**ORDER, "input": {"prompt": "x", "count": 99}}, ["/input/count"]),
    ],
    ids=lambda value: json.dumps(value)[:60] if not isinstance(value, bytes) else "empty",
)
def test_wrong_fields_are_named(client, body, wrong, language):
    problem = refused(lambda: post(client, body, language=language), 422, "invalid_input", language=language)
    assert pointers(problem) == wrong


def test_a_value_outside_the_models_schema_comes_with_what_is_allowed(client):
    order = {**ORDER, "input": {"prompt": "x", "output_format": "bmp"}}
    for address in ("generations", "quotes"):
        (error,) = refused(lambda: post(client, order, address), 422, "invalid_input")["errors"]  # noqa: B023
        assert (error["pointer"], set(error["allowed"])) == ("/input/output_format", {"png", "webp", "jpeg"})


def test_more_than_a_megabyte_of_text(client, settings, language):
    prompt = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    order = {**ORDER, "input": {"prompt": prompt}}
    refused(lambda: post(client, order, language=language), 413, "body_too_large", language=language)


@pytest.mark.parametrize("trouble", ["expired", "another's", "redeemed", "unknown"])
def test_a_quote_that_is_not_open(client, mallory, api_client_of, trouble, language):
    owner = api_client_of(mallory) if trouble == "another's" else client
    quote = post(owner, ORDER, "quotes").json()["id"]
    if trouble == "expired":
        Quote.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif trouble == "redeemed":
        assert post(client, {"quote": quote}).status_code == 202
    elif trouble == "unknown":
        quote = str(ids.new())
    refused(lambda: post(client, {"quote": quote}, language=language), 409, "quote_not_open", language=language)


def test_an_idempotency_key_with_another_body(client, language):
    assert post(client, ORDER, HTTP_IDEMPOTENCY_KEY="once").status_code == 202
    other = {**ORDER, "input": {"prompt": "Another"}}
    refused(
        lambda: post(client, other, language=language, HTTP_IDEMPOTENCY_KEY="once"),
        422, "idempotency_key_reused", language=language,
    )  # fmt: skip


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tinside", "null\x00inside"])
def test_an_idempotency_key_that_is_none(client, key, language):
    problem = refused(
        lambda: post(client, ORDER, language=language, HTTP_IDEMPOTENCY_KEY=key), 422, "invalid_input",
        language=language,
    )  # fmt: skip
    assert pointers(problem) == ["/Idempotency-Key"]


def test_not_enough_tokens(catalogue, bob, api_client_of, language):
    client = api_client_of(bob)
    client.get("/api/v1/balance")
    problem = refused(lambda: post(client, ORDER, language=language), 402, "insufficient_tokens", language=language)
    assert (problem["needed"] > 0, problem["available"]) == (True, 0)


def test_a_limit_of_the_key(catalogue, alice, language):
    issued = api_keys.create(user=alice, name="poor", scopes=["read", "generate"], caps={"day": 1})
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    client.get("/api/v1/balance")
    problem = refused(lambda: post(client, ORDER, language=language), 402, "spend_cap_reached", language=language)
    assert (problem["window"], problem["limit"], problem["used"]) == ("day", 1, 0)


def test_a_price_above_the_callers_limit(client, language):
    order = {**ORDER, "max_tokens": 1}
    problem = refused(lambda: post(client, order, language=language), 422, "price_above_limit", language=language)
    assert (pointers(problem), problem["tokens"] > 1) == (["/max_tokens"], True)


def test_an_access_token_that_has_expired(person, alice, language):
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        refused(lambda: post(person, ORDER, language=language), 401, "token_expired", language=language)


@pytest.mark.parametrize("trouble", ["revoked", "expired", "misspelt", "half"])
def test_a_key_that_opens_nothing(catalogue, alice, trouble, language):
    issued = api_keys.create(user=alice, name="dead", scopes=ApiKey.Scope.values)
    secret = issued.secret
    if trouble == "revoked":
        api_keys.revoke(user=alice, api_key_id=issued.api_key.pk)
    elif trouble == "expired":
        ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        secret = secret[:-1] + ("a" if secret[-1] != "a" else "b") if trouble == "misspelt" else secret[:12]
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    refused(lambda: post(client, ORDER, language=language), 401, "invalid_credentials", language=language)


def test_models_that_cannot_be_ordered(client, language):
    unknown = {**ORDER, "model": "no-such-model"}
    refused(lambda: post(client, unknown, language=language), 404, "unknown_model", language=language)
    Model.objects.filter(slug="demo-image").update(is_enabled=False)
    for address in ("generations", "quotes"):
        call = lambda: post(client, ORDER, address, language)  # noqa: B023, E731
        assert refused(call, 409, "model_unavailable", language=language)["retryable"] is True


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ("generations?cursor=nonsense", "/cursor"),
        ("generations?cursor=%F0%9F%98%80", "/cursor"),
        ("generations?page_size=0", "/page_size"),
        ("generations?page_size=101", "/page_size"),
        ("generations?page_size=x", "/page_size"),
        ("generations?status=queued,lost", "/status"),
        ("generations?modality=smell", "/modality"),
        ("generations?source=fax", "/source"),
        ("generations?hidden=perhaps", "/hidden"),
        ("generations?created_after=yesterday", "/created_after"),
        ("generations?created_after=0001-01-01T00:00:00%2B14:00", "/created_after"),
        ("generations?created_before=9999-12-31T23:59:59-14:00", "/created_before"),
        ("generations?statuss=failed", "/statuss"),
        ("generations?q=%00", "/q"),
        ("ledger?cursor=nonsense", "/cursor"),
        ("ledger?cursor=cD1hYmM%3D", "/cursor"),
        ("ledger?page_size=0", "/page_size"),
        ("ledger?page_size=101", "/page_size"),
        ("ledger?page_size=x", "/page_size"),
        ("ledger?kind=gift", "/kind"),
        ("ledger/statement?format=pdf", "/format"),
        ("ledger/statement?from=2026-02-30", "/from"),
        ("me/notices?unread=perhaps", "/unread"),
        ("me/notices?cursor=cD1hYmM%3D", "/cursor"),
        ("me/notices?cursor=cD0yMDI2LTAxLTAxJTIwMDAlM0EwMCUzQTAw", "/cursor"),  # a time without its zone
        ("me/notices?page_size=0", "/page_size"),
        ("models?modality=smell", "/modality"),
        ("models?modallity=image", "/modallity"),
    ],
)
def test_wrong_parameters_of_lists(client, address, pointer, language):
    def call():
        return client.get(f"/api/v1/{address}", HTTP_ACCEPT_LANGUAGE=language)

    assert pointers(refused(call, 422, "invalid_input", language=language)) == [pointer]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("generations?status=lost", "queued"),
        ("generations?source=fax", "web"),
        ("generations?hidden=perhaps", "all"),
        ("ledger?kind=gift", "capture"),
        ("ledger/statement?format=pdf", "csv"),
        ("models?modality=smell", "video"),
    ],
)
def test_an_unknown_filter_value_comes_with_what_is_allowed(client, address, allowed):
    (error,) = client.get(f"/api/v1/{address}").json()["errors"]
    assert allowed in error["allowed"]


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=cD0x", "page_size=0", "page_size=101", "page_size=x"])
def test_wrong_parameters_of_deliveries(person, query):
    endpoint = post(person, {"url": "https://example.com/hook"}, "webhook-endpoints").json()["id"]
    problem = refused(
        lambda: person.get(f"/api/v1/webhook-endpoints/{endpoint}/deliveries?{query}"), 422, "invalid_input"
    )
    assert pointers(problem) == ["/" + query.partition("=")[0]]


@pytest.mark.parametrize(
    ("method", "address", "body", "wrong"),
    [
        ("PATCH", "me", {"nick": "Al"}, ["/nick"]),
        ("PATCH", "me", {"language": "fr"}, ["/language"]),
        ("PATCH", "me", {"theme": 1}, ["/theme"]),
        ("PATCH", "me", {"notice_settings": {"weather": True}}, ["/notice_settings/weather"]),
        ("PATCH", "me", {"name": "x" * 151}, ["/name"]),
        ("POST", "me/api-keys", {"name": "k", "scopes": ["everything"]}, ["/scopes/0"]),
        ("POST", "me/api-keys", {"name": "k", "scopes": ["read"], "cap": {}}, ["/cap"]),
        ("POST", "me/api-keys", {"name": "k", "scopes": ["read"], "caps": {"week": 1}}, ["/caps/week"]),
        ("POST", "me/api-keys", {"name": "k", "scopes": ["read"], "allowed_ips": ["home"]}, ["/allowed_ips/0"]),
        ("POST", "me/api-keys", {"scopes": []}, ["/name", "/scopes"]),
        ("PUT", "wallet/caps", {"day": -1, "hour": "x"}, ["/day", "/hour"]),
        ("PUT", "wallet/caps", {"week": 1}, ["/week"]),
        ("POST", "webhook-endpoints", {"url": "ftp://example.com/"}, ["/url"]),
        ("POST", "webhook-endpoints", {"url": "https://example.com/", "events": ["sunset"]}, ["/events/0"]),
        ("POST", "webhook-endpoints", {"url": "https://example.com/", "enabled": "perhaps"}, ["/enabled"]),
        ("POST", "generations/hide", {"ids": ["1"]}, ["/ids/0"]),
        ("POST", "generations/hide", {"ids": []}, ["/ids"]),
        ("POST", "auth/refresh", {"refresh": "x", "token": "y"}, ["/token"]),
    ],
)
def test_wrong_fields_elsewhere(person, method, address, body, wrong, language):
    def call():
        sent = json.dumps(body)
        return person.generic(method, f"/api/v1/{address}", sent, "application/json", HTTP_ACCEPT_LANGUAGE=language)

    assert pointers(refused(call, 422, "invalid_input", language=language)) == wrong


def test_a_wrong_choice_of_a_field_comes_with_what_is_allowed(person):
    keys = post(person, {"name": "k", "scopes": ["read", "everything"]}, "me/api-keys").json()["errors"]
    assert [(error["pointer"], error["allowed"]) for error in keys] == [("/scopes/1", ApiKey.Scope.values)]


def test_an_endpoint_can_be_added_switched_off(person):
    added = post(person, {"url": "https://example.com/hook", "enabled": False}, "webhook-endpoints")
    assert (added.status_code, added.json()["enabled"]) == (201, False)


def zip_bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(5_000_000))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "mime", "content", "status", "code"),
    [
        ("photo.png", "image/png", b"#!/bin/sh\necho", 415, "unsupported_file_type"),
        ("photo.png", "image/png", zip_bomb(), 415, "unsupported_file_type"),
        ("photo.png", "image/png", samples.png_of(60_000, 60_000), 422, "file_beyond_limits"),
        ("photo.jpg", "image/jpeg", b"", 422, "unreadable_file"),
    ],
    ids=["mislabelled", "zip bomb", "decompression bomb", "empty"],
)
def test_files_that_are_not_what_they_seem(client, name, mime, content, status, code, language):
    def call():
        file = SimpleUploadedFile(name, content, mime)
        return client.post("/api/v1/uploads", {"file": file}, format="multipart", HTTP_ACCEPT_LANGUAGE=language)

    refused(call, status, code, language=language)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("method", "address"),
    [("PUT", "generations"), ("DELETE", "balance"), ("POST", "models"), ("GET", "quotes"), ("PATCH", "uploads")],
)
def test_methods_that_an_address_has_not(client, method, address, language):
    def call():
        return client.generic(method, f"/api/v1/{address}", "{}", "application/json", HTTP_ACCEPT_LANGUAGE=language)

    refused(call, 405, "method_not_allowed", language=language)


@pytest.mark.parametrize("address", ["nowhere", "generations/1", "generations/no-uuid/cancel"])
def test_addresses_that_are_not_there(client, address, language):
    refused(
        lambda: client.get(f"/api/v1/{address}", HTTP_ACCEPT_LANGUAGE=language), 404, "not_found", language=language
    )
