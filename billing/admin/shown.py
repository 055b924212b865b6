"""How the finance desk shows money, states and people."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html

from billing.gateways.money import Money, exponent
from billing.models import Dispute, Payment, Receipt, Refund, ReviewCase, Wallet

PAYMENT_LABELS = {
    Payment.Status.CREATED: "info",
    Payment.Status.PENDING: "info",
    Payment.Status.PAID: "success",
    Payment.Status.FAILED: "danger",
    Payment.Status.CANCELLED: "info",
    Payment.Status.EXPIRED: "info",
    Payment.Status.REFUNDED: "warning",
    Payment.Status.PARTIALLY_REFUNDED: "warning",
    Payment.Status.DISPUTED: "danger",
}
REFUND_LABELS = {
    Refund.Status.REQUESTED: "warning",
    Refund.Status.APPROVED: "info",
    Refund.Status.SENT: "info",
    Refund.Status.SUCCEEDED: "success",
    Refund.Status.FAILED: "danger",
    Refund.Status.REJECTED: "danger",
}
DISPUTE_LABELS = {
    Dispute.Status.INQUIRY: "warning",
    Dispute.Status.OPEN: "danger",
    Dispute.Status.WON: "success",
    Dispute.Status.LOST: "danger",
}
RECEIPT_LABELS = {
    Receipt.Status.PENDING: "info",
    Receipt.Status.ISSUED: "success",
    Receipt.Status.FAILED: "danger",
    Receipt.Status.UNTOLD: "info",
}
REVIEW_LABELS = {ReviewCase.Status.OPEN: "warning", ReviewCase.Status.RESOLVED: "success"}


def money(minor: int, currency: str) -> str:
    """As the reader writes numbers, with the code of the currency: `1,250.00 RUB`, `1 250,00 RUB`."""
    value = Money(minor, currency).value
    return f"{number(value, exponent(currency))} {currency}"


def number(value: Decimal | float, decimals: int = 0) -> str:
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


def link(page: str, key: Any, text: Any) -> str:
    return format_html(
        '<a href="{}" class="text-primary-700 underline dark:text-primary-400">{}</a>',
        reverse(f"admin:{page}_change", args=[key]),
        text,
    )


def owner(wallet: Wallet) -> str:
    """The person whose wallet it is, with the way to their whole story."""
    return link("accounts_user", wallet.owner_id, wallet.owner)
