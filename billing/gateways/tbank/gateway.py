"""T-Bank as a gateway."""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.gateways import exact, masking, origin
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
from billing.gateways.calls import Calls, page_address, read, versioned
from billing.gateways.closings import ClosingOrder
from billing.gateways.errors import (
    Blame,
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    RefundUnknown,
)
from billing.gateways.receipts import ReceiptReport, ReceiptState
from billing.gateways.tbank import wire

_CURRENCY = "RUB"
_SHORTEST, _LONGEST = timedelta(minutes=2), timedelta(days=90)
_HIDDEN = frozenset({"token", "pan", "cardid", "expdate", "rebillid", "password", "email", "phone"})
_REFUND_KINDS = {"REFUNDING", "ASYNC_REFUNDING", "PARTIAL_REFUNDED", "REFUNDED"}
# Of several payments under one number of ours, the one that says most.
_WEIGHT = {state: weight for weight, state in enumerate(("failed", "expired", "cancelled", "pending", "paid"))}


class TBankGateway:
    """One-stage payments on the bank's page. Refunds are idempotent, except those by SBP."""

    slug: ClassVar[str] = "tbank"
    closes_once: ClassVar[bool] = False
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("T-Bank: cards and SBP"),
        company="АО «ТБанк»",
        country="RU",
        privacy_policy="https://www.tbank.ru/",
        currencies={_CURRENCY: Limits(10_00, 1_000_000_00)},
        methods=("bank_card", "sbp", "t_pay"),
        refunds=Refunds.PARTIAL,
        refund_days=10,
        issues_receipts=True,
    )

    def __init__(self) -> None:
        self._calls = Calls("T-Bank", lambda: (settings.TBANK_BASE_URL,))

    def is_configured(self) -> bool:
        return bool(settings.TBANK_TERMINAL_KEY and settings.TBANK_PASSWORD)

    def is_test(self) -> bool:
        return _is_test(settings.TBANK_TERMINAL_KEY)

    def shop(self) -> str:
        return str(settings.TBANK_TERMINAL_KEY)

    def create(self, order: Order) -> Invoice:
        message: dict[str, Any] = {
            "Amount": order.amount.minor,
            "OrderId": str(order.payment_id),
            "Description": order.description[:140],
            "PayType": "O",
            "Language": order.language,
            "NotificationURL": order.notification_url,
            "SuccessURL": order.success_url,
            "FailURL": order.fail_url,
            "RedirectDueDate": _due(order.expires_at).isoformat(timespec="seconds"),
        }
        if order.receipt:
            message["Receipt"] = wire.receipt(order.receipt)
        answer = self._change("Init", message)
        if not answer.PaymentId:
            raise OutcomeUnknown("T-Bank answered without a number")
        return Invoice(answer.PaymentId, page_address(answer.PaymentURL), _due(order.expires_at))

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        if payment.external_id:
            return self._report(self._state(payment), payment)
        attempts = read(wire.Attempts, self._asked("CheckOrder", _order_id(payment)), broken=GatewayUnavailable)
        _raise_for(attempts.Success, attempts.ErrorCode, attempts.Message, GatewayUnavailable)
        if not attempts.Payments:
            raise PaymentUnknown("no payment under that number")
        return max(
            (
                self._report(
                    wire.Answer(
                        Success=True,
                        Status=one.Status,
                        PaymentId=one.PaymentId,
                        OrderId=str(payment.payment_id),
                        Amount=one.Amount,
                    ),
                    payment,
                )
                for one in attempts.Payments
            ),
            key=lambda report: _WEIGHT[report.state],
        )

    def cancel(self, payment: PaymentRef) -> bool:
        """A paid one would be refunded by the same call, so the state is asked for first."""
        if not payment.external_id:
            return False
        try:
            if self._state(payment).Status not in wire.UNPAID:
                return False
            return self._change("Cancel", {"PaymentId": payment.external_id}).Status == "CANCELED"
        except (GatewayRefused, PaymentUnknown):
            return False

    def refund(self, order: RefundOrder) -> RefundReport:
        message: dict[str, Any] = {
            "PaymentId": order.payment.external_id,
            "ExternalRequestId": str(order.refund_id),
        }
        if not order.is_whole:
            message["Amount"] = order.amount.minor
            if order.receipt:
                message["Receipt"] = wire.receipt(order.receipt)
        try:
            answer = self._change("Cancel", message)
        except GatewayRefused as refused:
            # The whole may have gone back already: by this very refund, or in the cabinet.
            if refused.code != wire.WRONG_STATE or self._state_for_refund(order).Status != "REFUNDED":
                raise
            return self._refund_report(order, "REFUNDED")
        return self._refund_report(order, answer.Status)

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        if not external_id and order.payment.method == "bank_card":
            return self.refund(order)
        status = self._state_for_refund(order).Status
        if status in {"REFUNDING", "ASYNC_REFUNDING", "REFUNDED", "REVERSED"}:
            return self._refund_report(order, status)
        if status == "CONFIRMED":
            if not external_id:
                raise RefundUnknown("all the money is still there")
            refusal = self._sbp_refusal(order.payment) if order.payment.method == "sbp" else ""
            return replace(self._refund_report(order, status), failure=refusal or "all the money is still there")
        if status == "PARTIAL_REFUNDED" and external_id:
            # An earlier part may have made it so; by SBP the payer's bank may have refused this one.
            refusal = self._sbp_refusal(order.payment) if order.payment.method == "sbp" else ""
            report = self._refund_report(order, status)
            return replace(report, state=RefundState.FAILED, failure=refusal) if refusal else report
        raise CannotTell(f"the payment is {status}, which refund made it so is not told")

    def close(self, order: ClosingOrder) -> ReceiptReport:
        """By SendClosingReceipt. What became of it is told by a notification alone."""
        address = f"{self._host()}/cashbox/SendClosingReceipt"
        message = {"PaymentId": order.payment.external_id, "Receipt": wire.receipt(order.receipt)}
        self._changed(address, message)
        return ReceiptReport(ReceiptState.PENDING, is_settled=True)

    def fetch_closing(self, order: ClosingOrder, external_id: str) -> ReceiptReport:
        raise CannotTell("T-Bank tells of receipts by itself, and cannot be asked")

    def parse_notification(self, raw: RawNotification) -> Notification:
        origin.check(raw.peer, settings.TBANK_NETWORKS)
        fields = exact.loads(raw.body)
        expected = wire.token(fields, settings.TBANK_PASSWORD)
        if not settings.TBANK_PASSWORD or not hmac.compare_digest(
            expected.encode(), str(fields.get("Token") or "").lower().encode()
        ):
            raise InvalidNotification("the token does not match")
        try:
            told = wire.Told.model_validate(fields)
        except ValidationError as error:
            raise InvalidNotification("a field is missing or of another kind") from error
        return _as_notification(told)

    def resolve(self, notification: Notification) -> Notification:
        return notification

    def accepted(self, notification: Notification) -> Answer:
        return Answer(body="OK")

    def refused(self) -> Answer:
        return Answer(status=403, body="refused")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        return None

    def mask(self, raw: RawNotification) -> str:
        return masking.json_body(raw.body, _HIDDEN)

    def _state(self, payment: PaymentRef) -> wire.Answer:
        message = {"PaymentId": payment.external_id}
        answer = read(wire.Answer, self._asked("GetState", message), broken=GatewayUnavailable)
        _raise_for(answer.Success, answer.ErrorCode, answer.Message, GatewayUnavailable)
        if answer.OrderId and answer.OrderId != str(payment.payment_id):
            raise PaymentUnknown("that payment belongs to another order")
        return answer

    def _state_for_refund(self, order: RefundOrder) -> wire.Answer:
        """Raises GatewayRefused where the payment itself is unknown: then there is nothing to give back."""
        try:
            return self._state(order.payment)
        except PaymentUnknown as error:
            raise GatewayRefused("payment_unknown", str(error), Blame.STAFF) from error

    def _sbp_refusal(self, payment: PaymentRef) -> str:
        """Why the latest refund by SBP was refused; "" when it was not."""
        message = {"PaymentId": payment.external_id}
        answer = read(wire.SbpState, self._asked("GetQrState", message), broken=GatewayUnavailable)
        _raise_for(answer.Success, answer.ErrorCode, answer.Message, GatewayUnavailable)
        return masking.text(f"{answer.QrCancelCode} {answer.QrCancelMessage}".strip()) if answer.is_refused else ""

    def _report(self, answer: wire.Answer, payment: PaymentRef) -> PaymentReport:
        whole_went_back = answer.Status == "REFUNDED"
        return PaymentReport(
            state=wire.STATES.get(answer.Status, PaymentState.PENDING),
            external_id=answer.PaymentId or payment.external_id,
            order_reference=answer.OrderId,
            amount=_amount(answer.Status, answer.Amount),
            refunded=payment.amount if whole_went_back else None,
            shop=answer.TerminalKey or self.shop(),
            test=_is_test(answer.TerminalKey or self.shop()),
            method=_method(answer.Params or []),
            raw_status=answer.Status,
        )

    def _refund_report(self, order: RefundOrder, status: str) -> RefundReport:
        match status:
            case "REFUNDED" | "PARTIAL_REFUNDED" | "REVERSED" | "PARTIAL_REVERSED":
                state = RefundState.SUCCEEDED
            case "CONFIRMED":
                state = RefundState.FAILED
            case _:
                state = RefundState.PENDING
        return RefundReport(
            state=state,
            external_id=str(order.refund_id),
            reference=str(order.refund_id),
            amount=order.amount,
            payment_external_id=order.payment.external_id,
            order_reference=str(order.payment.payment_id),
            raw_status=status,
        )

    def _change(self, method: str, message: Mapping[str, Any]) -> wire.Answer:
        return self._changed(self._address(method), message)

    def _changed(self, address: str, message: Mapping[str, Any]) -> wire.Answer:
        answer = read(
            wire.Answer, self._calls.change("POST", address, json=self._signed(message)), broken=OutcomeUnknown
        )
        _raise_for(answer.Success, answer.ErrorCode, f"{answer.Message} {answer.Details}".strip(), OutcomeUnknown)
        return answer

    def _asked(self, method: str, message: Mapping[str, Any]) -> Any:
        return self._calls.ask("POST", self._address(method), json=self._signed(message))

    def _host(self) -> str:
        return str(settings.TBANK_BASE_URL).rstrip("/").removesuffix("/v2")

    def _address(self, method: str) -> str:
        return f"{versioned(settings.TBANK_BASE_URL, 'v2')}/{method}"

    def _signed(self, message: Mapping[str, Any]) -> dict[str, Any]:
        whole = {"TerminalKey": settings.TBANK_TERMINAL_KEY, **message}
        return whole | {"Token": wire.token(whole, settings.TBANK_PASSWORD)}


