"""Stripe's words: statuses, events and objects. Their fields are read, never their texts."""

from datetime import datetime
from typing import Any

from billing.gateways.base import (
    DisputeReport,
    DisputeState,
    Money,
    PaymentReport,
    PaymentState,
    RefundReport,
    RefundState,
)
from billing.gateways.calls import Message

_REFUND_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_DISPUTE_STATES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
_INTENT_STATES = {"succeeded": PaymentState.PAID, "canceled": PaymentState.CANCELLED}
# A finished session of a delayed method whose money did not come.
_NO_MONEY = frozenset({"requires_payment_method", "canceled"})


class MethodDetails(Message):
    type: str = ""


class Problem(Message):
    code: str = ""
    decline_code: str = ""


class Charge(Message):
    id: str = ""
    payment_intent: str = ""
    amount: int = 0
    amount_refunded: int = 0
    currency: str = ""
    livemode: bool | None = None
    metadata: dict[str, str] = {}
    payment_method_details: MethodDetails | None = None

    def as_report(self) -> PaymentReport:
        return PaymentReport(
            state=PaymentState.PAID,
            order_reference=self.metadata.get("payment_id", ""),
            charge_id=self.payment_intent,
            amount=_money(self.amount, self.currency),
            refunded=_money(self.amount_refunded, self.currency),
            test=_is_test(self.livemode),
            method=self.payment_method_details.type if self.payment_method_details else "",
            raw_status="charge.refunded",
        )


class Intent(Message):
    id: str
    status: str = ""
    amount: int = 0
    amount_received: int = 0
    currency: str = ""
    livemode: bool | None = None
    metadata: dict[str, str] = {}
    latest_charge: Charge | str | None = None
    last_payment_error: Problem | None = None

    def as_report(self) -> PaymentReport:
        """A card that was refused is no end: the customer may try another on the same page."""
        state = _INTENT_STATES.get(self.status, PaymentState.PENDING)
        amount = self.amount_received if state is PaymentState.PAID else self.amount
        problem = self.last_payment_error
        return PaymentReport(
            state=state,
            order_reference=self.metadata.get("payment_id", ""),
            charge_id=self.id,
            amount=_money(amount, self.currency),
            test=_is_test(self.livemode),
            failure=(problem.decline_code or problem.code) if problem else "",
            raw_status=self.status,
        )


class Session(Message):
    id: str
    url: str = ""
    status: str = ""
    payment_status: str = ""
    amount_total: int | None = None
    currency: str = ""
    client_reference_id: str = ""
    livemode: bool | None = None
    payment_intent: Intent | str | None = None
    created: datetime | None = None
    expires_at: datetime | None = None

    def as_report(self) -> PaymentReport:
        """Paid means `payment_status`: a delayed method completes the session while nothing has been paid."""
        intent = self.payment_intent if isinstance(self.payment_intent, Intent) else None
        charge = intent.latest_charge if intent and isinstance(intent.latest_charge, Charge) else None
        if self.payment_status == "paid":
            state = PaymentState.PAID
        elif self.status == "expired":
            state = PaymentState.EXPIRED
        elif self.status == "complete" and intent and intent.status in _NO_MONEY:
            state = PaymentState.FAILED
        else:
            state = PaymentState.PENDING
        number = intent.id if intent else self.payment_intent
        return PaymentReport(
            state=state,
            external_id=self.id,
            order_reference=self.client_reference_id,
            charge_id=number if isinstance(number, str) else "",
            amount=_money(self.amount_total, self.currency) if self.amount_total is not None else None,
            refunded=_money(charge.amount_refunded, charge.currency) if charge else None,
            test=_is_test(self.livemode),
            method=charge.payment_method_details.type if charge and charge.payment_method_details else "",
            raw_status=f"{self.status}/{self.payment_status}",
            created_at=self.created,
        )


class Refund(Message):
    id: str
    amount: int
    currency: str
    status: str = ""
    payment_intent: str = ""
    failure_reason: str = ""
    metadata: dict[str, str] = {}

    def as_report(self) -> RefundReport:
        return RefundReport(
            state=_REFUND_STATES.get(self.status, RefundState.PENDING),
            external_id=self.id,
            reference=self.metadata.get("refund_id", ""),
            amount=_money(self.amount, self.currency),
            charge_id=self.payment_intent,
            order_reference=self.metadata.get("payment_id", ""),
            failure=self.failure_reason,
            raw_status=self.status,
        )


class Evidence(Message):
    due_by: datetime | None = None


class Dispute(Message):
    id: str
    amount: int
    currency: str
    status: str = ""
    reason: str = ""
    payment_intent: str = ""
    evidence_details: Evidence | None = None

    def as_report(self) -> DisputeReport:
        """A status without a name here keeps the tokens frozen and staff looking: it counts as open."""
        return DisputeReport(
            external_id=self.id,
            state=_DISPUTE_STATES.get(self.status, DisputeState.OPEN),
            charge_id=self.payment_intent,
            amount=_money(self.amount, self.currency),
            reason=self.reason,
            raw_status=self.status,
            answer_by=self.evidence_details.due_by if self.evidence_details else None,
        )


class Subject(Message):
    object: dict[str, Any]


class Event(Message):
    id: str
    object: str
    type: str
    livemode: bool
    data: Subject


def _money(minor: int, currency: str) -> Money:
    return Money(minor, currency.upper())


def _is_test(livemode: bool | None) -> bool | None:
    return None if livemode is None else not livemode
