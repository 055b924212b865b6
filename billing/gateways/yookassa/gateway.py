"""YooKassa as a gateway."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.gateways import exact, masking, origin
from billing.gateways.base import (
    Answer,
    GatewayFacts,
    Invoice,
    Limits,
    Notification,
    NotificationKind,
    Order,
    PaymentRef,
    PaymentReport,
    RawNotification,
    RefundOrder,
    RefundReport,
    Refunds,
    RefundState,
)
from billing.gateways.calls import Calls, Message, page_address, versioned
from billing.gateways.closings import ClosingOrder
from billing.gateways.errors import (
    Blame,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    ReceiptUnknown,
    RefundUnknown,
)
from billing.gateways.receipts import ReceiptReport
from billing.gateways.yookassa import wire

if TYPE_CHECKING:
    from yookassa.domain.common import RequestObject

    from billing.gateways.yookassa.client import Client

_PAGE = "100"
_NOT_FOUND = "not_found"
_HIDDEN = frozenset({"email", "phone", "first6", "last4", "expiry_year", "expiry_month", "card_product", "rrn"})


class YooKassaGateway:
    """One-stage payments on YooKassa's page. Every change carries an idempotency key, kept there for a day."""

    slug: ClassVar[str] = "yookassa"
    closes_once: ClassVar[bool] = False
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("YooKassa: cards, SBP, wallets"),
        company="ООО НКО «ЮМани»",
        country="RU",
        privacy_policy="https://yookassa.ru/",
        currencies={"RUB": Limits(1_00, 350_000_00)},
        methods=("bank_card", "sbp", "sberbank", "yoo_money"),
        refunds=Refunds.PARTIAL,
        refund_days=7,
        issues_receipts=True,
    )

    def __init__(self) -> None:
        self._calls = Calls("YooKassa", lambda: (settings.YOOKASSA_BASE_URL,))

    def is_configured(self) -> bool:
        return bool(settings.YOOKASSA_SHOP_ID and settings.YOOKASSA_SECRET_KEY)

    def is_test(self) -> bool:
        return str(settings.YOOKASSA_SECRET_KEY).startswith("test_")

    def shop(self) -> str:
        return str(settings.YOOKASSA_SHOP_ID)

    def create(self, order: Order) -> Invoice:
        message: dict[str, Any] = {
            "amount": wire.amount(order.amount),
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": order.success_url, "locale": _locale(order.language)},
            "description": order.description[:128],
            "metadata": {"payment_id": str(order.payment_id)},
        }
        if order.receipt:
            message["receipt"] = wire.receipt(order.receipt)
        body = self._client().request(
            "POST", "/payments", headers=_key(order.payment_id), body=_payment_request(message)
        )
        payment = _read(wire.Payment, body, OutcomeUnknown)
        if payment.confirmation is None or not payment.confirmation.confirmation_url:
            # The same key again gives the same payment as it is now, which may be over.
            raise GatewayRefused("no_page", f"the payment is {payment.status} already", Blame.NUMBER)
        return Invoice(payment.id, page_address(payment.confirmation.confirmation_url), payment.expires_at)

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        report = self._payment(payment.external_id)
        if report.order_reference not in {"", str(payment.payment_id)}:
            raise PaymentUnknown("that payment belongs to another order")
        return report

    def cancel(self, payment: PaymentRef) -> bool:
        """Only money that is held can be let go; an unpaid payment ends by itself."""
        path = f"/payments/{_path(payment.external_id)}/cancel"
        try:
            if self.fetch(payment).raw_status != "waiting_for_capture":
                return False
            body = self._client().request("POST", path, headers={"Idempotence-Key": f"cancel-{payment.payment_id}"})
        except (PaymentUnknown, GatewayRefused):
            return False
        return _read(wire.Payment, body, OutcomeUnknown).status == "canceled"

    def refund(self, order: RefundOrder) -> RefundReport:
        message: dict[str, Any] = {
            "payment_id": order.payment.external_id,
            "amount": wire.amount(order.amount),
            "metadata": {"refund_id": str(order.refund_id)},
        }
        if order.reason:
            message["description"] = order.reason[:250]
        if order.receipt:
            message["receipt"] = wire.receipt(order.receipt)
        body = self._client().request("POST", "/refunds", headers=_key(order.refund_id), body=_refund_request(message))
        return _report(_read(wire.Refund, body, OutcomeUnknown), OutcomeUnknown)

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        """Without a number the list is looked at first: a key is forgotten after a day, the list never."""
        if external_id:
            return self._refund(external_id)
        body = self._client().request("GET", "/refunds", {"payment_id": order.payment.external_id, "limit": _PAGE})
        for refund in _read(wire.RefundList, body, GatewayUnavailable).items:
            if refund.metadata.get("refund_id") == str(order.refund_id):
                return _report(refund, GatewayUnavailable)
        return self.refund(order)

    def close(self, order: ClosingOrder) -> ReceiptReport:
        message = {
            "type": "payment",
            "payment_id": order.payment.external_id,
            **wire.receipt(order.receipt),
            "send": True,
            "settlements": [{"type": wire.FROM_PREPAYMENT, "amount": wire.amount(order.amount)}],
        }
        body = self._client().request(
            "POST", "/receipts", headers=_key(order.receipt_id), body=_receipt_request(message)
        )
        return _read(wire.FiscalReceipt, body, OutcomeUnknown).as_report()

    def fetch_closing(self, order: ClosingOrder, external_id: str) -> ReceiptReport:
        """Without a number their list is looked at: it is the one of that sum whose number we do not know."""
        if external_id:
            body = self._client().request("GET", f"/receipts/{_path(external_id)}")
            return _read(wire.FiscalReceipt, body, GatewayUnavailable).as_report()
        query = {"payment_id": order.payment.external_id, "limit": _PAGE}
        listed = _read(wire.FiscalReceipts, self._client().request("GET", "/receipts", query), GatewayUnavailable)
        for receipt in listed.items:
            if receipt.id not in order.others and receipt.closes(order.amount):
                return receipt.as_report()
        raise ReceiptUnknown("YooKassa has no such receipt")

    def parse_notification(self, raw: RawNotification) -> Notification:
        origin.check(raw.peer, settings.YOOKASSA_NETWORKS)
        try:
            told = wire.Told.model_validate(exact.loads(raw.body))
        except ValidationError as error:
            raise InvalidNotification("no notification of theirs") from error
        if told.type != "notification":
            raise InvalidNotification("no notification of theirs")
        bare = Notification(NotificationKind.OTHER, str(uuid4()), raw_status=told.event)
        match told.event.partition(".")[0]:
            case "payment":
                return replace(bare, kind=NotificationKind.PAYMENT, needs_query=True, external_id=told.object.id)
            case "refund":
                hint = RefundReport(RefundState.PENDING, external_id=told.object.id)
                return replace(bare, kind=NotificationKind.REFUND, needs_query=True, refund=hint)
        return bare

    def resolve(self, notification: Notification) -> Notification:
        if not notification.needs_query:
            return notification
        if notification.refund is None:
            payment = self._payment(notification.external_id)
            return replace(notification, needs_query=False, payment=payment)
        try:
            refund = self._refund(notification.refund.external_id)
        except RefundUnknown as error:
            raise PaymentUnknown(str(error)) from error
        payment = self._payment(refund.payment_external_id)
        return replace(
            notification,
            needs_query=False,
            external_id=payment.external_id,
            payment=payment,
            refund=replace(refund, order_reference=payment.order_reference),
        )

    def accepted(self, notification: Notification) -> Answer:
        return Answer(body="OK")

    def refused(self) -> Answer:
        return Answer(status=403, body="refused")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        return self._pages(since, until)

    def mask(self, raw: RawNotification) -> str:
        return masking.json_body(raw.body, _HIDDEN)

    def _pages(self, since: datetime, until: datetime) -> Iterator[PaymentReport]:
        query = {"created_at.gte": _utc(since), "created_at.lt": _utc(until), "limit": _PAGE}
        while True:
            page = _read(wire.Payments, self._client().request("GET", "/payments", query), GatewayUnavailable)
            for payment in page.items:
                yield _report(payment, GatewayUnavailable)
            if not page.next_cursor:
                return
            query["cursor"] = page.next_cursor

    def _payment(self, external_id: str) -> PaymentReport:
        if not external_id:
            raise PaymentUnknown("YooKassa cannot be asked by our own number")
        try:
            body = self._client().request("GET", f"/payments/{_path(external_id)}")
        except GatewayRefused as refused:
            if refused.code == _NOT_FOUND:
                raise PaymentUnknown("YooKassa has no such payment") from refused
            raise
        return _report(_read(wire.Payment, body, GatewayUnavailable), GatewayUnavailable)

    def _refund(self, external_id: str) -> RefundReport:
        try:
            body = self._client().request("GET", f"/refunds/{_path(external_id)}")
        except GatewayRefused as refused:
            if refused.code == _NOT_FOUND:
                raise RefundUnknown("YooKassa has no such refund") from refused
            raise
        return _report(_read(wire.Refund, body, GatewayUnavailable), GatewayUnavailable)

    def _client(self) -> "Client":
        # The package takes half a second to import, which processes that sell nothing need not spend.
        from billing.gateways.yookassa.client import Client

        base_url = versioned(settings.YOOKASSA_BASE_URL, "v3")
        return Client(self._calls, base_url, settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY)


