"""The demonstration gateway of local mode: no money, but the same road as with the others.

Wire: JSON, `Authorization: Bearer <secret>`, sums in minor units. `POST /payments` (the same `reference`: the same
payment), `GET /payments/{id}`, `GET /payments?since=&until=&reference=`, `POST /payments/{id}/cancel`,
`POST /refunds` (the same `reference`: the same refund), `GET /refunds/{id}`. Notifications carry a payment, and a
refund where there was one, under `Sandbox-Signature: t=<unix time>,v1=<hex HMAC-SHA256 of "t.body">`.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.gateways import masking
from billing.gateways.base import (
    Answer,
    GatewayFacts,
    Invoice,
    Limits,
    Money,
    Notification,
    NotificationKind,
    Order,
    PaymentRef,
    PaymentReport,
    PaymentState,
    RawNotification,
    RefundOrder,
    RefundReport,
    Refunds,
    RefundState,
)
from billing.gateways.calls import Calls, Message, page_address, read
from billing.gateways.closings import ClosingOrder
from billing.gateways.errors import (
    Blame,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    ReceiptUnknown,
    RefundUnknown,
)
from billing.gateways.receipts import ReceiptReport, ReceiptState

_TOLERANCE_SECONDS = 300
_SIGNATURE_HEADER = "Sandbox-Signature"
_STATES = {state.value: state for state in PaymentState}


class ReceiptMessage(Message):
    state: ReceiptState
    url: str = ""

    def as_closing(self) -> ReceiptReport:
        return ReceiptReport(self.state, is_settled=True, url=self.url)


class PaymentMessage(Message):
    id: str
    reference: str
    status: str
    amount: int
    currency: str
    refunded: int = 0
    url: str = ""
    created_at: datetime | None = None
    receipt: ReceiptMessage | None = None

    def as_report(self) -> PaymentReport:
        return PaymentReport(
            state=_STATES.get(self.status, PaymentState.PENDING),
            external_id=self.id,
            order_reference=self.reference,
            amount=Money(self.amount, self.currency),
            refunded=Money(self.refunded, self.currency),
            shop="sandbox",
            test=True,
            method="sandbox",
            raw_status=self.status,
            receipt=ReceiptReport(self.receipt.state, url=self.receipt.url) if self.receipt else None,
            created_at=self.created_at,
        )


class RefundMessage(Message):
    id: str
    reference: str = ""
    payment: str
    status: RefundState
    amount: int
    currency: str
    receipt: ReceiptMessage | None = None

    def as_report(self) -> RefundReport:
        receipt = self.receipt
        return RefundReport(
            state=self.status,
            external_id=self.id,
            reference=self.reference,
            amount=Money(self.amount, self.currency),
            payment_external_id=self.payment,
            raw_status=self.status.value,
            receipt=ReceiptReport(receipt.state, is_refund=True, url=receipt.url) if receipt else None,
        )


class PaymentList(Message):
    payments: list[PaymentMessage]


class EventMessage(Message):
    id: str
    payment: PaymentMessage
    refund: RefundMessage | None = None


class RefusalMessage(Message):
    code: str = "refused"


class SandboxGateway:
    """Offered in local mode only; its payment page lives in the process of the stand-ins."""

    slug: ClassVar[str] = "sandbox"
    closes_once: ClassVar[bool] = False
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("Sandbox (no real money)"),
        company="NeuralBox",
        country="RU",
        privacy_policy="",
        currencies={
            "RUB": Limits(10_00, 350_000_00),
            "USD": Limits(1_00, 10_000_00),
            "EUR": Limits(1_00, 10_000_00),
        },
        methods=("sandbox",),
        refunds=Refunds.PARTIAL,
        refund_days=0,
        issues_receipts=True,
    )

    def __init__(self) -> None:
        self._calls = Calls("the sandbox", lambda: (settings.SANDBOX_BASE_URL,))

    def is_configured(self) -> bool:
        return bool(settings.LOCAL_MODE and settings.SANDBOX_BASE_URL)

    def is_test(self) -> bool:
        return True

    def shop(self) -> str:
        return "sandbox"

    def create(self, order: Order) -> Invoice:
        answer = self._change(
            "/payments",
            {
                "reference": str(order.payment_id),
                "amount": order.amount.minor,
                "currency": order.amount.currency,
                "description": order.description,
                "language": order.language,
                "success_url": order.success_url,
                "fail_url": order.fail_url,
                "notification_url": order.notification_url,
                "receipt": order.receipt is not None,
            },
        )
        payment = read(PaymentMessage, answer, broken=OutcomeUnknown)
        return Invoice(payment.id, page_address(payment.url), order.expires_at)

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        if payment.external_id:
            answer = self._ask(f"/payments/{payment.external_id}")
            if answer.status_code == HTTPStatus.NOT_FOUND:
                raise PaymentUnknown("the sandbox has no such payment")
            return read(PaymentMessage, answer, broken=GatewayUnavailable).as_report()
        now = datetime.now(UTC)
        found = self._list(now - timedelta(days=30), now + timedelta(days=1), reference=str(payment.payment_id))
        if not found:
            raise PaymentUnknown("the sandbox has no such payment")
        return found[0].as_report()

    def cancel(self, payment: PaymentRef) -> bool:
        try:
            self._change(f"/payments/{payment.external_id}/cancel", {})
        except GatewayRefused:
            return False
        return True

    def refund(self, order: RefundOrder) -> RefundReport:
        refund = {
            "payment": order.payment.external_id,
            "amount": order.amount.minor,
            "reference": str(order.refund_id),
        }
        return read(RefundMessage, self._change("/refunds", refund), broken=OutcomeUnknown).as_report()

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        if not external_id:
            return self.refund(order)
        answer = self._ask(f"/refunds/{external_id}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise RefundUnknown("the sandbox has no such refund")
        return read(RefundMessage, answer, broken=GatewayUnavailable).as_report()

    def close(self, order: ClosingOrder) -> ReceiptReport:
        message = {
            "payment": order.payment.external_id,
            "amount": order.amount.minor,
            "reference": str(order.receipt_id),
        }
        return read(ReceiptMessage, self._change("/receipts", message), broken=OutcomeUnknown).as_closing()

    def fetch_closing(self, order: ClosingOrder, external_id: str) -> ReceiptReport:
        answer = self._ask(f"/receipts/{order.receipt_id}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise ReceiptUnknown("the sandbox has no such receipt")
        return read(ReceiptMessage, answer, broken=GatewayUnavailable).as_closing()

    def parse_notification(self, raw: RawNotification) -> Notification:
        _verify(raw.header(_SIGNATURE_HEADER), raw.body)
        try:
            event = EventMessage.model_validate_json(raw.body)
        except ValidationError as error:
            raise InvalidNotification("the body is unreadable") from error
        return Notification(
            kind=NotificationKind.REFUND if event.refund else NotificationKind.PAYMENT,
            delivery_id=event.id,
            external_id=event.payment.id,
            payment=event.payment.as_report(),
            refund=event.refund.as_report() if event.refund else None,
            raw_status=event.payment.status,
        )

    def resolve(self, notification: Notification) -> Notification:
        return notification

    def accepted(self, notification: Notification) -> Answer:
        return Answer(body="OK")

    def refused(self) -> Answer:
        return Answer(status=400, body="refused")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        return (payment.as_report() for payment in self._list(since, until))

    def mask(self, raw: RawNotification) -> str:
        return masking.json_body(raw.body, frozenset())

    def _list(self, since: datetime, until: datetime, **more: str) -> list[PaymentMessage]:
        period = {"since": since.isoformat(), "until": until.isoformat(), **more}
        return read(PaymentList, self._ask("/payments", params=period), broken=GatewayUnavailable).payments

    def _ask(self, path: str, **rest: Any) -> requests.Response:
        answer = self._calls.ask("GET", self._address(path), headers=self._authorization(), **rest)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise GatewayRefused("unauthorized", "SANDBOX_SECRET is not theirs", Blame.STAFF)
        return answer

    def _change(self, path: str, message: Mapping[str, Any]) -> requests.Response:
        answer = self._calls.change("POST", self._address(path), json=message, headers=self._authorization())
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            refusal = read(RefusalMessage, answer, broken=OutcomeUnknown)
            raise GatewayRefused(refusal.code, f"the sandbox answered {answer.status_code}", Blame.STAFF)
        return answer

    def _address(self, path: str) -> str:
        if not self.is_configured():
            raise GatewayUnavailable("the sandbox works in local mode only")
        return str(settings.SANDBOX_BASE_URL).rstrip("/") + path

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {settings.SANDBOX_SECRET}"}


def _verify(header: str, body: bytes) -> None:
    if not settings.LOCAL_MODE:
        raise InvalidNotification("the sandbox works in local mode only")
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    expected = hmac.new(settings.SANDBOX_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not stamp.isdecimal() or not hmac.compare_digest(expected.encode(), given.encode()):
        raise InvalidNotification("the signature does not match")
    if abs(time.time() - int(stamp)) > _TOLERANCE_SECONDS:
        raise InvalidNotification("the message is too old")
