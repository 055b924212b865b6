"""Robokassa's service of fiscal receipts: what became of one, and the second receipt that closes a prepayment.

After docs.robokassa.ru/second-receipt and `Receipt/Status` of robokassa/sdk-php, which asks by the number of the order
for the first receipt as well (read in November 2026). At most two receipts are made of one operation.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from billing.gateways.calls import Calls, Message, read
from billing.gateways.errors import GatewayUnavailable
from billing.gateways.receipts import ReceiptReport, ReceiptState
from billing.gateways.robokassa import wire

_WAITS, _REGISTERED, _FAILED = "1", "2", "3"
_STATES = {_WAITS: ReceiptState.PENDING, _REGISTERED: ReceiptState.ISSUED, _FAILED: ReceiptState.FAILED}


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


def address(method: str) -> str:
    return f"{settings.ROBOKASSA_FISCAL_URL.rstrip('/')}/RoboFiscal/Receipt/{method}"


def body(message: Mapping[str, Any]) -> str:
    """The message in base64url, a dot, and the base64url of the hash over that text and password 1."""
    text = _encoded(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
    digest = wire.signature([text + settings.ROBOKASSA_PASSWORD_1], settings.ROBOKASSA_HASH)
    return f"{text}.{_encoded(digest)}"


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
