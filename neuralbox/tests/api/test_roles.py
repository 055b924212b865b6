"""Every address of the API, walked from the document, by those who have no right to it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.services import api_keys
from billing import selectors
from neuralbox.core import ids
from neuralbox.tests.api.conftest import ORDER

OPEN_TO_ALL = {
    ("GET", "/models"),
    ("GET", "/models/{slug}"),
    ("GET", "/models/{slug}/choices/{setting}"),
    ("GET", "/status"),
    ("GET", "/ledger/verify_statement.py"),
    ("GET", "/packages"),
    ("GET", "/gateways"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("POST", "/support-messages"),
}
EXCHANGE = ("POST", "/auth/token")
METHODS = {"get", "post", "put", "patch", "delete"}


def operations():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    found = {(method.upper(), path) for path, here in paths.items() for method in here if method in METHODS}
    return sorted((method, path.removeprefix("/api/v1")) for method, path in found)


def call(client, method, path, filled):
    address = "/api/v1" + re.sub(r"\{\w+\}", str(filled), path)
    return client.generic(method, address, "{}", content_type="application/json")


def protected():
    return [one for one in operations() if one not in OPEN_TO_ALL]


def test_nobody_is_asked_to_sign_in_everywhere(db):
    assert len(protected()) > 30
    answers = {one: call(APIClient(), *one, ids.new()).status_code for one in protected()}
    assert set(answers.values()) == {401}, answers


@pytest.mark.parametrize("trouble", ["revoked", "expired", "blocked"])
def test_a_dead_key_opens_nothing(alice, trouble):
    issued = api_keys.create(user=alice, name="dead", scopes=ApiKey.Scope.values)
    if trouble == "revoked":
        api_keys.revoke(user=alice, api_key_id=issued.api_key.pk)
    elif trouble == "expired":
        ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    answers = {one: call(client, *one, ids.new()).status_code for one in protected()}
    assert set(answers.values()) == {401}, answers


def test_a_key_that_only_reads_changes_nothing(alice):
    issued = api_keys.create(user=alice, name="reads", scopes=["read"])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    changing = [one for one in protected() if one[0] != "GET" and one != EXCHANGE]
    answers = {one: call(client, *one, ids.new()).status_code for one in changing}
    assert set(answers.values()) == {403}, answers


def test_an_expired_access_token_opens_nothing(alice, person_client_of):
    client = person_client_of(alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answers = {one: call(client, *one, ids.new()).json().get("code") for one in protected() if one != EXCHANGE}
    assert set(answers.values()) == {"token_expired"}, answers


def test_a_key_that_only_generates_reads_nothing_and_manages_nothing(catalogue, alice):
    issued = api_keys.create(user=alice, name="orders", scopes=["generate"])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    reading = {one: call(client, *one, ids.new()).status_code for one in protected() if one[0] == "GET"}
    assert set(reading.values()) == {403}, reading
    managed = ("/me", "/wallet", "/webhook-endpoints")
    managing = [one for one in protected() if one[0] != "GET" and one[1].startswith(managed)]
    answers = {one: call(client, *one, ids.new()).status_code for one in managing}
    assert len(managing) > 8
    assert set(answers.values()) == {403}, answers
    assert client.post("/api/v1/generations", ORDER, format="json").status_code == 202


def test_no_key_manages_what_is_for_people(alice, api_client_of):
    client = api_client_of(alice)
    for path in ("/me/api-keys", "/me/sessions", "/me/identities", "/webhook-endpoints", "/wallet/caps"):
        answer = call(client, "GET", path, "")
        assert (answer.status_code, answer.json()["code"]) == (403, "people_only"), path


def everything_of(user):
    """All that `user` owns, as the database has it."""
    found = {}
    for model in apps.get_models():
        owner = next((name for name in ("user", "owner") if name in {f.name for f in model._meta.fields}), None)
        if owner and model._meta.app_label in {"accounts", "billing", "generations", "legal"}:
            found[model._meta.label] = list(model.objects.filter(**{owner: user}).order_by("pk").values())
    return found


@pytest.mark.parametrize("who", ["a person", "a key", "a member of staff"])
def test_anothers_things_are_not_there(hers, alice, mallory, api_client_of, person_client_of, who):
    if who == "a member of staff":
        type(mallory).objects.filter(pk=mallory.pk).update(is_staff=True, is_superuser=True)
    client = api_client_of(mallory) if who == "a key" else person_client_of(mallory)
    before = everything_of(alice)
    answers = {}
    for method, path in protected():
        names = re.findall(r"\{(\w+)\}", path)
        if not names:
            continue
        address = "/api/v1" + re.sub(r"\{(\w+)\}", lambda match: str(hers[match[1]]), path)
        answers[method, path] = client.generic(method, address, "{}", content_type="application/json")
    assert {name for _method, path in answers for name in re.findall(r"\{(\w+)\}", path)} == hers.keys() - {"quote"}
    for one, answer in answers.items():
        kept_from_keys = who == "a key" and answer.json()["code"] == "people_only"
        assert answer.status_code == 404 or kept_from_keys, (one, answer.content)
    assert everything_of(alice) == before


def test_anothers_quote_and_upload_cannot_be_used(hers, alice, mallory, api_client_of):
    client = api_client_of(mallory)
    before = everything_of(alice)
    taken = client.post("/api/v1/generations", {"quote": hers["quote"]}, format="json")
    assert (taken.status_code, taken.json()["code"]) == (409, "quote_not_open")
    edit = {"model": "demo-image-edit", "input": {"prompt": "Blue", "image": {"upload": hers["upload_id"]}}}
    for address in ("quotes", "generations"):
        answer = client.post(f"/api/v1/{address}", edit, format="json")
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/input/image"]
    hidden = client.post("/api/v1/generations/hide", {"ids": [hers["generation_id"]]}, format="json")
    assert hidden.json() == {"count": 0}
    assert everything_of(alice) == before
    assert selectors.balance(mallory.pk).available == 1000


def test_lists_show_only_ones_own(hers, mallory, person_client_of):
    client = person_client_of(mallory)
    for address in ("generations", "ledger", "me/notices", "me/api-keys", "me/sessions", "webhook-endpoints"):
        shown = client.get(f"/api/v1/{address}").content.decode()
        assert not [name for name, one in hers.items() if str(one) in shown], address
