"""Who has not agreed to a changed document orders and buys nothing; everything else stays open (P22)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import selectors as billing
from generations.models import Generation
from legal import selectors
from legal.services import consents

pytestmark = [pytest.mark.django_db, pytest.mark.promise("P22")]
ORDER = {"model": "demo-image", "input": {"prompt": "A lighthouse", "size": "512"}}
PAYMENT = {"amount": 10_000, "gateway": "sandbox"}


@pytest.fixture
def website(catalogue, alice, person_client_of):
    """Alice at her browser. Before the change she had ordered once, and had agreed to the terms of then."""
    client = person_client_of(alice)
    client.first = client.post("/api/v1/generations", ORDER, format="json", HTTP_IDEMPOTENCY_KEY="first").json()["id"]
    return client


@pytest.fixture
def changed(website, alice, terms_that_changed):
    """The version to agree to."""
    first, second = selectors.published("terms").order_by("number")
    consents.record(alice.pk, [first.pk], ip=None, way="sign_up")
    return second


def is_refused(answer):
    problem = answer.json()
    assert [(one["document"], one["number"]) for one in problem["documents"]] == [("terms", 2)]
    assert problem["agree_at"] == "/privacy-center#consents"
    return (answer.status_code, problem["code"], problem["charged"]) == (403, "consent_required", False)


def test_nothing_is_ordered_or_bought_by_page_or_key(website, changed, alice, api_client_of):
    quote = website.post("/api/v1/quotes", ORDER, format="json").json()["id"]
    before = billing.balance(alice.pk)
    for client in (website, api_client_of(alice)):
        assert is_refused(client.post("/api/v1/generations", ORDER, format="json"))
        assert is_refused(client.post("/api/v1/generations", {"quote": quote}, format="json"))
        assert is_refused(client.post("/api/v1/payments", PAYMENT, format="json"))
    assert Generation.objects.count() == 1
    assert billing.balance(alice.pk) == before


def test_reading_exporting_deleting_and_writing_to_support_stay_open(website, changed, alice):
    for path in ("balance", "ledger", "generations", f"generations/{website.first}", "me", "me/privacy", "payments"):
        assert website.get(f"/api/v1/{path}").status_code == 200, path
    assert website.post("/api/v1/me/exports", {}, format="json").status_code == 202
    letter = {"topic": "privacy", "text": "Why did it change?"}
    assert website.post("/api/v1/support-messages", letter, format="json").status_code == 201
    gone = website.post("/api/v1/me/deletion-request", {"confirm": alice.email}, format="json")
    assert (gone.status_code, gone.json()["status"]) == (201, "scheduled")


def test_a_repeated_call_gets_its_first_answer(website, changed):
    again = website.post("/api/v1/generations", ORDER, format="json", HTTP_IDEMPOTENCY_KEY="first")
    assert (again.status_code, again.json()["id"]) == (202, website.first)


def test_who_agrees_orders_again_at_once_with_the_same_key(website, changed):
    send = {"format": "json", "HTTP_IDEMPOTENCY_KEY": "second"}
    assert is_refused(website.post("/api/v1/generations", ORDER, **send))
    agreed = website.post("/api/v1/me/consents", {"versions": [str(changed.pk)]}, format="json")
    assert agreed.json()["wanted"] == []
    assert website.post("/api/v1/generations", ORDER, **send).status_code == 202


def test_others_order_as_before_and_at_no_more_queries(catalogue, alice, bob, terms_that_changed, api_client_of):
    for user in (alice, bob):
        consents.record(user.pk, [selectors.in_force("terms").pk], ip=None, way="again")
    client = api_client_of(alice)
    client.post("/api/v1/generations", ORDER, format="json")
    with CaptureQueriesContext(connection) as queries:
        assert client.post("/api/v1/generations", ORDER, format="json").status_code == 202
    spoken = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(spoken) <= 4, spoken
