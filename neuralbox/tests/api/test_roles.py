"""Every address of the API, walked from the document, by those who have no right to it."""

import re

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.services import api_keys
from generations.models import Generation
from neuralbox.core import ids

OPEN_TO_ALL = {
    ("GET", "/models"),
    ("GET", "/models/{slug}"),
    ("GET", "/status"),
    ("GET", "/ledger/verify_statement.py"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
}
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


@pytest.mark.parametrize("trouble", ["revoked", "blocked"])
def test_a_dead_key_opens_nothing(alice, trouble):
    issued = api_keys.create(user=alice, name="dead", scopes=ApiKey.Scope.values)
    if trouble == "revoked":
        api_keys.revoke(user=alice, api_key_id=issued.api_key.pk)
    else:
        type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    answers = {one: call(client, *one, ids.new()).status_code for one in protected()}
    assert set(answers.values()) == {401}, answers


def test_a_key_that_only_reads_changes_nothing(alice):
    issued = api_keys.create(user=alice, name="reads", scopes=["read"])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issued.secret}")
    changing = [one for one in protected() if one[0] != "GET" and one != ("POST", "/auth/token")]
    answers = {one: call(client, *one, ids.new()).status_code for one in changing}
    assert set(answers.values()) == {403}, answers


def test_anothers_generation_is_not_there(catalogue, alice, mallory, api_client_of):
    order = {"model": "demo-image", "input": {"prompt": "A lighthouse"}}
    made = api_client_of(alice).post("/api/v1/generations", order, format="json").json()
    client = api_client_of(mallory)
    here = [one for one in protected() if "{generation_id}" in one[1]]
    answers = {one: call(client, *one, made["id"]).status_code for one in here}
    assert set(answers.values()) == {404}, answers
    row = Generation.objects.get(pk=made["id"])
    assert (row.status, row.hidden) == ("queued", False)
