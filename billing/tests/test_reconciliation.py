"""Every day: their books against ours. What was missed is credited once; the rest is for staff."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from billing.gateways.errors import GatewayUnavailable
from billing.models import Payment, PaymentNotification, ReconciliationRun, ReviewCase
from billing.selectors import balance
from billing.services import payment_notices, payments, reconciliation

pytestmark = pytest.mark.django_db


@pytest.fixture
def compare():
    def run(slug="sandbox"):
        reconciliation.run(slug, timezone.now().date().isoformat())
        return ReconciliationRun.objects.get(gateway=slug)

    return run


def differences(run):
    return sorted((one.kind, one.ours, one.theirs) for one in run.differences.all())


def test_what_was_missed_is_credited_once(buy, bought, bob, gateway_fakes, compare):
    bought(bob)
    missed = buy(bob)
    gateway_fakes.sandbox.act(missed.external_id, "late")
    run = compare()
    assert (run.status, run.compared, run.credited, differences(run)) == ("done", 2, 1, [])
    assert run.ours == run.theirs == {"RUB": 250000}
    assert balance(bob.pk).paid == 1000
    assert compare().credited == 0
    assert balance(bob.pk).paid == 1000


def test_differences_are_listed_for_staff(bought, bob, gateway_fakes, compare):
    gone, changed, strange = bought(bob), bought(bob), bought(bob)
    theirs = gateway_fakes.sandbox.payments
    del theirs[gone.external_id]
    theirs[changed.external_id].amount = Decimal(1)
    theirs["sp_x"] = theirs.pop(strange.external_id)
    theirs["sp_x"].id, theirs["sp_x"].reference = "sp_x", "nobody"
    run = compare()
    assert differences(run) == [
        ("amount", "1250.00 RUB", "1.00 RUB"),
        ("missing_here", "", "1250.00 RUB"),
        ("missing_there", "paid", ""),
        ("missing_there", "paid", ""),
    ]
    assert {case.kind for case in ReviewCase.objects.all()} == {"amount", "unknown_order"}


def test_a_gateway_without_a_list_is_asked_about_each_payment(shop, bob, gateway_fakes, postman, compare):
    payment = payments.start(
        owner_id=bob.pk, gateway="tbank", package="base", currency="RUB", email="bob@example.com", language="en"
    )
    gateway_fakes.tbank.act(payment.external_id, "late")
    run = compare("tbank")
    assert (run.compared, run.credited, differences(run)) == (1, 1, [])
    assert balance(bob.pk).paid == 500


def test_a_dispute_whose_news_was_lost_is_found_and_so_is_its_end(shop, bob, gateway_fakes, postman, compare):
    payment = payments.start(owner_id=bob.pk, gateway="stripe", package="base", currency="USD", language="en")
    party = gateway_fakes.stripe
    party.act(payment.external_id, "pay")
    postman.bring()
    party.act(payment.external_id, "dispute")
    postman.letters.clear()
    assert compare("stripe").status == "done"
    payment.refresh_from_db()
    assert (payment.status, payment.disputes.get().status, balance(bob.pk).available) == ("disputed", "open", 0)
    assert ReviewCase.objects.get().kind == "dispute"
    party.act(payment.external_id, "win")
    postman.letters.clear()
    compare("stripe")
    payment.refresh_from_db()
    assert (payment.status, payment.disputes.get().status, balance(bob.pk).paid) == ("paid", "won", 500)


def test_without_a_list_nowpayments_is_asked_about_each_payment_that_it_told_of(
    shop, bob, gateway_fakes, postman, compare
):
    payment = payments.start(owner_id=bob.pk, gateway="nowpayments", package="base", currency="USD", language="en")
    gateway_fakes.nowpayments.act(payment.external_id, "pay")
    postman.post(postman.letters[0])  # "confirming" arrives, "finished" is lost
    with override_settings(NOWPAYMENTS_EMAIL="", NOWPAYMENTS_PASSWORD=""):
        run = compare("nowpayments")
    assert (run.compared, run.credited, differences(run)) == (1, 1, [])
    assert balance(bob.pk).paid == 500


def test_a_gateway_that_is_away_is_compared_later(bought, bob, compare):
    bought(bob)
    with override_settings(SANDBOX_BASE_URL="http://127.0.0.1:9/sandbox"), pytest.raises(GatewayUnavailable):
        compare()
    assert ReconciliationRun.objects.get().status == "failed"
    assert compare().status == "done"


def test_calls_that_were_nobodys_are_forgotten_after_a_month(bought, bob):
    bought(bob)
    PaymentNotification.objects.create(gateway="sandbox", method="POST", verdict="refused")
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert payment_notices.forget_refused() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert payment_notices.forget_refused() == 1
    assert [one.verdict for one in PaymentNotification.objects.all()] == ["applied"]
    assert Payment.objects.get().status == "paid"
