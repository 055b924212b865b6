"""Ends of a payment beside the usual one, at each gateway that has them, from its page to our books."""

import pytest
from django.test import override_settings
from django.utils import timezone

from billing.models import Payment, Receipt, ReviewCase
from billing.selectors import balance
from billing.services import payment_polls, payments, reconciliation
from billing.tests.helpers import assert_ledger_is_clean

pytestmark = pytest.mark.django_db

CURRENCIES = {
    "tbank": "RUB",
    "yookassa": "RUB",
    "robokassa": "RUB",
    "stripe": "USD",
    "cryptocloud": "RUB",
    "nowpayments": "USD",
    "sandbox": "RUB",
}
SLUGS = tuple(CURRENCIES)


@pytest.fixture(autouse=True)
def _books(shop):
    yield
    assert_ledger_is_clean()


@pytest.fixture
def begin(bob, gateway_fakes, postman):
    """Begins a payment by a gateway; gives our row and what the stand-in has of it."""
    gateway_fakes.house.site_url = "http://localhost:8000"

    def start(slug):
        with override_settings(FISCAL_TAX_SYSTEM="osn", FISCAL_VAT_CODE="vat122", FISCAL_EMAIL="shop@example.com"):
            payment = payments.start(
                owner_id=bob.pk,
                gateway=slug,
                package="base",
                currency=CURRENCIES[slug],
                email="bob@example.com",
            )
        assert payment.redirect_url.startswith(gateway_fakes.url)
        return payment, gateway_fakes.parties[slug].of_reference(str(payment.pk))

    return start


@pytest.fixture
def pay(begin, gateway_fakes, postman):
    def start(slug, action="pay"):
        payment, theirs = begin(slug)
        gateway_fakes.parties[slug].act(theirs, action)
        postman.bring()
        payment.refresh_from_db()
        return payment, theirs

    return start


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "cryptocloud"])
def test_a_payment_that_was_declined_credits_nothing(slug, pay, bob):
    payment, _ = pay(slug, "decline")
    payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.status in {Payment.Status.FAILED, Payment.Status.CANCELLED, Payment.Status.PENDING}
    assert balance(bob.pk).available == 0
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_day_agrees_with_theirs(slug, pay, bob):
    pay(slug)
    day = timezone.now().date().isoformat()
    reconciliation.run(slug, day)
    run = reconciliation.ReconciliationRun.objects.get()
    assert (run.status, list(run.differences.values_list("kind", flat=True))) == ("done", [])
    assert run.ours == run.theirs == {CURRENCIES[slug]: sum(run.ours.values())}


@pytest.mark.parametrize("slug", ["tbank", "yookassa", "stripe", "sandbox"])
def test_a_refund_from_their_cabinet_takes_the_tokens_back(slug, pay, bob, gateway_fakes, postman):
    payment, theirs = pay(slug)
    gateway_fakes.parties[slug].act(theirs, "give_back")
    postman.bring()
    payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.status == Payment.Status.REFUNDED
    assert balance(bob.pk).available == 0


@pytest.mark.parametrize("slug", ["tbank", "yookassa"])
def test_the_receipt_is_shown_with_its_state(slug, pay):
    payment, _ = pay(slug)
    payment_polls.ask(payment.pk)
    receipt = Receipt.objects.get(payment=payment)
    assert receipt.status == "issued"
    assert receipt.lines[0]["vat"] == "vat122"


@pytest.mark.parametrize(("action", "kind"), [("part", "partial_payment"), ("more", "surplus")])
@pytest.mark.parametrize("slug", ["cryptocloud", "nowpayments"])
def test_too_little_and_too_much_are_seen_by_a_person(slug, action, kind, pay, bob):
    payment, _ = pay(slug, action)
    assert [case.kind for case in ReviewCase.objects.all()] == [kind]
    assert balance(bob.pk).available == (525 if action == "more" else 0)
    assert (payment.status == Payment.Status.PAID) == (action == "more")
