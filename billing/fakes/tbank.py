"""T-Bank: Init, GetState, CheckOrder, Cancel, the page, and its notifications."""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty

TERMINAL_KEY, PASSWORD = "1700000000001DEMO", "stand-in-password"
ENVIRONMENT = {"TBANK_TERMINAL_KEY": TERMINAL_KEY, "TBANK_PASSWORD": PASSWORD}


def sign(fields: dict[str, Any]) -> str:
    """The token over the root values."""
    values = {**fields, "Password": PASSWORD}
    text = ""
    for name in sorted(values):
        value = values[name]
        if name == "Token" or value is None or isinstance(value, dict | list):
            continue
        text += {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return hashlib.sha256(text.encode()).hexdigest()


class TBankParty(PaymentParty):
    prefix = "tbank"
    name = "T-Bank"
    open_statuses = frozenset({"NEW", "FORM_SHOWED"})
    paid_statuses = frozenset({"CONFIRMED", "PARTIAL_REFUNDED"})
    routes: ClassVar = (
        *PaymentParty.page_routes,
        ("POST", "/v2/Init", "init"),
        ("POST", "/v2/GetState", "get_state"),
        ("POST", "/v2/CheckOrder", "check_order"),
        ("POST", "/v2/Cancel", "cancel"),
        ("POST", "/v2/GetQrState", "get_qr_state"),
        ("POST", "/cashbox/SendClosingReceipt", "send_closing_receipt"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.refuse_with = ""
        self.pays_by = "card"
        self._by_request: dict[str, dict[str, Any]] = {}

    def is_accepted(self, status: int, answer: str) -> bool:
        return status == 200 and answer == "OK"

    def init(self, request: Request) -> Response:
        asked = request.json()
        if refusal := self._refusal(asked):
            return refusal
        if any(one.reference == asked["OrderId"] and one.status == "CONFIRMED" for one in self.payments.values()):
            return _error("623", "Заказ уже оплачен")
        receipt = asked.get("Receipt")
        if receipt and sum(item["Amount"] for item in receipt["Items"]) != asked["Amount"]:
            return _error("308", "Сумма позиций чека не равна сумме заказа")
        if receipt and not (receipt.get("Email") or receipt.get("Phone")):
            return _error("329", "Не указан e-mail или телефон")
        payment = Payment(
            id=str(next(self.numbers) + 5_000_000_000),
            reference=asked["OrderId"],
            amount=Decimal(asked["Amount"]) / 100,
            currency="RUB",
            description=asked.get("Description", ""),
            language=asked.get("Language", "ru"),
            status="NEW",
            success_url=asked.get("SuccessURL", ""),
            fail_url=asked.get("FailURL", ""),
            notification_url=asked.get("NotificationURL") or self.house.cabinet_address("tbank"),
            asked=asked,
        )
        self.payments[payment.id] = payment
        return as_json(
            {
                "Success": True,
                "ErrorCode": "0",
                "TerminalKey": TERMINAL_KEY,
                "Status": "NEW",
                "PaymentId": payment.id,
                "OrderId": payment.reference,
                "Amount": asked["Amount"],
                "PaymentURL": self.page_url(payment),
            }
        )

    def get_state(self, request: Request) -> Response:
        asked = request.json()
        if refusal := self._refusal(asked):
            return refusal
        payment = self.payments.get(str(asked["PaymentId"]))
        if payment is None:
            return _error("255", "Платёж не найден")
        source = {"card": "Cards", "sbp": "SBP"}[self.pays_by]
        return as_json(
            {**_shown(payment), "Params": [{"Key": "Route", "Value": "ACQ"}, {"Key": "Source", "Value": source}]}
        )

    def check_order(self, request: Request) -> Response:
        asked = request.json()
        if refusal := self._refusal(asked):
            return refusal
        found = [one for one in self.payments.values() if one.reference == asked["OrderId"]]
        if not found:
            return _error("255", "Заказ не найден")
        attempts = [
            {"PaymentId": one.id, "Amount": int(one.amount * 100), "Status": one.status, "Success": "true", "RRN": ""}
            for one in found
        ]
        return as_json({"Success": True, "ErrorCode": "0", "OrderId": asked["OrderId"], "Payments": attempts})

    def cancel(self, request: Request) -> Response:
        asked = request.json()
        if refusal := self._refusal(asked):
            return refusal
        key = asked.get("ExternalRequestId", "")
        if key in self._by_request and self.pays_by == "card":
            return as_json(self._by_request[key])
        payment = self.payments.get(str(asked["PaymentId"]))
        if payment is None:
            return _error("255", "Платёж не найден")
        if payment.status in self.open_statuses:
            payment.status = "CANCELED"
            return as_json(_shown(payment))
        if payment.status not in self.paid_statuses:
            return _error("8", "Неверный статус транзакции")
        rest = payment.amount - payment.refunded
        amount = Decimal(asked["Amount"]) / 100 if "Amount" in asked else rest
        if amount > rest:
            return _error("330", "Сумма возврата больше суммы платежа")
        answer = {**_shown(payment), "OriginalAmount": int(rest * 100), "NewAmount": int((rest - amount) * 100)}
        payment.refunded += amount
        payment.status = "REFUNDED" if amount == rest else "PARTIAL_REFUNDED"
        if self.pays_by == "sbp":
            payment.extra.pop("qr_cancel", None)
            payment.extra["latest_refund"] = amount
            payment.extra["after_refund"], payment.status = payment.status, "ASYNC_REFUNDING"
        answer["Status"] = payment.status
        self._by_request[key] = answer
        if receipt := asked.get("Receipt") or payment.asked.get("Receipt"):
            told = {"Type": "IncomeReturn", "Receipt": receipt, "Amount": int(amount * 100)}
            self.send([self.receipt_told(payment, **told, FiscalDocumentNumber=43)])
        return as_json(answer)

    def get_qr_state(self, request: Request) -> Response:
        asked = request.json()
        if refusal := self._refusal(asked):
            return refusal
        payment = self.payments[str(asked["PaymentId"])]
        return as_json(
            {**_shown(payment), **payment.extra.get("qr_cancel", {"QrCancelCode": "", "QrCancelMessage": None})}
        )

    def send_closing_receipt(self, request: Request) -> Response:
        """Only while the payment is CONFIRMED, and only after a receipt of a prepayment."""
        asked = request.json()
        if refusal := self._refusal(asked):
            return refusal
        payment = self.payments.get(str(asked["PaymentId"]))
        first = payment.asked.get("Receipt") if payment else None
        if payment is None or payment.status != "CONFIRMED" or not first:
            return _error("8", "Неверный статус транзакции")
        methods = {item["PaymentMethod"] for item in first["Items"]}
        if not methods & {"full_prepayment", "prepayment", "advance"}:
            return _error("308", "Первый чек не был предоплатой")
        amount = sum(item["Amount"] for item in asked["Receipt"]["Items"])
        self.send([self.receipt_told(payment, Receipt=asked["Receipt"], Amount=amount, FiscalDocumentNumber=44)])
        return as_json({"Success": True, "ErrorCode": "0", "Message": None})

    def finish_refund(self, payment: Payment, *, is_done: bool = True) -> None:
        """The payer's bank took a refund by SBP, or refused it."""
        if is_done:
            payment.status = payment.extra.pop("after_refund")
        else:
            latest = payment.extra.pop("latest_refund")
            payment.refunded -= latest
            payment.status = "PARTIAL_REFUNDED" if payment.refunded else "CONFIRMED"
            payment.extra["qr_cancel"] = {"QrCancelCode": "RQ05062", "QrCancelMessage": "Банк отказал"}

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        match action:
            case "pay":
                payment.status = "CONFIRMED"
                # In one-stage mode both leave at the same time; here the lower one comes last.
                yield self.told(payment, "CONFIRMED")
                yield self.told(payment, "AUTHORIZED")
                if payment.asked.get("Receipt"):
                    yield self.receipt_told(payment)
            case "decline":
                payment.status = "REJECTED"
                yield self.told(payment, "REJECTED", Success=False, ErrorCode="116", Message="Недостаточно средств")
            case "expire":
                payment.status = "DEADLINE_EXPIRED"
                yield self.told(payment, "DEADLINE_EXPIRED", Success=False)
            case "give_back":
                payment.status, payment.refunded = "REFUNDED", payment.amount
                yield self.told(payment, "REFUNDED")

    def told(self, payment: Payment, status: str, **changes: Any) -> Outgoing:
        """A notification of that status."""
        message: dict[str, Any] = {
            "TerminalKey": TERMINAL_KEY,
            "OrderId": payment.reference,
            "Success": True,
            "Status": status,
            "PaymentId": int(payment.id),
            "ErrorCode": "0",
            "Amount": int(payment.amount * 100),
            "DATA": {"Source": "page"},
        }
        if self.pays_by == "card":
            message |= {"CardId": 322264, "Pan": "430000******0777", "ExpDate": "1230"}
        else:
            message |= {"Pan": "+7 (999) ***-**-77"}
        return self._outgoing(payment.notification_url, message | changes)

    def receipt_told(self, payment: Payment, **changes: Any) -> Outgoing:
        """The notification of a receipt; it goes to the address of the terminal's settings."""
        message = {
            "TerminalKey": TERMINAL_KEY,
            "OrderId": payment.reference,
            "Success": True,
            "Status": "RECEIPT",
            "PaymentId": int(payment.id),
            "ErrorCode": "0",
            "Amount": int(payment.amount * 100),
            "FiscalNumber": 1,
            "ShiftNumber": 7,
            "ReceiptDatetime": "2026-11-24T12:00:00+03:00",
            "FnNumber": "9999078900003780",
            "FiscalDocumentNumber": 42,
            "FiscalDocumentAttribute": 2497850030,
            "Receipt": payment.asked.get("Receipt"),
            "Type": "Income",
            "Ofd": "stand-in",
            "Url": f"{self.page_url(payment)}#receipt",
        }
        return self._outgoing(self.house.cabinet_address("tbank"), message | changes)

    def _outgoing(self, url: str, message: dict[str, Any]) -> Outgoing:
        body = json.dumps({**message, "Token": sign(message)}, ensure_ascii=False).encode()
        return Outgoing(url, lambda: ({"Content-Type": "application/json"}, body))

    def _refusal(self, asked: dict[str, Any]) -> Response | None:
        if asked.get("TerminalKey") != TERMINAL_KEY:
            return _error("205", "Терминал не найден")
        if asked.get("Token") != sign(asked):
            return _error("204", "Неверный токен")
        if code := self.refuse_with:
            self.refuse_with = ""
            return _error(code, "Отказ")
        return None


def _shown(payment: Payment) -> dict[str, Any]:
    return {
        "Success": True,
        "ErrorCode": "0",
        "TerminalKey": TERMINAL_KEY,
        "Status": payment.status,
        "PaymentId": payment.id,
        "OrderId": payment.reference,
        "Amount": int(payment.amount * 100),
        "Message": None,
    }


def _error(code: str, message: str) -> Response:
    """HTTP 200 even for refusals."""
    return as_json(
        {"Success": False, "ErrorCode": code, "Message": message, "Details": message, "TerminalKey": TERMINAL_KEY}
    )
