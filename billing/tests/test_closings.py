"""Closing receipts: what has been spent of a prepayment is said once, by the gateway that took the money."""

import pytest
from django.utils import timezone

from accounts.models import User
from billing import selectors_payments
from billing.gateways.base import DisputeReport, DisputeState
from billing.models import Receipt, ReviewCase
from billing.refundable import spent_money, unused
from billing.selectors import balance
from billing.services import closings, disputes, holds, payments, refunds
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids

PRINTERS = ("tbank", "yookassa", "robokassa", "sandbox")
PRICE, TOKENS = 125000, 500  # and 25 given ones


@pytest.fixture
def olga(db):
    return User.objects.create_superuser("olga@example.com", name="Olga")


@pytest.fixture
def pay(bob, shop, gateway_fakes, postman, settings):
    """Buys a package with a receipt of a prepayment."""
    settings.FISCAL_TAX_SYSTEM, settings.FISCAL_VAT_CODE, settings.FISCAL_EMAIL = "osn", "vat122", "shop@example.com"
    gateway_fakes.house.site_url = "http://localhost:8000"

    def start(slug="sandbox"):
        payment = payments.start(
            owner_id=bob.pk, gateway=slug, package="base", currency="RUB", email="bob@example.com", language="en"
        )
        party = gateway_fakes.parties[slug]
        party.act(party.of_reference(str(payment.pk)), "pay")
        postman.bring()
        payment.refresh_from_db()
        return payment

    yield start
    assert_ledger_is_clean()


@pytest.fixture
def make_due(run_jobs, postman):
    """A night goes by; gateways are asked once more about what they were slow with."""

    def run():
        closings.begin()
        run_jobs()
        postman.bring()
        for receipt in Receipt.objects.filter(kind="closing", status="pending").exclude(next_try_at=None):
            Receipt.objects.filter(pk=receipt.pk).update(next_try_at=timezone.now())
            closings.send(receipt.pk)
        return list(Receipt.objects.filter(kind="closing").order_by("created_at", "id"))

    return run


def spend(user, tokens, *, is_done=True):
    hold = ids.new()
    holds.place(owner_id=user.pk, hold_id=hold, amount=tokens, reference=f"generation:{hold}")
    if is_done:
        holds.capture(hold)
    return hold


def sums(receipts):
    return [receipt.lines[0]["amount"] for receipt in receipts]


def test_bought_first_is_spent_first():
    assert [unused(left=200, in_wallet=300, newer=newer) for newer in (0, 200, 400)] == [200, 100, 0]


def test_what_can_be_asked_back_is_never_closed():
    assert spent_money(amount=100, tokens=3, unused_tokens=2, returned=0, closed=0) == 33
    assert spent_money(amount=100, tokens=3, unused_tokens=0, returned=67, closed=33) == 0


@pytest.mark.parametrize("slug", PRINTERS)
def test_spent_tokens_are_closed_by_the_gateway_that_took_the_money(slug, pay, bob, make_due, gateway_fakes):
    payment = pay(slug)
    assert make_due() == []
    spend(bob, 525)
    [receipt] = make_due()
    assert (receipt.status, receipt.lines[0]["amount"]) == ("issued", PRICE)
    line = receipt.lines[0]
    assert (line["settlement"], line["subject"], line["vat"]) == ("full_payment", "service", "vat22")
    assert slug == "sandbox" or receipt.fiscal_document
    payment.refresh_from_db()
    assert payment.closed_amount == PRICE
    assert make_due() == [receipt]
    sale = payment.receipts.get(kind="sale")
    assert (sale.lines[0]["settlement"], sale.lines[0]["vat"]) == ("full_prepayment", "vat122")


@pytest.mark.parametrize("slug", ["tbank", "yookassa", "sandbox"])
def test_each_day_closes_what_was_spent_since_and_the_rest_goes_back(slug, pay, bob, olga, make_due, run_jobs):
    payment = pay(slug)
    spend(bob, 125)
    assert sums(make_due()) == [25000]
    spend(bob, 100)
    assert sums(make_due()) == [25000, 25000]
    assert {receipt.status for receipt in make_due()} == {"issued"}
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="")
    assert make_due()[2:] == []
    refunds.approve(refund, reason="Unused", by=olga)
    run_jobs()
    refund.refresh_from_db()
    # The gift was used, so as many bought tokens are not paid for: they are earned, and closed at the end.
    assert (refund.status, refund.amount) == ("succeeded", 68750)
    if slug != "tbank":
        assert sums(make_due()) == [25000, 25000, PRICE - 50000 - 68750]


