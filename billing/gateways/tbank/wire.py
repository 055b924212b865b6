"""T-Bank's words: the token, statuses, error codes, messages and the receipt object."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from billing.gateways.base import PaymentState
from billing.gateways.calls import Message
from billing.gateways.errors import Blame
from billing.gateways.receipts import Receipt, Settlement

PENDING, PAID, FAILED = PaymentState.PENDING, PaymentState.PAID, PaymentState.FAILED
CANCELLED, EXPIRED = PaymentState.CANCELLED, PaymentState.EXPIRED

STATES: Mapping[str, PaymentState] = MappingProxyType(
    {
        "NEW": PENDING,
        "FORM_SHOWED": PENDING,
        "AUTHORIZING": PENDING,
        "3DS_CHECKING": PENDING,
        "3DS_CHECKED": PENDING,
        "PAY_CHECKING": PENDING,
        "CONFIRMING": PENDING,
        "AUTHORIZED": PENDING,
        "CONFIRMED": PAID,
        "REVERSING": CANCELLED,
        "PARTIAL_REVERSED": CANCELLED,
        "REVERSED": CANCELLED,
        "REFUNDING": PAID,
        "ASYNC_REFUNDING": PAID,
        "PARTIAL_REFUNDED": PAID,
        "REFUNDED": PAID,
        "CANCELED": CANCELLED,
        "DEADLINE_EXPIRED": EXPIRED,
        "ATTEMPTS_EXPIRED": FAILED,
        "REJECTED": FAILED,
        "AUTH_FAIL": FAILED,
    }
)
# After these the sum in a message may be what is left or what went back.
RETURNS = frozenset({"REVERSING", "PARTIAL_REVERSED", "REVERSED", "REFUNDING", "ASYNC_REFUNDING", "PARTIAL_REFUNDED"})
UNPAID = frozenset({"NEW", "FORM_SHOWED"})
RECEIPT = "RECEIPT"

UNKNOWN_PAYMENT = frozenset({"255", "325"})
WRONG_STATE = "8"
TRY_LATER = frozenset({"99", "120", "402", "9001", "9999"})
_BLAMES: Mapping[Blame, frozenset[str]] = MappingProxyType(
    {
        Blame.NUMBER: frozenset({"20", "623"}),
        Blame.LATER: frozenset({"3002", "1502", *map(str, range(3028, 3043))}),
        Blame.LIMIT: frozenset({"251", "3019", "3016"}),
        Blame.CUSTOMER: frozenset(
            {"101", "106", "108", "511", "103", "116", "1051", "5060", "119", "603", "2200", "76", "77", "3001"}
        ),
    }
)


def blame(code: str) -> Blame:
    """Who can do something about that error; what has no name here is for staff."""
    return next((who for who, codes in _BLAMES.items() if code in codes), Blame.STAFF)


def token(fields: Mapping[str, Any], password: str) -> str:
    """SHA-256 over the values of all root scalars, sorted by name, with the password among them."""
    scalars = {
        name: _written(value)
        for name, value in fields.items()
        if name != "Token" and value is not None and not isinstance(value, dict | list | tuple)
    }
    joined = "".join(value for _, value in sorted((scalars | {"Password": password}).items()))
    return hashlib.sha256(joined.encode()).hexdigest()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Answer(Message):
    """What every method answers, at least in part."""

    Success: bool
    ErrorCode: str = "0"
    Message: str = ""
    Details: str = ""
    TerminalKey: str = ""
    Status: str = ""
    PaymentId: str = ""
    OrderId: str = ""
    Amount: int | None = None
    PaymentURL: str = ""
    OriginalAmount: int | None = None
    NewAmount: int | None = None
    Params: list["Param"] | None = None


class Param(Message):
    Key: str = ""
    Value: str = ""


class SbpState(Message):
    """GetQrState: how the latest refund by SBP went."""

    Success: bool
    ErrorCode: str = "0"
    Message: str = ""
    QrCancelCode: str = ""
    QrCancelMessage: str = ""

    @property
    def is_refused(self) -> bool:
        return self.QrCancelCode.strip("0") != ""


class Attempt(Message):
    PaymentId: str
    Status: str
    Amount: int | None = None


class Attempts(Message):
    """CheckOrder: every payment under one number of ours."""

    Success: bool
    ErrorCode: str = "0"
    Message: str = ""
    Details: str = ""
    OrderId: str = ""
    Payments: list[Attempt] = []


class Told(Message):
    """A notification, after its token was verified. All fields may come, or not."""

    TerminalKey: str
    OrderId: str = ""
    PaymentId: str = ""
    Status: str
    Success: bool = True
    ErrorCode: str = "0"
    Message: str = ""
    Amount: int | None = None
    Pan: str = ""
    Token: str
    Type: str = ""
    Url: str = ""
    FnNumber: str = ""
    FiscalDocumentNumber: str = ""
    FiscalDocumentAttribute: str = ""
    Receipt: "ToldReceipt | None" = None


class ToldItem(Message):
    PaymentMethod: str = ""


class ToldReceipt(Message):
    Items: list[ToldItem] = []


Told.model_rebuild()


def is_settled(receipt: ToldReceipt | None) -> bool:
    """Whether every line of a printed receipt is paid and rendered."""
    items = receipt.Items if receipt else []
    return bool(items) and all(item.PaymentMethod == Settlement.FULL_PAYMENT for item in items)


def receipt(receipt: Receipt) -> dict[str, Any]:
    """Their Receipt object, in kopecks."""
    buyer = {"Email": receipt.email} if receipt.email else {"Phone": receipt.phone}
    return {
        **buyer,
        "Taxation": receipt.tax_system.value,
        "Items": [
            {
                "Name": line.name[:128],
                "Price": line.amount.minor,
                "Quantity": 1,
                "Amount": line.amount.minor,
                "Tax": line.vat.value,
                "PaymentMethod": line.settlement.value,
                "PaymentObject": line.subject.value,
            }
            for line in receipt.lines
        ],
    }
