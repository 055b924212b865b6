"""CryptoCloud's words: statuses and messages."""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from pydantic import Field, field_validator

from billing.gateways import crypto
from billing.gateways.base import Money, PaymentReport, PaymentState
from billing.gateways.calls import Message
from billing.gateways.money import exponent

_STATES = {"paid": PaymentState.PAID, "overpaid": PaymentState.PAID}
_NUMBER = re.compile(r"(?:INV-)?([A-Z0-9]{4,32})")
_NOISE = Decimal("0.000001")
_MOST_DIGITS = 15
_SEPARATOR = "_"


def order_number(payment_id: UUID, currency: str) -> str:
    """Our number of the order: the payment's, and the currency of its price."""
    return f"{payment_id}{_SEPARATOR}{currency}"


def invoice_number(text: str) -> str:
    """`INV-XXXXXXXX`, with or without its beginning. Raises ValueError when it is no such number."""
    found = _NUMBER.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("no invoice number")
    return f"INV-{found.group(1)}"


class Coin(Message):
    code: str = ""
    fullcode: str = ""


class Invoice(Message):
    """An invoice, made or asked for. `amount` is in coins, `amount_in_fiat` is the price.

    The answer to a question need not name the currency of the price, so our order's number carries it.
    """

    uuid: str
    status: str = "created"
    link: str = ""
    order_id: str = ""
    amount: Decimal | None = None
    amount_to_pay: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_in_fiat: Decimal | None = None
    amount_usd: Decimal | None = None
    fiat_currency: str = ""
    currency: Coin | str | None = None
    created: datetime | None = None
    expiry_date: datetime | None = None
    test_mode: bool | None = None

    @field_validator("created", "expiry_date")
    @classmethod
    def _in_utc(cls, moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment

    def as_report(self) -> PaymentReport:
        """Raises ValueError when the price is no sum of money."""
        reference, _, asked_in = self.order_id.partition(_SEPARATOR)
        price = self._price((self.fiat_currency or asked_in).upper())
        came = crypto.received(price, self.amount_to_pay or self.amount, self.amount_paid) if price else None
        state = _STATES.get(self.status, PaymentState.PENDING)
        if self.status == "canceled":
            # Closed by us, or because its time ran out: one word there for both.
            is_over = self.expiry_date is not None and self.expiry_date <= datetime.now(UTC)
            state = PaymentState.EXPIRED if is_over else PaymentState.CANCELLED
        review = "partial_payment" if self.status == "partial" else ""
        if state is PaymentState.PAID and price and crypto.is_too_little(price, came):
            review = "underpaid"
        coin = self.currency if isinstance(self.currency, str) else (self.currency or Coin()).fullcode
        return PaymentReport(
            state=state,
            external_id=self.uuid,
            order_reference=reference,
            amount=price,
            received=came,
            test=self.test_mode,
            method=coin,
            review=review,
            raw_status=self.status,
            created_at=self.created,
        )

    def _price(self, currency: str) -> Money | None:
        if self.amount_in_fiat is not None and currency:
            return _exact(self.amount_in_fiat, currency)
        return _exact(self.amount_usd, "USD") if self.amount_usd is not None and currency == "USD" else None


class Answer(Message):
    """Every answer: `result` is the object or the list that was asked for, or what is wrong with which field."""

    status: str = ""
    result: Any = None


class Postback(Message):
    """The two fields that are used. The token covers neither of them."""

    invoice_id: str = Field(max_length=64)
    token: str = Field(max_length=4096)


def _exact(value: Decimal, currency: str) -> Money:
    """Their sums are floats: what differs in the sixth decimal is their arithmetic, and more is another sum."""
    if value.adjusted() > _MOST_DIGITS:
        raise ValueError("more than there is")
    rounded = value.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)
    return Money.of(rounded if abs(rounded - value) <= _NOISE else value, currency)
