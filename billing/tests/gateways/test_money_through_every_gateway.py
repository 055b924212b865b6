"""A payment and its refund by each gateway, from the order to the books, over the real addresses of the site."""

import logging
import re

import pytest
from django.apps import apps
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from billing.fakes import environment
from billing.gateways import masking, registry
from billing.gateways.base import Refunds
from billing.models import Payment, PaymentNotification, Receipt, Refund, ReviewCase
from billing.selectors import balance
from billing.services import payment_polls, payments, reconciliation, refunds
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
CARDS = ("4111111111111111", "5555 5555 5555 4444", "2200-0000-0000-0004")


@pytest.fixture(autouse=True)
def _books(shop):
    yield
    assert_ledger_is_clean()


@pytest.fixture
def olga():
    return User.objects.create_superuser("olga@example.com", name="Olga")


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
        answers = postman.bring()
        payment.refresh_from_db()
        return payment, theirs, answers

    return start


@pytest.mark.parametrize("slug", SLUGS)
def test_a_payment_that_is_told_twice_is_credited_once(slug, pay, bob, gateway_fakes):
    payment, _, answers = pay(slug, "twice")
    party = gateway_fakes.parties[slug]
    assert answers
    assert all(party.is_accepted(answer.status_code, answer.content.decode()) for answer in answers)
    assert payment.status == Payment.Status.PAID
    assert balance(bob.pk).available == 525
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_payment_whose_notification_is_lost_is_found_by_asking(slug, begin, bob, gateway_fakes, settings):
    payment, theirs = begin(slug)
    gateway_fakes.parties[slug].act(theirs, "late")
    payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.status == Payment.Status.PAID
    assert balance(bob.pk).available == 525


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "cryptocloud"])
def test_a_payment_that_was_declined_credits_nothing(slug, pay, bob):
    payment, _, _ = pay(slug, "decline")
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


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if registry.gateway(slug).facts.refunds != Refunds.NONE])
def test_the_money_goes_back(slug, pay, bob, olga, run_jobs, gateway_fakes, postman):
    payment, theirs, _ = pay(slug)
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="Not needed")
    refunds.approve(refund, reason="Unused", by=olga)
    run_jobs()
    if slug == "robokassa":
        (their_refund,) = gateway_fakes.robokassa.refunds.values()
        their_refund.status = "finished"
        Refund.objects.update(next_poll_at=timezone.now())
        payment_polls.begin_due()
        run_jobs()
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.status) == (Refund.Status.SUCCEEDED, Payment.Status.REFUNDED)
    assert theirs.refunded == theirs.amount
    assert balance(bob.pk).available == 0
    payment_polls.ask(payment.pk)
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize("slug", ["cryptocloud", "nowpayments"])
def test_coins_go_back_by_hand(slug, pay, bob, olga):
    payment, _, _ = pay(slug)
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="Not needed")
    refunds.approve(refund, reason="Unused", by=olga)
    refunds.record_payout(refund, proof="transaction 0xabc", by=olga)
    payment.refresh_from_db()
    assert payment.status == Payment.Status.REFUNDED


@pytest.mark.parametrize("slug", ["tbank", "yookassa", "stripe", "sandbox"])
def test_a_refund_from_their_cabinet_takes_the_tokens_back(slug, pay, bob, gateway_fakes, postman):
    payment, theirs, _ = pay(slug)
    gateway_fakes.parties[slug].act(theirs, "give_back")
    postman.bring()
    payment_polls.ask(payment.pk)
    payment.refresh_from_db()
    assert payment.status == Payment.Status.REFUNDED
    assert balance(bob.pk).available == 0


@pytest.mark.parametrize("slug", ["tbank", "yookassa"])
def test_the_receipt_is_shown_with_its_state(slug, pay):
    payment, _, _ = pay(slug)
    payment_polls.ask(payment.pk)
    receipt = Receipt.objects.get(payment=payment)
    assert receipt.status == "issued"
    assert receipt.lines[0]["vat"] == "vat122"


@pytest.mark.parametrize(("action", "kind"), [("part", "partial_payment"), ("more", "surplus")])
@pytest.mark.parametrize("slug", ["cryptocloud", "nowpayments"])
def test_too_little_and_too_much_are_seen_by_a_person(slug, action, kind, pay, bob):
    payment, _, _ = pay(slug, action)
    assert [case.kind for case in ReviewCase.objects.all()] == [kind]
    assert balance(bob.pk).available == (525 if action == "more" else 0)
    assert (payment.status == Payment.Status.PAID) == (action == "more")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_forged_notification_changes_nothing(slug, begin, bob, gateway_fakes, postman):
    payment, theirs = begin(slug)
    party = gateway_fakes.parties[slug]
    party.act(theirs, "pay")
    forged = [
        (method, url.partition("?")[0], {"Content-Type": headers["Content-Type"]}, b'{"forged": true}')
        for method, url, headers, _ in postman.letters
    ]
    postman.letters = forged
    assert all(400 <= answer.status_code < 500 for answer in postman.bring())
    payment.refresh_from_db()
    assert payment.status in Payment.OPEN
    assert set(PaymentNotification.objects.values_list("verdict", flat=True)) == {"refused"}


def test_no_card_and_no_secret_is_kept_anywhere(pay, gateway_fakes, postman, caplog):
    """Every notification of every gateway, then each kind again with card numbers in it; then every text we have."""
    caplog.set_level(logging.DEBUG)
    planted = f'{{"pan": "{CARDS[0]}", "note": "card {CARDS[1]}", "{CARDS[2]}": "x"}}'.encode()
    for slug in SLUGS:
        party = gateway_fakes.parties[slug]
        _, theirs, _ = pay(slug)
        for action in party.actions(theirs):
            party.act(theirs, action)
        postman.bring()
        sent = party.deliveries[-1]
        for body in (planted, sent.body[:-1] + b", " + planted[1:], sent.body + f"&card={CARDS[0]}".encode()):
            postman.letters.append((sent.method, sent.url, dict(sent.headers), body))
        postman.bring()
    stored = PaymentNotification.objects.values_list("gateway", "verdict")
    assert {slug for slug, verdict in stored if verdict == "applied"} == set(SLUGS)
    assert {slug for slug, verdict in stored if verdict == "refused"} == set(SLUGS)
    secrets = [value for name, value in environment(gateway_fakes.url).items() if _is_secret(name)]
    secrets += [re.sub(r"[ -]", "", card) for card in CARDS] + list(CARDS)
    for party in gateway_fakes.parties.values():
        for sent in party.deliveries:
            secrets += [value for name, value in sent.headers.items() if name != "Content-Type"]
    kept = [*_texts_of_the_database(), caplog.text]
    assert not [(secret, text) for text in kept for secret in secrets if secret in text]
    digits = {run for text in kept for run in re.findall(r"(?<![\w.-])\d{13,19}(?![\w.-])", text)}
    assert not [run for run in digits if masking.passes_luhn(run)]


def _texts_of_the_database():
    """Every value of every column of every table, as text."""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.managed:
                cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')  # noqa: S608
                yield from (f"{model._meta.db_table}: {row[0]}" for row in cursor.fetchall())


def _is_secret(name):
    return any(word in name for word in ("PASSWORD", "SECRET", "API_KEY"))
