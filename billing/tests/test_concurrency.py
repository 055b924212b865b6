"""Many at once, each with a connection of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from billing.errors import InsufficientTokens, SpendCapReached
from billing.models import Hold, JournalEntry
from billing.selectors import Balance, balance
from billing.services import corrections, holds, spend_caps, top_ups
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids
from neuralbox.core.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)

TRIES = 200
AT_ONCE = 16


def all_at_once(work, many=TRIES):
    """Run `work(number)` for many numbers in threads; what each returned, or the refusal it got."""

    def attempt(number):
        try:
            return work(number)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return list(crowd.map(attempt, range(many)))


def placed(results):
    return [result for result in results if isinstance(result, holds.PlacedHold)]


@pytest.fixture
def hold_one(bob):
    """Gives a function that sets one token of bob's aside, and bob seven tokens."""
    top_ups.credit(wallet_id=bob.wallet.pk, amount=7, reference="seven")

    def place(number, **rest):
        return holds.place(owner_id=bob.pk, hold_id=ids.new(), amount=1, reference=f"generation:{number}", **rest)

    return place


@pytest.mark.promise("P5")
def test_a_balance_for_seven_serves_seven(bob, hold_one):
    results = all_at_once(hold_one)
    assert len(placed(results)) == 7
    refused = [result for result in results if isinstance(result, InsufficientTokens)]
    assert len(refused) == TRIES - 7
    assert balance(bob.pk) == Balance(available=0, held=7, paid=0, bonus=0)
    assert_ledger_is_clean()


@pytest.mark.parametrize("whose", ["wallet", "key"])
def test_a_cap_of_seven_lets_seven_through(alice, whose):
    if whose == "wallet":
        spend_caps.replace(owner_id=alice.pk, caps={"hour": 1000, "total": 7})
        limited = {}
    else:
        limited = {"spender": "key:1", "caps": {"day": 1000, "total": 7}}

    def place(number):
        return holds.place(owner_id=alice.pk, hold_id=ids.new(), amount=1, reference=f"generation:{number}", **limited)

    results = all_at_once(place)
    assert len(placed(results)) == 7
    assert {type(result) for result in results} == {holds.PlacedHold, SpendCapReached}
    first, second = placed(results)[:2]
    holds.release(first.hold_id)
    holds.capture(second.hold_id, 0)
    assert len(placed(all_at_once(lambda number: place(TRIES + number)))) == 2
    assert balance(alice.pk).available == 993
    assert_ledger_is_clean()


def test_one_reference_gets_one_hold_however_often_it_is_asked_for(alice):
    def place(_number):
        return holds.place(owner_id=alice.pk, hold_id=ids.new(), amount=3, reference="generation:1")

    assert len({result.hold_id for result in placed(all_at_once(place, 50))}) == 1
    assert balance(alice.pk).held == 3
    assert_ledger_is_clean()


@pytest.mark.promise("P5")
def test_a_hold_is_settled_once_however_many_try(alice):
    hold = holds.place(owner_id=alice.pk, hold_id=ids.new(), amount=10, reference="generation:1").hold_id

    def settle(number):
        return holds.release(hold) if number % 2 else holds.capture(hold, 4)

    assert all_at_once(settle, 60).count(True) == 1
    row = Hold.objects.get()
    assert balance(alice.pk).available == 1000 - row.captured
    assert row.captured in (0, 4)
    assert_ledger_is_clean()


@pytest.mark.promise("P5")
def test_a_payment_told_many_times_is_credited_once(bob):
    def credit(_number):
        return top_ups.credit(wallet_id=bob.wallet.pk, amount=500, reference="payment:1")

    assert all_at_once(credit, 60).count(True) == 1
    assert balance(bob.pk).paid == 500
    assert JournalEntry.objects.count() == 1


def test_a_correction_is_decided_once(alice):
    from accounts.models import User

    olga, pavel = (User.objects.create_superuser(f"{name}@example.com") for name in ("olga", "pavel"))
    correction = corrections.propose(wallet_id=alice.wallet.pk, amount=5000, reason="A lost top-up", by=olga)
    decided = all_at_once(lambda _number: corrections.approve(correction, reason="I looked", by=pavel), 20)
    assert decided.count(None) == 1
    assert balance(alice.pk).available == 6000


def test_all_kinds_of_steps_at_once_leave_clean_books(alice, mallory):
    spend_caps.replace(owner_id=alice.pk, caps={"day": 400})

    def business(number):
        owner = (alice, mallory)[number % 2]
        hold = holds.place(owner_id=owner.pk, hold_id=ids.new(), amount=1 + number % 9, reference=f"g:{number}")
        if number % 5 == 0:
            top_ups.credit(wallet_id=owner.wallet.pk, amount=3, reference=f"p:{number}")
        return holds.release(hold.hold_id) if number % 3 else holds.capture(hold.hold_id, number % 2)

    assert all_at_once(business).count(True) == TRIES
    assert_ledger_is_clean()
