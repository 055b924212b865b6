"""A frozen account spends and buys nothing, by any door; what it has begun ends, and what it has stays in sight."""

import pytest

from accounts.services import freezes
from billing import selectors
from generations.models import Generation
from generations.services import lifecycle

pytestmark = pytest.mark.django_db
ORDER = {"model": "demo-image", "input": {"prompt": "A lighthouse", "size": "512"}}


@pytest.fixture
def order(catalogue, alice, person_client_of):
    """What Alice's browser had ordered before she was frozen."""
    client = person_client_of(alice)
    quote = client.post("/api/v1/quotes", ORDER, format="json").json()["id"]
    ordered = client.post("/api/v1/generations", ORDER, format="json", HTTP_IDEMPOTENCY_KEY="first")
    assert ordered.status_code == 202
    client.quote, client.ordered = quote, ordered.json()["id"]
    return client


@pytest.fixture
def freeze(alice, mallory):
    return lambda: freezes.freeze(user=alice, reason="A payment is disputed", by=mallory)


def is_refused(answer):
    problem = answer.json()
    return (answer.status_code, problem["code"], problem["charged"]) == (403, "account_frozen", False)


@pytest.mark.promise("P6")
def test_nothing_is_ordered_by_page_or_key_and_nothing_is_charged(order, freeze, alice, api_client_of):
    program = api_client_of(alice)
    before = selectors.balance(alice.pk)
    freeze()
    for client in (order, program):
        assert is_refused(client.post("/api/v1/generations", ORDER, format="json"))
        assert is_refused(client.post("/api/v1/generations", {"quote": order.quote}, format="json"))
    failed = Generation.objects.get(pk=order.ordered)
    lifecycle.fail(failed, "provider_error")
    assert is_refused(order.post(f"/api/v1/generations/{order.ordered}/retry"))
    assert Generation.objects.count() == 1
    assert selectors.balance(alice.pk).available == before.available + before.held


def test_what_was_ordered_before_ends_and_is_seen(order, freeze, alice):
    freeze()
    Generation.objects.update(status=Generation.Status.SAVING)
    assert lifecycle.succeed(Generation.objects.get(pk=order.ordered), delivered=1, expected=1)
    assert selectors.balance(alice.pk).held == 0
    shown = order.get(f"/api/v1/generations/{order.ordered}").json()
    assert shown["status"] == "succeeded"
    for address in ("generations", "ledger", "balance", "payments", "me/exports"):
        assert order.get(f"/api/v1/{address}").status_code == 200
    assert order.post("/api/v1/me/exports", {}, format="json").status_code in {201, 202}


def test_a_repeated_call_gets_its_first_answer(order, freeze):
    freeze()
    again = order.post("/api/v1/generations", ORDER, format="json", HTTP_IDEMPOTENCY_KEY="first")
    assert (again.status_code, again.json()["id"]) == (202, order.ordered)


def test_nothing_is_bought_and_no_voucher_redeemed(order, freeze):
    freeze()
    wanted = {"amount": 10_000, "gateway": "sandbox"}
    assert is_refused(order.post("/api/v1/payments", wanted, format="json"))
    assert is_refused(order.post("/api/v1/wallet/vouchers", {"code": "ANY"}, format="json"))


def test_unfrozen_orders_again(order, freeze, alice, mallory):
    freeze()
    freezes.unfreeze(user=alice, reason="Cleared", by=mallory)
    assert order.post("/api/v1/generations", {"quote": order.quote}, format="json").status_code == 202