def test_robokassa_prints_one_so_it_waits_for_the_end(pay, bob, make_due, gateway_fakes):
    pay("robokassa")
    spend(bob, 300)
    assert make_due() == []
    spend(bob, 225)
    assert sums(make_due()) == [PRICE]
    [asked] = gateway_fakes.robokassa.second_receipts.values()
    assert (asked["payments"], asked["vats"]) == ([{"type": 2, "sum": 1250.0}], [{"type": "vat22", "sum": 225.41}])


def test_the_payment_made_first_is_closed_first_and_the_other_stays_refundable(pay, bob, make_due):
    first, second = pay(), pay()
    spend(bob, 50 + TOKENS)
    [receipt] = make_due()
    assert (receipt.payment, sums([receipt])) == (first, [PRICE])
    assert [selectors_payments.refundable(one).tokens for one in (first, second)] == [0, TOKENS]


def test_running_work_is_not_rendered_yet(pay, bob, make_due):
    pay()
    work = spend(bob, 525, is_done=False)
    assert make_due() == []
    holds.release(work)
    assert make_due() == []
    assert balance(bob.pk).available == 525


@pytest.mark.parametrize("slug", PRINTERS)
@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_answer_never_prints_a_second_one(slug, fault, pay, bob, make_due, gateway_fakes, olga):
    pay(slug)
    spend(bob, 525)
    path = {"tbank": "SendClosing", "robokassa": "Attach"}.get(slug, "/receipts")
    gateway_fakes.parties[slug].fail_next(fault, path=path)
    make_due()
    [receipt] = make_due()
    if slug == "tbank" and fault == "error":
        # Nobody can say whether it was made. A person looks.
        assert (receipt.status, receipt.is_outcome_unknown, receipt.next_try_at) == ("pending", True, None)
        assert ReviewCase.objects.get().kind == "receipt"
        assert make_due() == [receipt]
        closings.send_again(receipt, reason="Not in the cabinet", by=olga)
        [receipt] = make_due()
    assert receipt.status == "issued"
    asked = [one for one in gateway_fakes.parties[slug].requests if path in one.path and one.method == "POST"]
    assert len(asked) == (2 if fault == "error" else 1)


def test_a_refusal_waits_for_staff_who_made_it_by_hand(pay, bob, make_due, gateway_fakes, olga):
    pay("tbank")
    spend(bob, 525)
    gateway_fakes.tbank.refuse_with = "308"
    [receipt] = make_due()
    assert (receipt.status, receipt.raw_status) == ("failed", "308")
    assert ReviewCase.objects.get().details["code"] == "308"
    assert make_due() == [receipt]
    closings.made_elsewhere(receipt, proof="Document 55", by=olga)
    receipt.refresh_from_db()
    assert (receipt.status, receipt.fiscal_document) == ("issued", "Document 55")


def test_while_a_bank_disputes_nothing_is_closed(pay, bob, make_due):
    payment = pay()
    spend(bob, 125)
    disputes.apply(payment.pk, DisputeReport("dp_1", DisputeState.INQUIRY, payment.charge_id, payment.money))
    assert make_due() == []


@pytest.mark.parametrize(("when", "found"), [("never", []), ("monthly", []), ("spent", []), ("daily", [25000])])
def test_when_they_are_made_is_the_operators_choice(when, found, pay, bob, make_due, settings):
    settings.FISCAL_CLOSING = when
    pay()
    spend(bob, 125)
    assert sums(make_due()) == found


def test_a_sale_that_was_settled_at_once_needs_none(pay, bob, make_due, settings):
    settings.FISCAL_PAYMENT_METHOD = "full_payment"
    pay()
    spend(bob, 525)
    assert make_due() == []
