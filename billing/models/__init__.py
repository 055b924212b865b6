"""Tables of billing: the ledger, what can be bought, payments, money that goes back, and what staff look into."""

from billing.models.ledger import (
    Correction,
    Hold,
    JournalEntry,
    LowBalanceAlert,
    Posting,
    SpendCap,
    SpendUsage,
    Wallet,
)
from billing.models.payments import Payment, PaymentEvent, PaymentNotification, Receipt
from billing.models.products import (
    Package,
    PackagePrice,
    PackageVersion,
    PromoCode,
    TokenRate,
    Voucher,
    VoucherBatch,
)
from billing.models.refunds import Dispute, Refund
from billing.models.reviews import ReconciliationDifference, ReconciliationRun, ReviewCase

__all__ = [
    "Correction",
    "Dispute",
    "Hold",
    "JournalEntry",
    "LowBalanceAlert",
    "Package",
    "PackagePrice",
    "PackageVersion",
    "Payment",
    "PaymentEvent",
    "PaymentNotification",
    "Posting",
    "PromoCode",
    "Receipt",
    "ReconciliationDifference",
    "ReconciliationRun",
    "Refund",
    "ReviewCase",
    "SpendCap",
    "SpendUsage",
    "TokenRate",
    "Voucher",
    "VoucherBatch",
    "Wallet",
]
