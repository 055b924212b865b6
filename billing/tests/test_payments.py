"""Payments: begun, paid, refused, late, lost; whatever happens, tokens come once and only for money."""

from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from accounts.models import Notice
from billing.errors import AmountOutOfLimits, GatewayNotUsable, GatewayTrouble, NotOffered, PaymentRefused
from billing.gateways.base import Money, PaymentReport, PaymentState
from billing.models import Payment, PaymentEvent, PaymentNotification, ReviewCase
from billing.selectors import balance
from billing.services import payment_polls, payment_reports, payments, reviews
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core.errors import InvalidInput

pytestmark = pytest.mark.django_db
QUERY = PaymentEvent.Source.QUERY


def report(payment, state=PaymentState.PAID, **changes):
    told = {"external_id": payment.external_id, "amount": payment.money, "shop": "sandbox", "test": True}
    return PaymentReport(state=state, **(told | changes))


def apply(payment, *reports):
    verdicts = [payment_reports.apply(payment.pk, one, source=QUERY) for one in reports]
    payment.refresh_from_db()
    return verdicts[-1]


@pytest.mark.promise("P5")
def test_a_package_is_bought_and_its_tokens_come_once(buy, postman, gateway_fakes, bob, run_jobs):
    payment = buy(bob)
    assert (payment.status, payment.amount, payment.currency) == ("pending", 125000, "RUB")
    assert payment.redirect_url.startswith(gateway_fakes.url)
    gateway_fakes.sandbox.act(payment.external_id, "twice")
    assert len(postman.letters) == 2
    assert {answer.status_code for answer in postman.bring()} == {200}
    payment.refresh_from_db()
    assert payment.status == "paid"
    assert (balance(bob.pk).paid, balance(bob.pk).bonus) == (500, 25)
    assert [one.verdict for one in PaymentNotification.objects.order_by("received_at")] == ["applied", "repeated"]
    run_jobs()
    [notice] = Notice.objects.filter(user=bob, kind="payment_received")
    assert notice.details == {"tokens": 525}
    assert_ledger_is_clean()


def test_a_free_amount_buys_whole_tokens(buy, bob):
    payment = buy(bob, package="", amount=50_199, currency="RUB")
    assert (payment.amount, payment.tokens, payment.bonus_tokens) == (50_199, 200, 0)


def test_what_cannot_be_bought_is_refused_before_the_redirect(buy, bob, gateway_fakes):
    with pytest.raises(NotOffered):
        buy(bob, "nothing-like-it")
    with pytest.raises(AmountOutOfLimits) as refusal:
        buy(bob, package="", amount=1, currency="RUB")
    assert refusal.value.extra["minimum"] == 10_000
    with pytest.raises(GatewayNotUsable):
        buy(bob, currency="JPY")
    with pytest.raises(GatewayNotUsable), override_settings(SANDBOX_BASE_URL=""):
        buy(bob)
    assert not Payment.objects.exists()
    assert not gateway_fakes.sandbox.requests


@override_settings(FISCAL_TAX_SYSTEM="usn_income", FISCAL_VAT_CODE="vat5")
def test_where_a_receipt_is_due_an_address_for_it_is_needed(buy, bob):
    with pytest.raises(InvalidInput) as refusal:
        buy(bob)
    assert [error.pointer for error in refusal.value.errors] == ["/email"]
    payment = buy(bob, email="bob@example.com")
    assert payment.receipt_terms == {
        "tax_system": "usn_income", "vat": "vat5", "subject": "service", "settlement": "full_prepayment",
    }  # fmt: skip


def test_when_the_gateway_is_away_nothing_was_paid_and_the_customer_hears_it(buy, bob, gateway_fakes):
    gateway_fakes.sandbox.fail_next("limit", times=9)
    with pytest.raises((GatewayTrouble, PaymentRefused)):
        buy(bob)
    assert Payment.objects.get().status == "failed"


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_answer_is_no_failure_the_same_order_is_sent_again(buy, bob, gateway_fakes, fault):
    gateway_fakes.sandbox.fail_next(fault, path="/payments", times=9)
    payment = buy(bob)
    assert (payment.status, payment.redirect_url) == ("created", "")
    gateway_fakes.sandbox._faults.clear()
    payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.status == "pending"
    assert len(gateway_fakes.sandbox.payments) == 1


def test_money_that_came_while_the_answer_was_lost_is_credited(buy, postman, bob, gateway_fakes):
    gateway_fakes.sandbox.fail_next("lost", path="/payments", times=9)
    payment = buy(bob)
    [known] = gateway_fakes.sandbox.payments.values()
    gateway_fakes.sandbox.act(known, "pay")
    postman.bring()
    payment.refresh_from_db()
    assert (payment.status, payment.external_id, balance(bob.pk).paid) == ("paid", known.id, 500)


