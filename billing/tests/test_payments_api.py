"""Payments through the API: what is on offer, buying, asking, giving back, vouchers."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from billing.models import LowBalanceAlert, Package, Payment, Voucher
from billing.selectors import balance
from billing.services import holds, low_balance, products
from neuralbox.core import ids

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "postman")]


def test_offers_and_gateways_are_public(client, gateway_fakes):
    offers = client.get("/api/v1/packages").json()
    assert [one["slug"] for one in offers["packages"]] == ["start", "base", "studio", "team"]
    base = offers["packages"][1]
    assert (base["tokens"], base["bonus_tokens"], base["is_featured"]) == (500, 25, True)
    assert {"currency": "RUB", "amount": 125000, "decimals": 2} in base["prices"]
    assert {one["currency"] for one in offers["free_amounts"]} == {"RUB", "USD", "EUR"}
    gateways = client.get("/api/v1/gateways").json()
    sandbox = next(one for one in gateways["gateways"] if one["slug"] == "sandbox")
    assert (sandbox["is_test"], sandbox["currencies"][0]["currency"]) == (True, "RUB")
    assert gateways["refunds"]["promised_hours"] == 48


def test_what_is_not_configured_is_not_offered(client):
    with override_settings(SANDBOX_BASE_URL=""):
        shown = client.get("/api/v1/gateways").json()["gateways"]
    assert "sandbox" not in {one["slug"] for one in shown}


def test_the_vat_is_told_as_the_receipt_will_say_it(client):
    assert "No VAT" in client.get("/api/v1/packages", HTTP_ACCEPT_LANGUAGE="en").json()["vat_note"]
    with override_settings(FISCAL_TAX_SYSTEM="osn", FISCAL_VAT_CODE="vat22"):
        assert "include VAT" in client.get("/api/v1/packages", HTTP_ACCEPT_LANGUAGE="en").json()["vat_note"]


@pytest.mark.promise("P2")
def test_a_payment_from_its_beginning_to_its_refund(api_client_of, bob, gateway_fakes, postman):
    client = api_client_of(bob)
    begun = client.post("/api/v1/payments", {"package": "base", "gateway": "sandbox"}, format="json")
    assert begun.status_code == 201
    payment = begun.json()
    assert payment["redirect_url"].startswith(gateway_fakes.url)
    page = f"/api/v1/payments/{payment['id']}"
    assert client.get(page).json()["refundable"]["why_not"] == "not_paid"
    gateway_fakes.sandbox.act(gateway_fakes.sandbox.of_reference(payment["id"]), "pay")
    postman.bring()
    paid = client.get(page).json()
    assert (paid["status"], paid["redirect_url"]) == ("paid", None)
    assert (paid["refundable"]["amount"], paid["refundable"]["why_not"]) == (125000, None)
    refund = client.post(f"{page}/refund-request", {"reason": "Not needed"}, format="json")
    assert (refund.status_code, refund.json()["status"], refund.json()["amount"]) == (201, "requested", 125000)
    again = client.post(f"{page}/refund-request", {}, format="json")
    assert (again.status_code, again.json()["code"], again.json()["why"]) == (409, "not_refundable", "in_progress")
    [listed] = client.get("/api/v1/payments").json()["results"]
    assert [one["status"] for one in listed["refunds"]] == ["requested"]


def test_a_list_of_payments_costs_the_same_for_many(api_client_of, bob, buy, django_assert_max_num_queries):
    for _ in range(6):
        buy(bob)
    client = api_client_of(bob)
    client.get("/api/v1/payments")
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/payments").json()["results"]) == 6


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"gateway": "sandbox"}, 422, "invalid_input", "/package"),
        ({"package": "base", "amount": 50000, "gateway": "sandbox"}, 422, "invalid_input", "/package"),
        ({"package": "base"}, 422, "invalid_input", "/gateway"),
        ({"package": "base", "gateway": "paypal"}, 422, "gateway_not_usable", None),
        ({"package": "base", "gateway": "sandbox", "currency": "JPY"}, 422, "gateway_not_usable", None),
        ({"package": "none", "gateway": "sandbox"}, 422, "not_offered", None),
        ({"amount": 10, "gateway": "sandbox"}, 422, "amount_out_of_limits", None),
        ({"package": "base", "gateway": "sandbox", "promo_code": "NONE"}, 422, "unusable_code", None),
        ({"package": "base", "gateway": "sandbox", "card": "4111111111111111"}, 422, "invalid_input", "/card"),
    ],
    ids=["nothing", "both", "no-gateway", "gateway", "currency", "package", "too-little", "promo", "card"],
)
def test_what_is_wrong_is_named(api_client_of, bob, body, status, code, pointer):
    answer = api_client_of(bob).post("/api/v1/payments", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if pointer:
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Payment.objects.exists()


def test_when_the_gateway_is_away_the_customer_hears_that_nothing_was_paid(api_client_of, bob, gateway_fakes):
    with override_settings(SANDBOX_BASE_URL="http://127.0.0.1:9/sandbox"):
        answer = api_client_of(bob).post("/api/v1/payments", {"package": "base", "gateway": "sandbox"}, format="json")
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "gateway_unavailable", True)
    assert answer.json()["charged"] is False


def test_promo_codes_make_a_purchase_cheaper_or_larger_once_per_person(api_client_of, bob, alice):
    products.create_promo_code(code="Autumn", discount_percent=20, bonus_percent=10, reason="Autumn", by=alice)
    order = {"package": "start", "gateway": "sandbox", "promo_code": "autumn"}
    bought = api_client_of(bob).post("/api/v1/payments", order, format="json").json()
    assert (bought["full_amount"], bought["amount"], bought["tokens"], bought["bonus_tokens"]) == (
        50000,
        40000,
        200,
        20,
    )
    again = api_client_of(bob).post("/api/v1/payments", order, format="json")
    assert again.json()["code"] == "unusable_code"
    Payment.objects.update(status="expired")
    assert api_client_of(bob).post("/api/v1/payments", order, format="json").status_code == 201


@pytest.mark.parametrize("limit", ["ended", "package", "used-up", "past", "future"])
def test_a_promo_code_has_its_limits(api_client_of, bob, mallory, alice, limit):
    now, terms = timezone.now(), {}
    match limit:
        case "package":
            terms["package"] = Package.objects.get(slug="team")
        case "used-up":
            terms["uses_at_most"] = 1
        case "past":
            terms["ends_at"] = now - timedelta(days=1)
        case "future":
            terms["starts_at"] = now + timedelta(days=1)
    code = products.create_promo_code(code="ONCE", discount_percent=50, reason="Test", by=alice, **terms)
    order = {"package": "start", "gateway": "sandbox", "promo_code": "ONCE"}
    if limit == "ended":
        products.end_promo_code(code, reason="Enough", by=alice)
    if limit == "used-up":
        assert api_client_of(mallory).post("/api/v1/payments", order, format="json").status_code == 201
    answer = api_client_of(bob).post("/api/v1/payments", order, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_code")


def test_a_voucher_gives_its_tokens_once_and_its_code_is_not_kept(person_client_of, bob, mallory, alice):
    _batch, [code] = products.make_vouchers(
        name="Fair", tokens=300, count=1, expires_at=None, reason="For the fair", by=alice
    )
    assert code.encode() not in bytes(Voucher.objects.get().digest)
    answer = person_client_of(bob).post(
        "/api/v1/wallet/vouchers", {"code": code.lower().replace("-", " ")}, format="json"
    )
    assert answer.json() == {"tokens": 300}
    for user in (bob, mallory):
        again = person_client_of(user).post("/api/v1/wallet/vouchers", {"code": code}, format="json")
        assert (again.status_code, again.json()["code"]) == (422, "unusable_code")
    assert balance(bob.pk).bonus == 300


def test_who_wants_to_hears_once_that_tokens_run_out(person_client_of, alice):
    client = person_client_of(alice)
    assert client.put("/api/v1/wallet/alert", {"below": 900}, format="json").json() == {"below": 900}
    assert low_balance.tell() == 0
    hold = ids.new()
    holds.place(owner_id=alice.pk, hold_id=hold, amount=200, reference="generation:1")
    assert (low_balance.tell(), low_balance.tell()) == (1, 0)
    [notice] = [one for one in client.get("/api/v1/me/notices").json()["results"] if one["kind"] == "balance_low"]
    assert "800" in notice["body"]
    holds.release(hold)
    assert low_balance.tell() == 0
    assert LowBalanceAlert.objects.get().told_at is None
    client.put("/api/v1/wallet/alert", {"below": None}, format="json")
    assert client.get("/api/v1/wallet/alert").json() == {"below": None}
