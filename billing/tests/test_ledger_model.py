"""Random business against a model of a few lines, on the real database: both always agree."""

from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as search
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.services import users
from billing.errors import (
    CaptureExceedsHold,
    InsufficientTokens,
    InvalidAmount,
    ReferenceTaken,
    SpendCapReached,
)
from billing.models import Hold
from billing.selectors import Balance, balance
from billing.services import bonuses, holds, spend_caps, top_ups, unused_holds
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids

pytestmark = pytest.mark.django_db

STEPS_OF_A_RUN = 40
# Small, so that balances and caps are met often; gifts smaller still, so that holds often have two parts.
TOKENS = st.integers(min_value=1, max_value=60)
FEW_TOKENS = st.integers(min_value=1, max_value=15)
PERCENT = st.integers(min_value=0, max_value=110)


@dataclass
class Model:
    """The whole ledger, as one would explain it."""

    paid: int = 0
    bonus: int = 0
    cap: int | None = None
    key_cap: int | None = None
    active: dict = field(default_factory=dict)  # hold: (paid part, bonus part, by the key?)
    captured: int = 0
    captured_by_key: int = 0

    def used(self, *, by_key):
        waiting = [paid + bonus for paid, bonus, key in self.active.values() if key or not by_key]
        return sum(waiting) + (self.captured_by_key if by_key else self.captured)

    def place(self, hold, tokens, by_key):
        from_bonus = min(self.bonus, tokens)
        self.active[hold] = (tokens - from_bonus, from_bonus, by_key)
        self.paid, self.bonus = self.paid - (tokens - from_bonus), self.bonus - from_bonus

    def settle(self, hold, taken):
        paid, bonus, by_key = self.active.pop(hold)
        taken_bonus = min(bonus, taken)
        self.paid, self.bonus = self.paid + paid - (taken - taken_bonus), self.bonus + bonus - taken_bonus
        self.captured, self.captured_by_key = self.captured + taken, self.captured_by_key + taken * by_key


