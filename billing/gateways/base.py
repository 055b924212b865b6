"""What every gateway speaks: the same few values in, the same few values out. Nothing here touches the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, runtime_checkable
from uuid import UUID

from billing.gateways.money import Money as Money
from billing.gateways.receipts import Receipt, ReceiptReport
from neuralbox.core.errors import Text


class PaymentState(StrEnum):
    """What a gateway says of a payment. Returned sums are told apart from it, in `PaymentReport.refunded`."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeState(StrEnum):
    """INQUIRY: the bank asks, no money was taken yet."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Refunds(StrEnum):
    """What a gateway can give back by itself."""

    NONE = "none"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Limits:
    """Smallest and largest payment, in minor units."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """What people are told about a gateway, and what it can do. `refund_days` is what its own papers promise.

    `issues_receipts`: it makes fiscal receipts of `Order.receipt`. `tells_of_refund_receipts`: and says what became of
    those of a return. `knows_payers_number`: the payer sees a number that it can be asked by and has not told us.
    """

    name: Text
    company: str
    country: str
    privacy_policy: str
    currencies: Mapping[str, Limits]
    methods: tuple[str, ...]
    refunds: Refunds
    refund_days: int | None = None
    issues_receipts: bool = False
    tells_of_refund_receipts: bool = True
    knows_payers_number: bool = False
    is_crypto: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt to pay. `payment_id` is also the idempotency key, `number` the number where only a number will do.

    `description` has at most 100 characters; `language` is ru or en. The addresses are ours. Nothing else of the
    customer is told to a gateway than what stands on the receipt.
    """

    payment_id: UUID
    number: int
    amount: Money
    description: str
    language: str
    success_url: str
    fail_url: str
    notification_url: str
    expires_at: datetime
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """Where the customer pays. `external_id` is the gateway's number (empty: it gives none before the payment)."""

    external_id: str
    redirect_url: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentRef:
    """A payment of ours as the gateway knows it: what asking, cancelling and refunding need.

    `external_id` comes from `Invoice`; `charge_id` and `method` from the latest report that had them. All three may be
    empty; then the gateway is asked by our own number where it can be.
    """

    payment_id: UUID
    number: int
    amount: Money
    external_id: str = ""
    charge_id: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """News about a payment, asked or pushed.

    `order_reference` is our own number as they echo it: the payment's id or, at Robokassa, its number; "" if untold.
    `amount` is the sum of the order as they know it, to be compared; `received` is what came in, in the same currency,
    where it may differ (crypto). `refunded` is the total given back so far. `shop` and `test` are to be compared
    with the gateway's `shop()` and `is_test()`; None: untold. `review` says why a person must look before tokens
    move: "partial_payment", "repeated_deposit", "underpaid", "returned".
    `charge_id` names the movement of money where it has a number of its own: keep it, refunds and disputes name it.
    """

    state: PaymentState
    external_id: str = ""
    order_reference: str = ""
    charge_id: str = ""
    amount: Money | None = None
    received: Money | None = None
    refunded: Money | None = None
    shop: str | None = None
    test: bool | None = None
    method: str = ""
    failure: str = ""
    review: str = ""
    raw_status: str = ""
    receipt: ReceiptReport | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund that we ask for. `refund_id` is also the idempotency key. `is_whole`: `amount` is all that was paid."""

    refund_id: UUID
    payment: PaymentRef
    amount: Money
    is_whole: bool
    reason: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class RefundReport:
    """News about a refund. `reference` is our refund's id where the gateway echoes it.

    The payment is named as in `PaymentReport`. A refund that we did not ask for was made in the gateway's cabinet.
    `amount` is None where the gateway tells only a total; then `PaymentReport.refunded` decides.
    """

    state: RefundState
    external_id: str = ""
    reference: str = ""
    amount: Money | None = None
    payment_external_id: str = ""
    charge_id: str = ""
    order_reference: str = ""
    failure: str = ""
    raw_status: str = ""
    receipt: ReceiptReport | None = None


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """News about a dispute. The payment is named by `charge_id`."""

    external_id: str
    state: DisputeState
    charge_id: str
    amount: Money
    reason: str = ""
    raw_status: str = ""
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class RawNotification:
    """A call as it arrived. `headers` are read without regard to case; `peer` is the address that sent it."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""

    def header(self, name: str) -> str:
        """The value of a header, "" when it is missing."""
        name = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == name), "")


class NotificationKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    RECEIPT = "receipt"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification whose origin was checked, as far as the gateway allows.

    `delivery_id` is the same for every copy of one event. `needs_query`: its content proves nothing; only the numbers
    may be used, and `Gateway.resolve` turns it into one with reports. Of the reports, those that apply are given:
    a refund's notification may tell of the payment too. OTHER: acknowledge, change nothing.
    """

    kind: NotificationKind
    delivery_id: str
    needs_query: bool = False
    external_id: str = ""
    payment: PaymentReport | None = None
    refund: RefundReport | None = None
    dispute: DisputeReport | None = None
    receipt: ReceiptReport | None = None
    raw_status: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender of a notification wants to hear."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Gateway(Protocol):
    """One payment system. Only the errors of `billing.gateways.errors` leave it; every call has a timeout.

    Settings are read when they are needed. Instances keep nothing between calls and serve all threads.
    """

    slug: ClassVar[str]
    facts: ClassVar[GatewayFacts]

    def is_configured(self) -> bool:
        """Whether this installation holds all it takes to offer the gateway."""

    def is_test(self) -> bool:
        """Whether its credentials move no real money."""

    def shop(self) -> str:
        """Our name at the gateway, to compare with `PaymentReport.shop`."""

    def create(self, order: Order) -> Invoice:
        """Ask for a payment page. Raises GatewayUnavailable, OutcomeUnknown, GatewayRefused.

        After OutcomeUnknown the same order may be created again: nobody holds the address of the lost page.
        """

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        """What the gateway says of the payment now; PENDING too where it cannot tell yet.

        Raises PaymentUnknown, GatewayUnavailable, GatewayRefused.
        """

    def cancel(self, payment: PaymentRef) -> bool:
        """Close an unpaid payment. False: it cannot be closed (any more). Raises GatewayUnavailable, OutcomeUnknown."""

    def refund(self, order: RefundOrder) -> RefundReport:
        """Give money back. Raises GatewayUnavailable, OutcomeUnknown, GatewayRefused.

        After OutcomeUnknown call `fetch_refund` and never this, until that has said RefundUnknown.
        """

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        """How a refund that was sent goes. With an empty `external_id` (the answer was lost) it is found out safely.

        Where the gateway has idempotency keys that means sending it again under the same key.
        Raises RefundUnknown, CannotTell, GatewayUnavailable, OutcomeUnknown, GatewayRefused.
        """

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Check where the call comes from, then read it. No network, no database. Raises InvalidNotification."""

    def resolve(self, notification: Notification) -> Notification:
        """Ask the gateway for what a notification with `needs_query` only hints at; others are returned as they are.

        Raises PaymentUnknown (it was no news of ours), GatewayUnavailable, GatewayRefused.
        """

    def accepted(self, notification: Notification) -> Answer:
        """The answer that stops repeats."""

    def refused(self) -> Answer:
        """The answer to a call that failed `parse_notification`."""

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        """Payments created in that time, for reconciliation. None: it has no list, ask for each one.

        Raises GatewayUnavailable, GatewayRefused.
        """

    def mask(self, raw: RawNotification) -> str:
        """The body (or query) as text that may be stored: no card, no secret, no proof that could be replayed."""


@runtime_checkable
class ListsDisputes(Protocol):
    """A gateway that can be asked for its disputes, for those whose news was lost."""

    def list_disputes(self, since: datetime, until: datetime) -> Iterator[DisputeReport]:
        """Disputes begun in that time, as they stand now. Raises GatewayUnavailable, GatewayRefused."""