def test_a_refused_payment_can_still_be_paid(buy, bob):
    payment = buy(bob)
    assert apply(payment, report(payment, PaymentState.FAILED, failure="no money")) == "applied"
    assert (payment.status, payment.failure) == ("failed", "no money")
    assert apply(payment, report(payment)) == "applied"
    assert (payment.status, payment.failure, balance(bob.pk).paid) == ("paid", "", 500)


def test_late_news_of_a_lower_state_changes_nothing(buy, bob):
    payment = buy(bob)
    apply(payment, report(payment))
    for state in (PaymentState.PENDING, PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.EXPIRED):
        assert apply(payment, report(payment, state)) == "ignored"
    assert (payment.status, balance(bob.pk).paid) == ("paid", 500)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"amount": Money(100, "RUB")}, "amount"),
        ({"amount": Money(125000, "USD")}, "currency"),
        ({"amount": None}, "amount"),
        ({"shop": "another"}, "shop"),
        ({"test": False}, "test"),
        ({"external_id": "sp_other"}, "repeated_deposit"),
        ({"received": Money(60000, "RUB")}, "underpaid"),
        ({"review": "partial_payment"}, "partial_payment"),
        ({"review": "wrong_coin"}, "wrong_coin"),
        ({"review": "something new"}, "partial_payment"),
    ],
    ids=["sum", "currency", "no-sum", "shop", "test", "number", "received", "partial", "coin", "unheard-of"],
)
def test_what_does_not_fit_moves_no_token_and_goes_before_staff_once(buy, bob, wrong, kind):
    payment = buy(bob)
    assert apply(payment, report(payment, **wrong), report(payment, **wrong)) == "review"
    assert (payment.status, balance(bob.pk).paid) == ("pending", 0)
    assert [case.kind for case in ReviewCase.objects.all()] == [kind]


def test_staff_credit_what_no_rule_could_decide(buy, bob, alice):
    payment = buy(bob)
    apply(payment, report(payment, review="partial_payment"))
    case = ReviewCase.objects.get()
    reviews.resolve(case, resolution="credited", note="The rest came by hand", by=alice)
    payment.refresh_from_db()
    assert (payment.status, balance(bob.pk).paid) == ("paid", 500)


def test_a_surplus_is_credited_as_ordered_and_told_to_staff(buy, bob):
    payment = buy(bob)
    assert apply(payment, report(payment, received=Money(130000, "RUB"))) == "applied"
    assert balance(bob.pk).paid == 500
    assert ReviewCase.objects.get().kind == "surplus"


def test_a_second_deposit_for_one_payment_is_not_a_second_credit(buy, bob):
    payment = buy(bob)
    apply(payment, report(payment, charge_id="one"))
    assert apply(payment, report(payment, charge_id="two")) == "review"
    assert (ReviewCase.objects.get().kind, balance(bob.pk).paid) == ("repeated_deposit", 500)


def test_i_paid_but_got_nothing_is_settled_at_once(buy, bob, gateway_fakes, postman):
    payment = buy(bob)
    gateway_fakes.sandbox.act(payment.external_id, "late")
    assert postman.letters == []
    assert payment_polls.check(payment).status == "paid"
    asked = len(gateway_fakes.sandbox.requests)
    payment_polls.check(payment)
    assert len(gateway_fakes.sandbox.requests) == asked
    assert balance(bob.pk).paid == 500


def test_open_payments_are_asked_about_with_growing_pauses(buy, bob, run_jobs, gateway_fakes):
    payment = buy(bob)
    pauses, moment = [], timezone.now()
    for _ in range(5):
        payment.refresh_from_db()
        pauses.append((payment.next_poll_at - moment).total_seconds())
        moment = payment.next_poll_at + timedelta(seconds=1)
        with time_machine.travel(moment, tick=False):
            payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.polls == 5
    assert pauses[1:] == sorted(pauses[1:])
    assert pauses[-1] >= 100


def test_the_sweep_finds_what_is_due_and_each_payment_once(buy, bob, gateway_fakes):
    payment = buy(bob)
    gateway_fakes.sandbox.act(payment.external_id, "late")
    assert payment_polls.begin_due() == 0
    Payment.objects.update(next_poll_at=timezone.now())
    assert payment_polls.begin_due() == 1
    assert payment_polls.begin_due() == 0


def test_nobody_pays_after_the_end_and_late_money_is_taken_all_the_same(buy, bob, gateway_fakes, postman):
    payment = buy(bob)
    with time_machine.travel(payment.expires_at + timedelta(minutes=6), tick=False):
        payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.status == "expired"
    assert gateway_fakes.sandbox.payments[payment.external_id].status == "cancelled"
    assert apply(payment, report(payment)) == "applied"
    assert (payment.status, balance(bob.pk).paid) == ("paid", 500)


def test_each_payment_has_a_number_for_people_and_for_robokassa(buy, bob):
    first, second = buy(bob), buy(bob)
    assert 1000 < first.number < second.number < 2**31
    assert payments.order_of(second).number == second.number