class Ledger(RuleBasedStateMachine):
    """One wallet. Every step is done to the ledger and to the model."""

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.model = Model()
        self.settled = []

    def teardown(self):
        assert_ledger_is_clean()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.owner = users.join(email=f"{ids.new()}@example.com", name="Alice", language="en")
        self.wallet = self.owner.wallet.pk
        self.top_up(100)
        self.bonus(10)

    @rule(tokens=TOKENS)
    def top_up(self, tokens):
        reference = str(ids.new())
        assert top_ups.credit(wallet_id=self.wallet, amount=tokens, reference=reference) is True
        assert top_ups.credit(wallet_id=self.wallet, amount=tokens, reference=reference) is False
        with pytest.raises(ReferenceTaken):
            top_ups.credit(wallet_id=self.wallet, amount=tokens + 1, reference=reference)
        self.model.paid += tokens

    @rule(tokens=FEW_TOKENS)
    def bonus(self, tokens):
        assert bonuses.grant(wallet_id=self.wallet, amount=tokens, reference=str(ids.new()))
        self.model.bonus += tokens

    @rule(tokens=TOKENS, is_sent=st.booleans())
    def refund(self, tokens, is_sent):
        """Paid tokens only, set aside first; no cap counts them. Then they are gone, or they return."""
        asked = {"wallet_id": self.wallet, "paid": tokens, "bonus": 0, "reference": str(ids.new())}
        if tokens > self.model.paid:
            with pytest.raises(InsufficientTokens):
                unused_holds.place(**asked, purpose=Hold.Purpose.REFUND)
            return
        placed = unused_holds.place(**asked, purpose=Hold.Purpose.REFUND)
        assert unused_holds.place(**asked, purpose=Hold.Purpose.REFUND) == placed
        with pytest.raises(ReferenceTaken):
            unused_holds.place(**asked, purpose=Hold.Purpose.DISPUTE)
        hold = Hold.objects.select_related("wallet").get(pk=placed.hold_id)
        settle, other = (
            (unused_holds.take, unused_holds.give_back) if is_sent else (unused_holds.give_back, unused_holds.take)
        )
        assert settle(hold) is True
        assert other(hold) is False
        self.model.paid -= tokens * is_sent

    @rule(tokens=TOKENS, gift=FEW_TOKENS, is_lost=st.booleans())
    def dispute(self, tokens, gift, is_lost):
        """As much as is there, and never more."""
        placed = unused_holds.place(
            wallet_id=self.wallet, paid=tokens, bonus=gift, reference=str(ids.new()), purpose=Hold.Purpose.DISPUTE,
            in_part=True,
        )  # fmt: skip
        paid, bonus = min(tokens, self.model.paid), min(gift, self.model.bonus)
        assert (placed.paid, placed.bonus, placed.hold_id is None) == (paid, bonus, paid + bonus == 0)
        if placed.hold_id is not None:
            hold = Hold.objects.select_related("wallet").get(pk=placed.hold_id)
            (unused_holds.take if is_lost else unused_holds.give_back)(hold)
            self.model.paid, self.model.bonus = self.model.paid - paid * is_lost, self.model.bonus - bonus * is_lost

    @rule(cap=st.none() | st.integers(min_value=0, max_value=200))
    def cap_the_wallet(self, cap):
        spend_caps.replace(owner_id=self.owner.pk, caps={} if cap is None else {"total": cap})
        self.model.cap = cap

    @rule(cap=st.none() | st.integers(min_value=0, max_value=100))
    def cap_the_key(self, cap):
        self.model.key_cap = cap

    @rule(tokens=TOKENS, by_key=st.booleans())
    def place(self, tokens, by_key):
        hold, reference = ids.new(), str(ids.new())
        asked = {"owner_id": self.owner.pk, "hold_id": hold, "amount": tokens, "reference": reference}
        if by_key:
            caps = {} if self.model.key_cap is None else {"total": self.model.key_cap}
            asked |= {"spender": "key:1", "caps": caps}
        within_wallet = self.model.cap is None or self.model.used(by_key=False) + tokens <= self.model.cap
        within_key = (
            not by_key or self.model.key_cap is None or (self.model.used(by_key=True) + tokens <= self.model.key_cap)
        )
        if tokens > self.model.paid + self.model.bonus:
            with pytest.raises(InsufficientTokens):
                holds.place(**asked)
        elif not (within_wallet and within_key):
            with pytest.raises(SpendCapReached):
                holds.place(**asked)
        else:
            assert holds.place(**asked).hold_id == hold
            assert holds.place(**{**asked, "hold_id": ids.new()}).hold_id == hold
            with pytest.raises(ReferenceTaken):
                holds.place(**{**asked, "amount": tokens + 1})
            self.model.place(hold, tokens, by_key)

    @precondition(lambda self: self.model.active)
    @rule(choice=st.randoms(use_true_random=False), percent=st.none() | PERCENT)
    def capture(self, choice, percent):
        hold = choice.choice(list(self.model.active))
        whole = sum(self.model.active[hold][:2])
        part = None if percent is None else -(-whole * percent // 100)
        if part is not None and part > whole:
            with pytest.raises(CaptureExceedsHold):
                holds.capture(hold, part)
            return
        assert holds.capture(hold, part) is True
        self.model.settle(hold, whole if part is None else part)
        self.settled.append(hold)

    @precondition(lambda self: self.model.active)
    @rule(choice=st.randoms(use_true_random=False))
    def release(self, choice):
        hold = choice.choice(list(self.model.active))
        assert holds.release(hold) is True
        self.model.settle(hold, 0)
        self.settled.append(hold)

    @precondition(lambda self: self.settled)
    @rule(choice=st.randoms(use_true_random=False), part=st.none() | st.integers(min_value=0, max_value=70))
    def settle_again(self, choice, part):
        hold = choice.choice(self.settled)
        assert holds.capture(hold, part) is False
        assert holds.release(hold) is False

    @rule(tokens=st.sampled_from([0, -1, 10**12 + 1, True, 1.5]))
    def ask_for_nonsense(self, tokens):
        for step in (
            lambda: holds.place(owner_id=self.owner.pk, hold_id=ids.new(), amount=tokens, reference=str(ids.new())),
            lambda: top_ups.credit(wallet_id=self.wallet, amount=tokens, reference=str(ids.new())),
            lambda: bonuses.grant(wallet_id=self.wallet, amount=tokens, reference=str(ids.new())),
        ):
            with pytest.raises(InvalidAmount):
                step()

    @invariant()
    def the_books_agree_with_the_model(self):
        if not hasattr(self, "owner"):
            return
        model, held = self.model, sum(paid + bonus for paid, bonus, _key in self.model.active.values())
        expected = Balance(available=model.paid + model.bonus, held=held, paid=model.paid, bonus=model.bonus)
        assert balance(self.owner.pk) == expected
        assert {hold.pk for hold in Hold.objects.filter(wallet=self.wallet, status="active")} == set(model.active)


@pytest.mark.promise("P5")
@pytest.mark.slow
@pytest.mark.timeout(3600)
@override_settings(WELCOME_TOKENS=0)
def test_whatever_happens_the_books_agree_with_the_model():
    """`LEDGER_STEPS` in the settings says how many steps are tried."""
    runs = max(1, settings.LEDGER_STEPS // STEPS_OF_A_RUN)
    run_state_machine_as_test(
        Ledger,
        settings=search(
            max_examples=runs,
            stateful_step_count=STEPS_OF_A_RUN,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
