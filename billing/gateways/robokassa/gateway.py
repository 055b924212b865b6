"""Robokassa as a gateway."""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.gateways import masking, origin, tokens
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
)
from billing.gateways.calls import Calls, read
from billing.gateways.closings import ClosingOrder
from billing.gateways.errors import (
    Blame,
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    ReceiptUnknown,
)
from billing.gateways.receipts import ReceiptReport
from billing.gateways.robokassa import fiscal, wire

_CURRENCY = "RUB"
_HIDDEN = frozenset({"signaturevalue", "email", "crc", "token"})
_SIGNED = frozenset({"outsum", "invid", "signaturevalue"})
_PAGE_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_FUNDS = frozenset({"NotEnoughOperationFunds"})


class RobokassaGateway:
    """Payments on Robokassa's page. Refunds are slow and have no idempotency key: a lost answer is for a person."""

    slug: ClassVar[str] = "robokassa"
    closes_once: ClassVar[bool] = True
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("Robokassa: cards, SBP, wallets"),
        company="ООО «РОБОКАССА»",
        country="RU",
        privacy_policy="https://robokassa.com/",
        currencies={_CURRENCY: Limits(10_00, 300_000_00)},
        methods=("bank_card", "sbp", "wallet"),
        refunds=Refunds.PARTIAL,
        refund_days=14,
        issues_receipts=True,
        tells_of_refund_receipts=False,
    )

    def __init__(self) -> None:
        self._calls = Calls("Robokassa", _addresses)

    def is_configured(self) -> bool:
        return bool(
            settings.ROBOKASSA_MERCHANT_LOGIN and settings.ROBOKASSA_PASSWORD_1 and settings.ROBOKASSA_PASSWORD_2
        )

    def is_test(self) -> bool:
        return bool(settings.ROBOKASSA_TEST)

    def shop(self) -> str:
        return str(settings.ROBOKASSA_MERCHANT_LOGIN)

    def create(self, order: Order) -> Invoice:
        """The page is made by a call, so that neither signature nor receipt stand in the customer's address bar."""
        answer = self._calls.change("POST", self._address("/Merchant/Indexjson.aspx"), data=_page(order))
        page = read(wire.Page, answer, broken=OutcomeUnknown)
        if not _PAGE_ID.fullmatch(page.invoiceID) or page.invoiceID == wire.NO_PAGE:
            raise GatewayRefused(page.errorCode or "no_page", masking.text(page.errorMessage), Blame.STAFF)
        url = self._address(f"/Merchant/Index/{page.invoiceID}")
        return Invoice(str(order.number), url, order.expires_at)

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        if self.is_test():
            return PaymentReport(PaymentState.PENDING, external_id=str(payment.number), test=True, raw_status="untold")
        state = self._state(payment)
        try:
            amount = Money.of(state.out_sum, _CURRENCY) if state.out_sum else None
        except ValueError:
            raise GatewayUnavailable("Robokassa named a sum that is none") from None
        return PaymentReport(
            state=wire.STATES.get(state.state, PaymentState.PENDING),
            external_id=str(payment.number),
            order_reference=str(payment.number),
            charge_id=state.operation_key,
            amount=amount,
            test=False,
            method=state.method,
            review="returned" if state.state == wire.MONEY_WENT_BACK else "",
            raw_status=state.state,
            receipt=self._receipt(payment) if state.state == wire.PAID else None,
        )

    def cancel(self, payment: PaymentRef) -> bool:
        """They close only invoices of another kind; a page ends by its ExpirationDate."""
        return False

    def refund(self, order: RefundOrder) -> RefundReport:
        if self.is_test():
            raise GatewayRefused("test_payment", "test payments have no refunds", Blame.STAFF)
        if not settings.ROBOKASSA_PASSWORD_3:
            raise GatewayRefused("no_password_3", "ROBOKASSA_PASSWORD_3 is not set", Blame.STAFF)
        claims: dict[str, Any] = {"OpKey": order.payment.charge_id or self._operation_key(order.payment)}
        if not order.is_whole:
            claims["RefundSum"] = float(order.amount.value)
            if order.receipt:
                claims["InvoiceItems"] = wire.refund_items(order.receipt)
        token = tokens.sign(claims, settings.ROBOKASSA_PASSWORD_3)
        answer = self._calls.change("POST", self._service("/RefundService/Refund/Create"), json=token)
        refunded = read(wire.Refunded, answer, broken=OutcomeUnknown)
        if not refunded.success:
            code = refunded.message if re.fullmatch(r"\w{1,60}", refunded.message) else str(answer.status_code)
            blame = Blame.LATER if code in _FUNDS else Blame.STAFF
            raise GatewayRefused(code, masking.text(refunded.message), blame)
        if not refunded.requestId:
            raise OutcomeUnknown("Robokassa took the refund and gave it no number")
        return _refund_report(order, refunded.requestId, "processing")

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        if not external_id:
            raise CannotTell("Robokassa cannot be asked for a refund without its number")
        answer = self._calls.ask("GET", self._service("/RefundService/Refund/GetState"), params={"id": external_id})
        status = read(wire.RefundStatus, answer, broken=GatewayUnavailable)
        if status.label not in wire.REFUND_STATES:
            raise CannotTell(f"Robokassa says {status.label[:60]!r} of that refund")
        return _refund_report(order, external_id, status.label)

    def close(self, order: ClosingOrder) -> ReceiptReport:
        if self.is_test():
            raise GatewayRefused("test_payment", "test payments have no receipts", Blame.STAFF)
        return fiscal.attach(self._calls, order)

    def fetch_closing(self, order: ClosingOrder, external_id: str) -> ReceiptReport:
        report = fiscal.state(self._calls, order.number)
        if report is None:
            raise ReceiptUnknown("Robokassa has no receipt of that number")
        return replace(report, is_settled=True)

    def parse_notification(self, raw: RawNotification) -> Notification:
        origin.check(raw.peer, settings.ROBOKASSA_NETWORKS)
        fields = _fields(raw)
        out_sum, number = fields.get("OutSum", ""), fields.get("InvId", "")
        if not _is_signed(fields):
            raise InvalidNotification("the signature does not match")
        try:
            amount = Money.of(out_sum, _CURRENCY)
            reference = str(int(number))
        except ValueError as error:
            raise InvalidNotification("the sum or the number is none") from error
        payment = PaymentReport(
            state=PaymentState.PAID,
            external_id=reference,
            order_reference=reference,
            amount=amount,
            test=fields["IsTest"] == "1" if "IsTest" in fields else self.is_test(),
            method=fields.get("PaymentMethod", ""),
            raw_status="ResultURL",
        )
        return Notification(
            NotificationKind.PAYMENT,
            delivery_id=f"{reference}:{amount.minor}",
            external_id=reference,
            payment=payment,
            raw_status="ResultURL",
        )

    def resolve(self, notification: Notification) -> Notification:
        return notification

    def accepted(self, notification: Notification) -> Answer:
        return Answer(body=f"OK{notification.external_id}")

    def refused(self) -> Answer:
        return Answer(status=400, body="bad sign")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        return None

    def mask(self, raw: RawNotification) -> str:
        return masking.form_body(_form(raw), _HIDDEN)

    def _state(self, payment: PaymentRef) -> wire.OperationState:
        login, number = settings.ROBOKASSA_MERCHANT_LOGIN, str(payment.number)
        query = {
            "MerchantLogin": login,
            "InvoiceID": number,
            "Signature": _signature([login, number, settings.ROBOKASSA_PASSWORD_2]),
        }
        answer = self._calls.ask("GET", self._address("/Merchant/WebService/Service.asmx/OpStateExt"), params=query)
        try:
            state = wire.OperationState(answer.content)
        except ValueError:
            raise GatewayUnavailable(f"an unreadable answer, status {answer.status_code}") from None
        match state.result:
            case "0":
                pass
            case "3":
                raise PaymentUnknown("nobody has opened that page")
            case "1000":
                raise GatewayUnavailable("Robokassa says 1000")
            case code:
                raise GatewayRefused(code, "OpStateExt", Blame.STAFF)
        if state.shp(wire.SHP) not in {"", str(payment.payment_id)}:
            raise PaymentUnknown("that number belongs to another order")
        return state

    def _receipt(self, payment: PaymentRef) -> ReceiptReport | None:
        """What became of its fiscal receipt, where receipts are made. That it cannot be told now stops nothing."""
        if not settings.FISCAL_TAX_SYSTEM:
            return None
        try:
            return fiscal.state(self._calls, payment.number)
        except GatewayUnavailable:
            return None

    def _operation_key(self, payment: PaymentRef) -> str:
        try:
            key = self._state(payment).operation_key
        except PaymentUnknown as error:
            raise GatewayRefused("OperationNotFound", str(error), Blame.STAFF) from error
        if not key:
            raise GatewayRefused("no_operation_key", "Robokassa names no operation", Blame.STAFF)
        return key

    def _address(self, path: str) -> str:
        return str(settings.ROBOKASSA_BASE_URL).rstrip("/") + path

    def _service(self, path: str) -> str:
        return str(settings.ROBOKASSA_SERVICES_URL).rstrip("/") + path


