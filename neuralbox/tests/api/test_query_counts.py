"""How many statements a call may cost: every one is counted, except those that begin and end transactions."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

ORDER = {"model": "demo-image", "input": {"prompt": "A lighthouse"}}
CONTROL = re.compile(r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


@pytest.fixture
def client(catalogue, alice, api_client_of):
    """With a key that has just been used, and everything that a process remembers remembered."""
    client = api_client_of(alice)
    assert client.post("/api/v1/generations", ORDER, format="json").status_code == 202
    return client


def statements(call, expected_status=200):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = call()
    assert answer.status_code == expected_status, answer.content
    return len([query for query in captured.captured_queries if not CONTROL.match(query["sql"])])


def test_an_order_costs_at_most_four(client):
    assert statements(lambda: client.post("/api/v1/generations", ORDER, format="json"), 202) <= 4


def test_one_generation_costs_two(client):
    row = client.get("/api/v1/generations").json()["results"][0]
    assert statements(lambda: client.get(f"/api/v1/generations/{row['id']}")) == 2


@pytest.mark.parametrize("address", ["generations", "ledger", "balance"])
def test_lists_cost_at_most_three_and_do_not_grow_with_rows(client, address):
    few = statements(lambda: client.get(f"/api/v1/{address}"))
    for _ in range(20):
        client.post("/api/v1/generations", ORDER, format="json")
    assert statements(lambda: client.get(f"/api/v1/{address}")) == few <= 3


def test_the_catalogue_costs_at_most_one(client):
    assert statements(lambda: client.get("/api/v1/models")) <= 1
