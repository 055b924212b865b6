"""Robokassa's service of fiscal receipts: what became of one, and the second receipt that closes a prepayment.

After docs.robokassa.ru/second-receipt and `Receipt/Status` of robokassa/sdk-php, which asks by the number of the order
for the first receipt as well (read in November 2026). At most two receipts are made of one operation.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from billing.gateways import masking
from billing.gateways.calls import Calls, Message, read
from billing.gateways.closings import ClosingOrder
from billing.gateways.errors import Blame, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from billing.gateways.receipts import ReceiptReport, ReceiptState, vat_in
from billing.gateways.robokassa import wire

_WAITS, _REGISTERED, _FAILED = "1", "2", "3"
_STATES = {_WAITS: ReceiptState.PENDING, _REGISTERED: ReceiptState.ISSUED, _FAILED: ReceiptState.FAILED}


_TAKEN, _INTERNAL, _FROM_PREPAYMENT = {"0", _WAITS, _REGISTERED}, "1000", 2


class Attached(Message):
    ResultCode: str = ""
    ResultDescription: str = ""


class State(Message):
    Code: str = ""
    Description: str = ""
    FnNumber: str = ""
    FiscalDocumentNumber: str = ""
    FiscalDocumentAttribute: str = ""


def state(calls: Calls, number: int) -> ReceiptReport | None:
    """What became of the receipt of that number; None where they know of none. Raises GatewayUnavailable."""
    asked = {"merchantId": settings.ROBOKASSA_MERCHANT_LOGIN, "id": str(number)}
    told = read(State, calls.ask("POST", address("Status"), data=body(asked)), broken=GatewayUnavailable)
    if told.Code not in _STATES:
        return None
    return ReceiptReport(
        _STATES[told.Code],
        fiscal_storage=told.FnNumber,
        fiscal_document=told.FiscalDocumentNumber,
        fiscal_sign=told.FiscalDocumentAttribute,
        raw_status=told.Code,
    )


def attach(calls: Calls, order: ClosingOrder) -> ReceiptReport:
    """The second receipt of an operation. Raises GatewayUnavailable, OutcomeUnknown, GatewayRefused."""
    total = float(order.amount.value)
    message = {
        "merchantId": settings.ROBOKASSA_MERCHANT_LOGIN,
        "id": str(order.number),
        "originId": str(order.payment.number),
        "operation": "sell",
        "sno": order.receipt.tax_system.value,
        "url": settings.SITE_URL,
        "total": total,
        "items": json.loads(wire.receipt(order.receipt))["items"],
        "client": {"email": order.receipt.email} if order.receipt.email else {"phone": order.receipt.phone},
        "payments": [{"type": _FROM_PREPAYMENT, "sum": total}],
        "vats": [
            {"type": line.vat.value, "sum": float(vat_in(line.amount, line.vat).value)} for line in order.receipt.lines
        ],
    }
    answer = read(Attached, calls.change("POST", address("Attach"), data=body(message)), broken=OutcomeUnknown)
    if answer.ResultCode not in _TAKEN:
        if answer.ResultCode in {"", _INTERNAL}:
            raise OutcomeUnknown(f"Robokassa answers {answer.ResultCode!r}")
        raise GatewayRefused(answer.ResultCode, masking.text(answer.ResultDescription), Blame.STAFF)
    return ReceiptReport(ReceiptState.PENDING, is_settled=True, raw_status=answer.ResultCode)


def address(method: str) -> str:
    return f"{settings.ROBOKASSA_FISCAL_URL.rstrip('/')}/RoboFiscal/Receipt/{method}"


def body(message: Mapping[str, Any]) -> str:
    """The message in base64url, a dot, and the base64url of the hash over that text and password 1."""
    text = _encoded(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
    digest = wire.signature([text + settings.ROBOKASSA_PASSWORD_1], settings.ROBOKASSA_HASH)
    return f"{text}.{_encoded(digest)}"


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
