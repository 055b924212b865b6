"""Robokassa's words: signatures, state codes, messages and the receipt object."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from billing.gateways.base import PaymentState, RefundState
from billing.gateways.calls import Message
from billing.gateways.receipts import Receipt

HASHES = ("md5", "ripemd160", "sha1", "sha256", "sha384", "sha512")
SHP = "Shp_payment"
_NAMESPACE = "{http://merchant.roboxchange.com/WebService/}"

STATES: Mapping[str, PaymentState] = MappingProxyType(
    {
        "5": PaymentState.PENDING,
        "10": PaymentState.CANCELLED,
        "20": PaymentState.PENDING,
        "50": PaymentState.PENDING,
        "60": PaymentState.FAILED,
        "80": PaymentState.PENDING,
        "100": PaymentState.PAID,
    }
)
MONEY_WENT_BACK, PAID = "60", "100"
REFUND_STATES: Mapping[str, RefundState] = MappingProxyType(
    {"processing": RefundState.PENDING, "finished": RefundState.SUCCEEDED, "canceled": RefundState.FAILED}
)


def signature(parts: Iterable[str], algorithm: str) -> str:
    """The hash over the parts, joined by colons, in lower-case hexadecimal."""
    return hashlib.new(algorithm, ":".join(parts).encode()).hexdigest()


def shp_parts(fields: Mapping[str, str]) -> list[str]:
    """Our own fields, as they enter a signature: `name=value`, sorted."""
    return sorted(f"{name}={value}" for name, value in fields.items() if name.lower().startswith("shp_"))


def receipt(receipt: Receipt) -> str:
    """Their Receipt, as JSON."""
    message = {
        "sno": receipt.tax_system.value,
        "items": [
            {
                "name": line.name[:128],
                "quantity": 1,
                "sum": float(line.amount.value),
                "payment_method": line.settlement.value,
                "payment_object": line.subject.value,
                "tax": line.vat.value,
            }
            for line in receipt.lines
        ],
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def refund_items(receipt: Receipt) -> list[dict[str, Any]]:
    """Their InvoiceItems of a refund."""
    return [
        {
            "Name": line.name[:128],
            "Quantity": 1,
            "Cost": float(line.amount.value),
            "Tax": line.vat.value,
            "PaymentMethod": line.settlement.value,
            "PaymentObject": line.subject.value,
        }
        for line in receipt.lines
    ]


# A refusal may carry a number that is all zeros in place of none.
NO_PAGE = "00000000-0000-0000-0000-000000000000"


class Page(Message):
    """Indexjson: the page that was made, or why not."""

    invoiceID: str = ""  # noqa: N815
    errorCode: str = ""  # noqa: N815
    errorMessage: str = ""  # noqa: N815


class Refunded(Message):
    success: bool = False
    message: str = ""
    requestId: str = ""  # noqa: N815


class RefundStatus(Message):
    requestId: str = ""  # noqa: N815
    amount: str = ""
    label: str = ""


class OperationState:
    """The answer of OpStateExt. Raises ValueError when it is none."""

    def __init__(self, body: bytes) -> None:
        try:
            self._root: Element = ElementTree.fromstring(body)
        except (ParseError, DefusedXmlException) as error:
            raise ValueError("no XML of theirs") from error
        self.result = self._text("Result/Code")
        if not self.result:
            raise ValueError("no result code")
        self.state = self._text("State/Code")
        self.method = self._text("Info/PaymentMethod/Code")
        self.out_sum = self._text("Info/OutSum")
        self.operation_key = self._text("Info/OpKey")

    def shp(self, name: str) -> str:
        """A field of ours that they keep; its name may have come back in other letters."""
        for entry in self._root.iter(f"{_NAMESPACE}Field"):
            if (entry.findtext(f"{_NAMESPACE}Name") or "").lower() == name.lower():
                return entry.findtext(f"{_NAMESPACE}Value") or ""
        return ""

    def _text(self, path: str) -> str:
        return (self._root.findtext("/".join(_NAMESPACE + step for step in path.split("/"))) or "").strip()
