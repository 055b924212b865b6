"""Closing receipts (54-FZ): what a gateway prints when prepaid tokens have been spent.

Only gateways that issue receipts speak this; it is not part of what every gateway can do.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable
from uuid import UUID

from billing.gateways.base import GatewayFacts, PaymentRef
from billing.gateways.money import Money
from billing.gateways.receipts import Receipt, ReceiptReport


@dataclass(frozen=True, slots=True)
class ClosingOrder:
    """A receipt that closes `amount` of a prepayment. `receipt_id` is also the idempotency key.

    `number` is its number where only a number will do, different from every payment's. `others` are the numbers that
    the gateway gave to other receipts of the payment.
    """

    receipt_id: UUID
    number: int
    payment: PaymentRef
    amount: Money
    receipt: Receipt
    others: tuple[str, ...] = ()


@runtime_checkable
class ClosesReceipts(Protocol):
    """A gateway that prints closing receipts. `closes_once`: one per payment, so it has to be for all of it."""

    slug: ClassVar[str]
    facts: ClassVar[GatewayFacts]
    closes_once: ClassVar[bool]

    def close(self, order: ClosingOrder) -> ReceiptReport:
        """Ask for the receipt. Raises GatewayUnavailable, OutcomeUnknown, GatewayRefused.

        After OutcomeUnknown call `fetch_closing` and never this, until that has said ReceiptUnknown.
        """

    def fetch_closing(self, order: ClosingOrder, external_id: str) -> ReceiptReport:
        """What became of it. With an empty `external_id` (the answer was lost) it is found out safely.

        Raises ReceiptUnknown, CannotTell, GatewayUnavailable, GatewayRefused.
        """
