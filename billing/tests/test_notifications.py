"""The address that gateways call: each call is kept, answered in the sender's words, and applied once at most."""

import threading

import pytest
from django.db import ProgrammingError, connection, connections
from django.test import override_settings

from billing.gateways.base import DisputeReport, DisputeState
from billing.models import JournalEntry, Payment, PaymentNotification, ReviewCase
from billing.selectors import balance
from billing.services import disputes
from billing.tests.helpers import assert_ledger_is_clean


def verdicts():
    return list(PaymentNotification.objects.order_by("received_at").values_list("verdict", flat=True))


@pytest.mark.django_db
def test_unknown_gateways_and_those_without_keys_have_no_address(client, gateway_fakes):
    assert client.post("/webhooks/payments/paypal", {}).status_code == 404
    with override_settings(SANDBOX_BASE_URL=""):
        assert client.post("/webhooks/payments/sandbox", {}).status_code == 404
    assert client.put("/webhooks/payments/sandbox").status_code == 405
    assert not PaymentNotification.objects.exists()


@pytest.mark.django_db
def test_a_notification_about_a_payment_of_nobody_is_acknowledged_and_told_to_staff(buy, bob, gateway_fakes, postman):
    payment = buy(bob)
    gateway_fakes.sandbox.act(payment.external_id, "pay")
    Payment.objects.all().update(external_id="another", gateway="tbank")
    [answer] = postman.bring()
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert verdicts() == ["unknown"]
    assert ReviewCase.objects.get().kind == "unknown_order"


@pytest.mark.django_db
def test_news_out_of_order_end_in_the_same_place(buy, bob, gateway_fakes, postman):
    payment = buy(bob)
    gateway_fakes.sandbox.act(payment.external_id, "decline")
    gateway_fakes.sandbox.payments[payment.external_id].status = "pending"
    gateway_fakes.sandbox.act(payment.external_id, "pay")
    declined, paid = postman.letters
    for letter in (paid, declined, paid):
        postman.post(letter)
    payment.refresh_from_db()
    assert (payment.status, verdicts()) == ("paid", ["applied", "ignored", "repeated"])


@pytest.mark.django_db
def test_a_failure_after_the_call_was_kept_loses_no_evidence_and_the_next_copy_works(buy, bob, gateway_fakes, postman):
    payment = buy(bob)
    gateway_fakes.sandbox.act(payment.external_id, "pay")
    [letter] = postman.letters
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_paymentevent RENAME COLUMN kind TO gone")
    with pytest.raises(ProgrammingError, match="kind"):
        postman.post(letter)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_paymentevent RENAME COLUMN gone TO kind")
    assert (verdicts(), balance(bob.pk).paid) == (["received"], 0)
    assert postman.post(letter).status_code == 200
    assert (verdicts(), balance(bob.pk).paid) == (["received", "applied"], 500)


@pytest.mark.django_db
def test_a_dispute_about_an_unpaid_payment_moves_nothing(buy, bob):
    payment = buy(bob)
    assert disputes.apply(payment.pk, DisputeReport("dp", DisputeState.OPEN, "", payment.money)) == "review"
    assert not payment.disputes.exists()


@pytest.mark.django_db(transaction=True)
def test_copies_at_the_same_instant_credit_once(buy, bob, gateway_fakes, postman):
    payment = buy(bob)
    gateway_fakes.sandbox.act(payment.external_id, "pay")
    [letter] = postman.letters
    start, statuses = threading.Barrier(6), []

    def post():
        start.wait()
        statuses.append(postman.post(letter).status_code)
        connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [200] * 6
    assert sorted(verdicts()) == ["applied", *["repeated"] * 5]
    assert JournalEntry.objects.filter(kind="top_up", wallet__owner=bob).count() == 1
    assert_ledger_is_clean()