def _raise_for(success: bool, code: str, message: str, later: type[GatewayUnavailable | OutcomeUnknown]) -> None:
    if success and code in {"0", ""}:
        return
    if code in wire.TRY_LATER:
        raise later(f"T-Bank says {code}")
    if code in wire.UNKNOWN_PAYMENT and later is GatewayUnavailable:
        raise PaymentUnknown(f"T-Bank says {code}")
    raise GatewayRefused(code, masking.text(message), wire.blame(code))


def _as_notification(told: wire.Told) -> Notification:
    bare = Notification(NotificationKind.OTHER, _delivery_id(told), external_id=told.PaymentId, raw_status=told.Status)
    if told.Status == wire.RECEIPT:
        receipt = ReceiptReport(
            state=ReceiptState.ISSUED if told.Success and told.ErrorCode == "0" else ReceiptState.FAILED,
            is_refund="RETURN" in told.Type.upper(),
            is_settled=wire.is_settled(told.Receipt),
            url=told.Url,
            fiscal_storage=told.FnNumber,
            fiscal_document=told.FiscalDocumentNumber,
            fiscal_sign=told.FiscalDocumentAttribute,
            raw_status=told.ErrorCode,
        )
        return replace(bare, kind=NotificationKind.RECEIPT, receipt=receipt)
    if told.Status not in wire.STATES or not told.PaymentId:
        return bare
    amount = _amount(told.Status, told.Amount)
    state = wire.STATES[told.Status]
    payment = PaymentReport(
        state=state if told.Success or state is not PaymentState.PAID else PaymentState.PENDING,
        external_id=told.PaymentId,
        order_reference=told.OrderId,
        amount=amount,
        shop=told.TerminalKey,
        test=_is_test(told.TerminalKey),
        method=_method_of_pan(told.Pan),
        failure=f"{told.ErrorCode} {told.Message}".strip() if told.ErrorCode != "0" else "",
        raw_status=told.Status,
    )
    if told.Status not in _REFUND_KINDS:
        return replace(bare, kind=NotificationKind.PAYMENT, payment=payment)
    is_done = told.Status in {"REFUNDED", "PARTIAL_REFUNDED"}
    refund = RefundReport(
        state=RefundState.SUCCEEDED if is_done else RefundState.PENDING,
        payment_external_id=told.PaymentId,
        order_reference=told.OrderId,
        raw_status=told.Status,
    )
    return replace(bare, kind=NotificationKind.REFUND, payment=payment, refund=refund)


def _delivery_id(told: wire.Told) -> str:
    return f"{told.PaymentId}:{told.Status}:{told.Token.lower()[:32]}"


def _amount(status: str, kopecks: int | None) -> Money | None:
    """The sum of the order; None where the number may mean something else."""
    if kopecks is None or status in wire.RETURNS or status == "REFUNDED":
        return None
    return Money(kopecks, _CURRENCY)


def _method(params: list[wire.Param]) -> str:
    values = " ".join(param.Value.lower() for param in params)
    if "sbp" in values or "qr" in values:
        return "sbp"
    return "bank_card" if "card" in values else ""


def _method_of_pan(pan: str) -> str:
    """A card's masked number, or for SBP a masked phone."""
    if not pan:
        return ""
    return "sbp" if pan.startswith("+") else "bank_card"


def _is_test(terminal_key: str) -> bool:
    return terminal_key.upper().endswith("DEMO")


def _due(expires_at: datetime) -> datetime:
    now = datetime.now(UTC)
    return min(max(expires_at, now + _SHORTEST), now + _LONGEST)


def _order_id(payment: PaymentRef) -> dict[str, str]:
    return {"OrderId": str(payment.payment_id)}
