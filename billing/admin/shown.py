"""How the finance desk shows money, states and people."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from billing.gateways.money import Money
from billing.models import Dispute, Payment, Receipt, Refund, ReviewCase, Wallet
from billing.money_words import with_code

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
    return with_code(Money(minor, currency))


def link(page: str, key: Any, text: Any) -> str:
    return format_html(
        '<a href="{}" class="text-primary-700 underline dark:text-primary-400">{}</a>',
        reverse(f"admin:{page}_change", args=[key]),
        text,
    )


def owner(wallet: Wallet) -> str:
    """The person whose wallet it is, with the way to their whole story."""
    return link("accounts_user", wallet.owner_id, wallet.owner)
