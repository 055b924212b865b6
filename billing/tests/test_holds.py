"""Holds: placed once, settled once."""

from itertools import pairwise

import pytest

from billing.errors import InsufficientTokens, SpendCapReached
from billing.models import Hold, JournalEntry
from billing.selectors import Balance, balance
from billing.services import bonuses, holds
from neuralbox.core import ids

pytestmark = pytest.mark.django_db


def place(owner, amount, reference="generation:1", **rest):
    return holds.place(owner_id=owner.pk, hold_id=ids.new(), amount=amount, reference=reference, **rest)


def test_held_tokens_are_not_available(alice):
    placed = place(alice, 400)
    assert (placed.available, placed.held) == (600, 400)
    assert balance(alice.pk) == Balance(available=600, held=400, paid=600, bonus=0)


def test_asking_twice_gives_the_same_hold(alice):
    assert place(alice, 400).hold_id == place(alice, 400).hold_id
    assert balance(alice.pk).held == 400


def test_more_than_there_is_is_refused_and_changes_nothing(alice):
    with pytest.raises(InsufficientTokens) as refusal:
        place(alice, 1001)
    assert refusal.value.extra == {"needed": 1001, "available": 1000}
    assert balance(alice.pk).available == 1000
    assert not Hold.objects.exists()


def test_a_capture_takes_the_tokens_once(alice):
    hold = place(alice, 400)
    assert holds.capture(hold.hold_id) is True
    assert holds.capture(hold.hold_id) is False
    assert holds.release(hold.hold_id) is False
    assert balance(alice.pk) == Balance(available=600, held=0, paid=600, bonus=0)


def test_a_smaller_capture_gives_the_rest_back(alice):
    hold = place(alice, 400)
    holds.capture(hold.hold_id, 150)
    assert balance(alice.pk).available == 850
    assert Hold.objects.get().captured == 150


def test_a_release_gives_everything_back_to_where_it_came_from(alice):
    bonuses.grant(wallet_id=alice.wallet.pk, amount=50, reference="test")
    hold = place(alice, 400)
    assert balance(alice.pk) == Balance(available=650, held=400, paid=650, bonus=0)
    assert holds.release(hold.hold_id) is True
    assert balance(alice.pk) == Balance(available=1050, held=0, paid=1000, bonus=50)


def test_bonus_tokens_are_spent_first(alice):
    bonuses.grant(wallet_id=alice.wallet.pk, amount=50, reference="test")
    hold = place(alice, 80)
    holds.capture(hold.hold_id, 60)
    assert balance(alice.pk) == Balance(available=990, held=0, paid=990, bonus=0)


def test_caps_of_a_spender_hold_across_holds_and_come_back_on_release(alice):
    caps = {"day": 500}
    first = place(alice, 400, "1", spender="key:1", caps=caps)
    with pytest.raises(SpendCapReached) as refusal:
        place(alice, 200, "2", spender="key:1", caps=caps)
    assert refusal.value.extra == {"window": "day", "limit": 500, "used": 400}
    place(alice, 200, "3", spender="key:2", caps=caps)
    holds.release(first.hold_id)
    place(alice, 200, "4", spender="key:1", caps=caps)


def test_every_entry_is_balanced_and_chained(alice):
    hold = place(alice, 400)
    holds.capture(hold.hold_id, 150)
    entries = list(JournalEntry.objects.order_by("sequence"))
    assert [entry.kind for entry in entries] == ["top_up", "hold", "capture"]
    for before, entry in pairwise(entries):
        assert bytes(entry.previous_hash) == bytes(before.hash)
