"""What a person takes with them, and what stays when they go."""

import pytest
from django.apps import apps

from accounts.models import User
from billing.models import (
    Correction,
    Hold,
    JournalEntry,
    Payment,
    PaymentNotification,
    Refund,
    SpendCap,
    SpendUsage,
)
from billing.personal_data import Money
from billing.selectors import ledger_differences
from billing.services import corrections, holds, refunds, spend_caps
from neuralbox.core import ids, personal_data
from neuralbox.core.personal_data import NotYet

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(alice):
    spend_caps.replace(owner_id=alice.pk, caps={"day": 500})
    hold = ids.new()
    spender = f"key:{ids.new()}"
    holds.place(owner_id=alice.pk, hold_id=hold, amount=60, reference="g:1", spender=spender, caps={"day": 100})
    holds.capture(hold)
    staff = User.objects.create_superuser("olga@example.com")
    corrections.post(wallet_id=alice.wallet.pk, amount=5, reason="Alice wrote to us", by=staff)
    return alice


def test_billing_is_in_the_registry():
    assert any(isinstance(holder, Money) for holder in personal_data.holders())


@pytest.mark.promise("P2")
@pytest.mark.promise("P18")
def test_a_person_takes_their_books_with_them(busy):
    taken = Money().export(busy)
    assert taken["balance"] == [{"available": 945, "held": 0, "paid": 945, "bonus": 0}]
    assert [entry["kind"] for entry in taken["ledger"]] == ["top_up", "hold", "capture", "correction"]
    assert [(limit["window"], limit["used"]) for limit in taken["spending_limits"]] == [("day", 60)]
    assert taken["corrections"][0]["reason"] == "Alice wrote to us"


@pytest.mark.promise("P2")
def test_a_person_sees_every_payment_with_what_came_of_it(bought, bob, alice):
    payment = bought(bob)
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="A mistake")
    held = Money().export(bob)
    assert [(one["number"], one["amount"], one["tokens"]) for one in held["payments"]] == [
        (payment.number, payment.amount, payment.tokens)
    ]
    assert [one["id"] for one in held["refunds"]] == [refund.pk]
    assert Money().export(alice)["payments"] == []


@pytest.mark.promise("P12")
def test_the_books_stay_and_name_nobody(busy):
    before = list(JournalEntry.objects.values())
    Money().erase(busy)
    Money().erase(busy)
    assert list(JournalEntry.objects.values()) == before
    assert not SpendCap.objects.exists()
    assert not SpendUsage.objects.exists()
    assert Hold.objects.get().spender == ""
    assert Correction.objects.get().reason == "erased"
    assert list(ledger_differences()) == []


def test_erasure_waits_for_what_runs(busy):
    holds.place(owner_id=busy.pk, hold_id=ids.new(), amount=1, reference="g:2")
    with pytest.raises(NotYet):
        Money().erase(busy)
    assert SpendCap.objects.exists()


@pytest.mark.promise("P12")
def test_payments_stay_as_the_law_wants_and_name_nobody(bought, bob):
    """Every row of every table of billing is looked through for what identifies him."""
    payment = bought(bob, email="bob.receipts@example.com")
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="Bob Smith asks for it")
    refunds.reject(refund, reason="Dear Bob Smith", by=User.objects.create_superuser("olga@example.com"))
    kept = Payment.objects.values("number", "amount", "currency", "tokens", "status", "paid_at", "external_id").get()
    Money().erase(bob)
    Money().erase(bob)
    assert Payment.objects.values(*kept).get() == kept
    assert [one.amount for one in Refund.objects.all()] == [125000]
    assert PaymentNotification.objects.count() == 1
    for model in apps.get_app_config("billing").get_models():
        text = str(list(model._default_manager.values()))
        for trace in ("bob.receipts", "bob@example.com", "Bob Smith"):
            assert trace not in text, model


def test_erasure_waits_for_money_on_its_way(buy, bought, bob):
    open_one = buy(bob)
    with pytest.raises(NotYet):
        Money().erase(bob)
    Payment.objects.filter(pk=open_one.pk).update(status="expired")
    refunds.request(owner_id=bob.pk, payment_id=bought(bob).pk, reason="")
    with pytest.raises(NotYet):
        Money().erase(bob)