Read = TypeVar("Read", bound=Message)


def _read(kind: type[Read], body: bytes, broken: type[GatewayError]) -> Read:
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        raise broken("an unreadable answer of YooKassa") from None


def _report(message: Any, broken: type[GatewayError]) -> Any:
    try:
        return message.as_report()
    except ValueError:
        raise broken("YooKassa named a sum that is none") from None


def _payment_request(message: dict[str, Any]) -> "RequestObject":
    from yookassa.domain.request import PaymentRequest

    return _checked(PaymentRequest, message)


def _refund_request(message: dict[str, Any]) -> "RequestObject":
    from yookassa.domain.request import RefundRequest

    return _checked(RefundRequest, message)


def _receipt_request(message: dict[str, Any]) -> "RequestObject":
    from yookassa.domain.request import ReceiptRequest

    return _checked(ReceiptRequest, message)


def _checked(kind: type["RequestObject"], message: dict[str, Any]) -> "RequestObject":
    """The package checks what it is given, and says no before anybody is called."""
    try:
        request = kind(message)
        request.validate()
    except (TypeError, ValueError) as error:
        raise GatewayRefused("invalid_request", masking.text(str(error)), Blame.STAFF) from error
    return request


def _key(number: object) -> dict[str, str]:
    return {"Idempotence-Key": str(number)}


def _path(external_id: str) -> str:
    return quote(external_id, safe="")


def _locale(language: str) -> str:
    return "en_US" if language == "en" else "ru_RU"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
