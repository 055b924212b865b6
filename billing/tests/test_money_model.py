"""Random business with money and tokens together: payments, refunds, disputes and spending, in any order and repeated.

Money and tokens are counted in a model of a few lines; the books and the model always agree.
"""

from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase
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

from accounts.models import User
from accounts.services import users
from billing import selectors_payments
from billing.errors import NotRefundable, WrongState
from billing.gateways.base import DisputeReport, DisputeState, PaymentReport, PaymentState, RefundReport, RefundState
from billing.models import Payment, PaymentEvent, Refund, Wallet
from billing.selectors import balance
from billing.services import disputes, holds, payment_reports, refund_reports, refunds
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids

pytestmark = pytest.mark.django_db

STEPS_OF_A_RUN = 30
PRICE = 10  # kopecks for a token
QUERY = PaymentEvent.Source.QUERY
END = st.sampled_from([PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.EXPIRED, PaymentState.PENDING])
PICK = st.integers(min_value=0, max_value=50)


@dataclass
class Model:
    """What everybody may rely on: tokens come once per paid payment, and go by spending or with their money."""

    credited: set = field(default_factory=set)
    spent: int = 0


class Money(RuleBasedStateMachine):
    """One wallet and its payments at the sandbox. The gateway's side is what the rules say it told us."""

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.model = Model()

    def teardown(self):
        assert_ledger_is_clean()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.owner = users.join(email=f"{ids.new()}@example.com", name="Alice", language="en")
        self.olga = User.objects.create_superuser(f"{ids.new()}@example.com", name="Olga")
        self.wallet = Wallet.objects.get(owner=self.owner)
        self.order(30, 5)

    def payments(self):
        return list(Payment.objects.filter(wallet=self.wallet).order_by("number"))

    def pick(self, number, *statuses):
        found = [one for one in self.payments() if not statuses or one.status in statuses]
        return found[number % len(found)] if found else None

    @rule(tokens=st.integers(min_value=1, max_value=40), gift=st.integers(min_value=0, max_value=10))
    def order(self, tokens, gift):
        Payment.objects.create(
            wallet=self.wallet, gateway="sandbox", is_test=True, amount=tokens * PRICE, full_amount=tokens * PRICE,
            currency="RUB", tokens=tokens, bonus_tokens=gift, external_id=uuid4().hex, charge_id=uuid4().hex,
            expires_at=timezone.now(),
        )  # fmt: skip

    def tell(self, payment, state, **more):
        news = PaymentReport(state, payment.external_id, amount=payment.money, test=True, **more)
        return payment_reports.apply(payment.pk, news, source=QUERY)

    @rule(number=PICK)
    def the_gateway_says_paid(self, number):
        payment = self.pick(number)
        self.tell(payment, PaymentState.PAID)
        self.model.credited.add(payment.pk)

    @rule(number=PICK, state=END)
    def the_gateway_says_something_less(self, number, state):
        self.tell(self.pick(number), state)

    @rule(number=PICK)
    def the_sum_is_wrong(self, number):
        payment = self.pick(number)
        wrong = type(payment.money)(payment.amount + 1, "RUB")
        news = PaymentReport(PaymentState.PAID, payment.external_id, amount=wrong, test=True)
        assert payment_reports.apply(payment.pk, news, source=QUERY) == "review"

    @rule(tokens=st.integers(min_value=1, max_value=30))
    def spend(self, tokens):
        if tokens <= balance(self.owner.pk).available:
            hold = ids.new()
            holds.place(owner_id=self.owner.pk, hold_id=hold, amount=tokens, reference=f"generation:{hold}")
            holds.capture(hold)
            self.model.spent += tokens

    @rule(number=PICK)
    def ask_for_a_refund(self, number):
        payment = self.pick(number)
        part = selectors_payments.refundable(payment)
        if part.why:
            with pytest.raises(NotRefundable):
                refunds.request(owner_id=self.owner.pk, payment_id=payment.pk, reason="")
        else:
            refund = refunds.request(owner_id=self.owner.pk, payment_id=payment.pk, reason="")
            assert (refund.amount, refund.tokens) == (part.amount, part.tokens)

    def open_refund(self, number):
        found = list(Refund.objects.filter(payment__wallet=self.wallet, status__in=Refund.OPEN).order_by("created_at"))
        return found[number % len(found)] if found else None

    @precondition(lambda self: self.open_refund(0))
    @rule(number=PICK, is_yes=st.booleans())
    def staff_decide(self, number, is_yes):
        try:
            (refunds.approve if is_yes else refunds.reject)(self.open_refund(number), reason="Looked at", by=self.olga)
        except WrongState:
            assert self.open_refund(number).status in {"approved", "sent"}

    @precondition(lambda self: Refund.objects.filter(payment__wallet=self.wallet).exists())
    @rule(number=PICK, state=st.sampled_from(RefundState))
    def the_gateway_tells_of_a_refund(self, number, state):
        known = Refund.objects.filter(payment__wallet=self.wallet).exclude(status__in=["requested", "rejected"])
        found = list(known.order_by("created_at"))
        if found:
            refund_reports.apply(found[number % len(found)].pk, RefundReport(state))

    @rule(number=PICK, share=st.integers(min_value=1, max_value=100))
    def somebody_returns_money_in_the_cabinet(self, number, share):
        payment = self.pick(number, "paid", "partially_refunded")
        if payment and not payment.refunds.filter(status__in=Refund.OPEN).exists():
            total = max(payment.refunded_amount, payment.amount * share // 100)
            self.tell(payment, PaymentState.PAID, refunded=type(payment.money)(total, "RUB"))

    @rule(number=PICK, dispute=st.integers(min_value=1, max_value=2), state=st.sampled_from(DisputeState))
    def the_bank_disputes(self, number, dispute, state):
        payment = self.pick(number)
        disputes.apply(payment.pk, DisputeReport(f"dp_{dispute}", state, payment.charge_id, payment.money))

    @invariant()
    def the_books_agree_with_the_model(self):
        if not hasattr(self, "owner"):
            return
        credited = {one.pk for one in self.payments() if one.status in Payment.MONEY_CAME}
        assert credited == self.model.credited
        came = sum(one.tokens + one.bonus_tokens for one in self.payments() if one.pk in credited)
        went = sum(one.refunded_tokens + one.refunded_bonus for one in self.payments())
        mine = balance(self.owner.pk)
        assert mine.available + mine.held == came - went - self.model.spent
        for payment in self.payments():
            assert payment.refunded_amount <= payment.amount
            assert payment.refunds.filter(status__in=Refund.OPEN).count() <= 1
            if payment.status in {"failed", "cancelled", "expired", "pending", "created"}:
                assert payment.refunded_amount == 0


@pytest.mark.promise("P5")
@pytest.mark.slow
@pytest.mark.timeout(3600)
@override_settings(WELCOME_TOKENS=0)
def test_whatever_happens_to_money_the_books_agree_with_the_model():
    """An eighth of `LEDGER_STEPS` steps are tried: one of these is several of the ledger's."""
    run_state_machine_as_test(
        Money,
        settings=search(
            max_examples=max(1, settings.LEDGER_STEPS // (8 * STEPS_OF_A_RUN)),
            stateful_step_count=STEPS_OF_A_RUN,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        ),
    )