def _addresses() -> tuple[str, str, str]:
    return settings.ROBOKASSA_BASE_URL, settings.ROBOKASSA_SERVICES_URL, settings.ROBOKASSA_FISCAL_URL


def _page(order: Order) -> dict[str, str]:
    """The fields of the page, signed. The receipt enters the signature encoded once; the form encodes it again."""
    number, out_sum = str(order.number), str(order.amount.value)
    receipt = quote(wire.receipt(order.receipt), safe="") if order.receipt else ""
    shp = {wire.SHP: str(order.payment_id)}
    parts = [settings.ROBOKASSA_MERCHANT_LOGIN, out_sum, number]
    parts += [receipt] if receipt else []
    parts += [order.success_url, "GET", order.fail_url, "GET", settings.ROBOKASSA_PASSWORD_1, *wire.shp_parts(shp)]
    fields = {
        "MerchantLogin": settings.ROBOKASSA_MERCHANT_LOGIN,
        "OutSum": out_sum,
        "InvId": number,
        "Description": order.description[:100],
        "Culture": order.language,
        "Encoding": "utf-8",
        "ExpirationDate": order.expires_at.isoformat(timespec="seconds"),
        "SuccessUrl2": order.success_url,
        "SuccessUrl2Method": "GET",
        "FailUrl2": order.fail_url,
        "FailUrl2Method": "GET",
        "SignatureValue": _signature(parts),
        **shp,
    }
    fields |= {"Email": order.receipt.email} if order.receipt and order.receipt.email else {}
    fields |= {"Receipt": receipt} if receipt else {}
    # Without IsTest the payment is real, whatever the passwords are.
    return fields | ({"IsTest": "1"} if settings.ROBOKASSA_TEST else {})


