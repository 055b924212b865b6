"""NOWPayments' words: the canonical form of an IPN, statuses and messages."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pydantic import Field

from billing.gateways import crypto
from billing.gateways.base import Money, PaymentReport, PaymentState
from billing.gateways.calls import Message
from billing.gateways.exact import NumberText

STATES: Mapping[str, PaymentState] = MappingProxyType(
    {
        "waiting": PaymentState.PENDING,
        "confirming": PaymentState.PENDING,
        "confirmed": PaymentState.PENDING,
        "sending": PaymentState.PENDING,
        "finished": PaymentState.PAID,
        "partially_paid": PaymentState.PENDING,
        "failed": PaymentState.FAILED,
        "refunded": PaymentState.FAILED,
        "expired": PaymentState.EXPIRED,
        "cancelled": PaymentState.CANCELLED,
        "canceled": PaymentState.CANCELLED,
    }
)
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def is_signed(fields: Mapping[str, Any], signature: str, secret: str) -> bool:
    """Whether the header belongs to these fields. Numbers count with the text they came with."""
    signature, secret = signature.strip().lower(), secret.strip()
    if not secret or not _SIGNATURE.fullmatch(signature):
        return False
    return any(
        hmac.compare_digest(hmac.new(secret.encode(), form.encode(), hashlib.sha512).hexdigest(), signature)
        for form in (canonical(fields), canonical(_arrays_as_objects(fields)))
    )


def canonical(value: Any) -> str:
    """JSON without spaces, with sorted names at every depth, numbers as they were written.

    The signer is JavaScript, which prints 0.00001234 where Python prints 1.234e-05.
    """
    if isinstance(value, NumberText):
        return value
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _arrays_as_objects(value: Any) -> Any:
    """As the documentation's sample does it: an array becomes an object of its positions."""
    if isinstance(value, list):
        value = {str(place): inner for place, inner in enumerate(value)}
    if isinstance(value, Mapping):
        return {name: _arrays_as_objects(inner) for name, inner in value.items()}
    return value


class Invoice(Message):
    id: str
    invoice_url: str


class Payment(Message):
    """A payment, asked for or told. It is born when the payer has chosen a coin."""

    payment_id: str
    payment_status: str
    parent_payment_id: str = ""
    invoice_id: str = ""
    order_id: str = ""
    price_amount: Decimal
    price_currency: str
    pay_amount: Decimal | None = None
    actually_paid: Decimal | None = None
    pay_currency: str = ""
    created_at: datetime | None = None

    def as_report(self, invoice_id: str = "") -> PaymentReport:
        """Raises ValueError when the price is no sum of money."""
        price = Money.of(self.price_amount, self.price_currency)
        came = crypto.received(price, self.pay_amount, self.actually_paid)
        state = STATES.get(self.payment_status, PaymentState.PENDING)
        return PaymentReport(
            state=state,
            external_id=self.invoice_id or invoice_id,
            order_reference=self.order_id,
            charge_id=self.payment_id,
            amount=price,
            received=came,
            method=self.pay_currency,
            review=self._review(price, came, state),
            raw_status=self.payment_status,
            created_at=self.created_at,
        )

    def _review(self, price: Money, came: Money | None, state: PaymentState) -> str:
        """Why a person has to look: a second deposit counts at another rate, and a wrong coin at another worth."""
        if self.payment_status == "refunded":
            return "returned"
        if self.payment_status == "partially_paid":
            return "partial_payment"
        if state is not PaymentState.PAID:
            return ""
        if self.parent_payment_id:
            return "repeated_deposit"
        return "underpaid" if crypto.is_too_little(price, came) else ""


class PaymentList(Message):
    data: list[Payment] = []
    total: int = 0


class SignedIn(Message):
    token: str


class Refusal(Message):
    code: str = ""
    message: str = ""
    status_code: str = Field("", alias="statusCode")
