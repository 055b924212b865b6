"""YooKassa's words: statuses, reasons, messages and the receipt object."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pydantic import Field

from billing.gateways.base import Money, PaymentReport, PaymentState, RefundReport, RefundState
from billing.gateways.calls import Message
from billing.gateways.receipts import Receipt, ReceiptReport, ReceiptState, Settlement, TaxSystem, Vat

_STATES = {
    "pending": PaymentState.PENDING,
    "waiting_for_capture": PaymentState.PENDING,
    "succeeded": PaymentState.PAID,
}
_CANCELLED_BECAUSE = {
    "expired_on_confirmation": PaymentState.EXPIRED,
    "expired_on_capture": PaymentState.EXPIRED,
    "deal_expired": PaymentState.EXPIRED,
    "canceled_by_merchant": PaymentState.CANCELLED,
}
_REFUND_STATES = {"succeeded": RefundState.SUCCEEDED, "canceled": RefundState.FAILED}
_RECEIPT_STATES = {"succeeded": ReceiptState.ISSUED, "canceled": ReceiptState.FAILED}

VAT_CODES: Mapping[Vat, int] = MappingProxyType(
    {
        Vat.NONE: 1,
        Vat.VAT_0: 2,
        Vat.VAT_10: 3,
        Vat.VAT_20: 4,
        Vat.VAT_10_110: 5,
        Vat.VAT_20_120: 6,
        Vat.VAT_5: 7,
        Vat.VAT_7: 8,
        Vat.VAT_5_105: 9,
        Vat.VAT_7_107: 10,
        Vat.VAT_22: 11,
        Vat.VAT_22_122: 12,
    }
)
TAX_SYSTEM_CODES: Mapping[TaxSystem, int] = MappingProxyType(
    {
        TaxSystem.GENERAL: 1,
        TaxSystem.SIMPLIFIED_INCOME: 2,
        TaxSystem.SIMPLIFIED_PROFIT: 3,
        TaxSystem.AGRICULTURAL: 5,
        TaxSystem.PATENT: 6,
    }
)
FROM_PREPAYMENT = "prepayment"
_PAYMENT_MODES = {Settlement.PREPAYMENT: "partial_prepayment"}


class Sum(Message):
    value: Decimal
    currency: str

    def as_money(self) -> Money:
        """Raises ValueError."""
        return Money.of(self.value, self.currency)


class Confirmation(Message):
    confirmation_url: str = ""


class Recipient(Message):
    account_id: str | None = None


class Method(Message):
    type: str = ""


class Reason(Message):
    party: str = ""
    reason: str = ""


class Payment(Message):
    id: str
    status: str
    amount: Sum
    refunded_amount: Sum | None = None
    confirmation: Confirmation | None = None
    recipient: Recipient | None = None
    payment_method: Method | None = None
    cancellation_details: Reason | None = None
    metadata: dict[str, str] = {}
    test: bool | None = None
    receipt_registration: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None

    def as_report(self) -> PaymentReport:
        """Raises ValueError when a sum is none."""
        why = self.cancellation_details or Reason()
        state = _STATES.get(self.status, PaymentState.PENDING)
        if self.status == "canceled":
            state = _CANCELLED_BECAUSE.get(why.reason, PaymentState.FAILED)
        return PaymentReport(
            state=state,
            external_id=self.id,
            order_reference=self.metadata.get("payment_id", ""),
            amount=self.amount.as_money(),
            refunded=self.refunded_amount.as_money() if self.refunded_amount else None,
            shop=self.recipient.account_id if self.recipient else None,
            test=self.test,
            method=self.payment_method.type if self.payment_method else "",
            failure=f"{why.party}: {why.reason}" if why.reason else "",
            raw_status=self.status,
            receipt=receipt_report(self.receipt_registration, is_refund=False),
            created_at=self.created_at,
        )


class Refund(Message):
    id: str
    payment_id: str
    status: str
    amount: Sum
    cancellation_details: Reason | None = None
    metadata: dict[str, str] = {}
    receipt_registration: str = ""

    def as_report(self) -> RefundReport:
        """Raises ValueError when the sum is none."""
        why = self.cancellation_details or Reason()
        return RefundReport(
            state=_REFUND_STATES.get(self.status, RefundState.PENDING),
            external_id=self.id,
            reference=self.metadata.get("refund_id", ""),
            amount=self.amount.as_money(),
            payment_external_id=self.payment_id,
            failure=f"{why.party}: {why.reason}" if why.reason else "",
            raw_status=self.status,
            receipt=receipt_report(self.receipt_registration, is_refund=True),
        )


class Payments(Message):
    items: list[Payment] = []
    next_cursor: str = ""


class RefundList(Message):
    items: list[Refund] = []


class Settled(Message):
    type: str = ""
    amount: Sum


class FiscalReceipt(Message):
    id: str
    type: str = "payment"
    status: str = "pending"
    settlements: list[Settled] = []
    fiscal_document_number: str = ""
    fiscal_storage_number: str = ""
    fiscal_attribute: str = ""

    def as_report(self) -> ReceiptReport:
        return ReceiptReport(
            state=_RECEIPT_STATES.get(self.status, ReceiptState.PENDING),
            is_settled=True,
            external_id=self.id,
            fiscal_storage=self.fiscal_storage_number,
            fiscal_document=self.fiscal_document_number,
            fiscal_sign=self.fiscal_attribute,
            raw_status=self.status,
        )

    def closes(self, amount: Money) -> bool:
        """Whether it offsets exactly this much of a prepayment."""
        offset = [one.amount for one in self.settlements if one.type == FROM_PREPAYMENT]
        return self.type == "payment" and [(one.value, one.currency) for one in offset] == [
            (amount.value, amount.currency)
        ]


class FiscalReceipts(Message):
    items: list[FiscalReceipt] = []


class Hint(Message):
    """What an object in a notification is called. The rest of it proves nothing."""

    id: str = Field(pattern=r"^[0-9A-Za-z-]{8,64}$")


class Told(Message):
    type: str
    event: str = Field(max_length=64)
    object: Hint


def receipt_report(registration: str, *, is_refund: bool) -> ReceiptReport | None:
    if not registration:
        return None
    state = _RECEIPT_STATES.get(registration, ReceiptState.PENDING)
    return ReceiptReport(state, is_refund=is_refund, raw_status=registration)


def amount(money: Money) -> dict[str, str]:
    return {"value": str(money.value), "currency": money.currency}


def receipt(receipt: Receipt) -> dict[str, Any]:
    """Their receipt object."""
    return {
        "customer": {"email": receipt.email} if receipt.email else {"phone": receipt.phone.lstrip("+")},
        "tax_system_code": TAX_SYSTEM_CODES[receipt.tax_system],
        "items": [
            {
                "description": line.name[:128],
                "quantity": "1",
                "amount": amount(line.amount),
                "vat_code": VAT_CODES[line.vat],
                "payment_mode": _PAYMENT_MODES.get(line.settlement, line.settlement.value),
                "payment_subject": line.subject.value,
            }
            for line in receipt.lines
        ],
    }