def _signature(parts: list[str]) -> str:
    return wire.signature(parts, settings.ROBOKASSA_HASH)


def _is_signed(fields: Mapping[str, str]) -> bool:
    """By password 2. Password 1 signs what the payer's browser carries, so it proves nothing here."""
    password = settings.ROBOKASSA_PASSWORD_2
    if not password:
        return False
    own = {name: value for name, value in fields.items() if name.lower().startswith("shp_")}
    spelled = {wire.SHP if name.lower() == wire.SHP.lower() else name: value for name, value in own.items()}
    given = fields.get("SignatureValue", "").lower().encode()
    # The names of our own fields may come back in other letters than they were signed in.
    return any(
        hmac.compare_digest(
            _signature([fields.get("OutSum", ""), fields.get("InvId", ""), password, *wire.shp_parts(names)]).encode(),
            given,
        )
        for names in (own, spelled)
    )


def _fields(raw: RawNotification) -> dict[str, str]:
    """Raises InvalidNotification when a signed field comes twice: which one would be meant?"""
    pairs = parse_qsl(_form(raw), keep_blank_values=True, errors="replace", max_num_fields=None)
    names = [name.lower() for name, _ in pairs]
    if any(names.count(name) > 1 for name in names if name in _SIGNED or name.startswith("shp_")):
        raise InvalidNotification("a field comes twice")
    return dict(pairs)


def _form(raw: RawNotification) -> str:
    return raw.query if raw.method == "GET" else raw.body.decode("utf-8", "replace")


def _refund_report(order: RefundOrder, external_id: str, label: str) -> RefundReport:
    return RefundReport(
        state=wire.REFUND_STATES[label],
        external_id=external_id,
        reference=str(order.refund_id),
        amount=order.amount,
        payment_external_id=str(order.payment.number),
        order_reference=str(order.payment.number),
        raw_status=label,
    )
