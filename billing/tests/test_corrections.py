"""Staff correct a balance: with a reason, within a limit alone, above it with a second person."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from accounts.models import User
from billing.errors import AlreadyDecided, InsufficientTokens, InvalidAmount, SecondPersonNeeded
from billing.models import Correction, JournalEntry
from billing.selectors import Balance, balance
from billing.services import bonuses, corrections
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga():
    return User.objects.create_superuser("olga@example.com", name="Olga")


@pytest.fixture
def pavel():
    return User.objects.create_superuser("pavel@example.com", name="Pavel")


def test_a_correction_gives_paid_tokens_and_says_why(alice, olga):
    corrections.post(wallet_id=alice.wallet.pk, amount=15, reason="Charged twice", by=olga)
    assert balance(alice.pk).paid == 1015
    entry = JournalEntry.objects.get(kind="correction")
    assert (entry.corrections, entry.description) == (-15, "Correction")
    told = LogEntry.objects.get_for_object(alice).order_by("id").last()
    assert (told.actor, told.additional_data) == (olga, {"event": "correction_posted", "reason": "Charged twice"})
    assert_ledger_is_clean()


def test_a_correction_takes_bonus_tokens_before_paid_ones(alice, olga):
    bonuses.grant(wallet_id=alice.wallet.pk, amount=50, reference="gift")
    corrections.post(wallet_id=alice.wallet.pk, amount=-70, reason="A gift by mistake", by=olga)
    assert balance(alice.pk) == Balance(available=980, held=0, paid=980, bonus=0)
    assert_ledger_is_clean()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reason": "  "}, InvalidInput),
        ({"amount": 0}, InvalidAmount),
        ({"amount": 1001}, SecondPersonNeeded),
        ({"amount": -1001}, SecondPersonNeeded),
        ({"wallet_id": ids.new()}, NotFound),
    ],
)
def test_what_is_refused_changes_nothing(alice, olga, change, refusal):
    with pytest.raises(refusal):
        corrections.post(**{"wallet_id": alice.wallet.pk, "amount": 5, "reason": "Why not", "by": olga} | change)
    assert not Correction.objects.exists()
    assert balance(alice.pk).available == 1000


def test_many_small_corrections_by_one_person_are_a_large_one(alice, bob, olga, pavel):
    hers = {"wallet_id": alice.wallet.pk, "reason": "Charged twice"}
    corrections.post(**hers, amount=600, by=olga)
    with pytest.raises(SecondPersonNeeded):
        corrections.post(**hers, amount=-401, by=olga)
    corrections.post(**hers, amount=-400, by=olga)
    with pytest.raises(SecondPersonNeeded):
        corrections.post(**hers, amount=1, by=olga)
    corrections.post(**hers, amount=1000, by=pavel)
    corrections.post(**hers | {"wallet_id": bob.wallet.pk}, amount=1000, by=olga)
    Correction.objects.update(decided_at=timezone.now() - timedelta(hours=25))
    corrections.post(**hers, amount=1, by=olga)
    assert_ledger_is_clean()


def test_more_than_there_is_cannot_be_taken(bob, olga):
    with pytest.raises(InsufficientTokens):
        corrections.post(wallet_id=bob.wallet.pk, amount=-1, reason="A mistake", by=olga)
    assert not Correction.objects.exists()


def test_a_large_correction_waits_for_a_second_person(alice, olga, pavel):
    correction = corrections.propose(wallet_id=alice.wallet.pk, amount=5000, reason="A lost top-up", by=olga)
    assert balance(alice.pk).available == 1000
    with pytest.raises(SecondPersonNeeded):
        corrections.approve(correction, reason="I looked", by=olga)
    corrections.approve(correction, reason="I looked", by=pavel)
    assert balance(alice.pk).available == 6000
    for decide in (corrections.approve, corrections.reject):
        with pytest.raises(AlreadyDecided):
            decide(correction, reason="I looked", by=pavel)
    assert balance(alice.pk).available == 6000
    events = [entry.additional_data["event"] for entry in LogEntry.objects.get_for_object(alice).order_by("id")]
    assert events[-2:] == ["correction_proposed", "correction_posted"]
    assert LogEntry.objects.get_for_object(alice).order_by("id").last().additional_data["reason"] == "I looked"
    assert_ledger_is_clean()


def test_a_rejected_correction_never_happens(alice, olga, pavel):
    correction = corrections.propose(wallet_id=alice.wallet.pk, amount=5000, reason="A lost top-up", by=olga)
    corrections.reject(correction, reason="I looked", by=pavel)
    with pytest.raises(AlreadyDecided):
        corrections.approve(correction, reason="I looked", by=pavel)
    assert balance(alice.pk).available == 1000
    assert not JournalEntry.objects.filter(kind="correction").exists()
