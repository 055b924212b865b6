"""Payments and refunds as the API shows them."""

from typing import Any

from billing import selectors_payments as reads
from billing.gateways import registry
from billing.gateways.money import exponent
from billing.models import Payment, Receipt, Refund


def shown(payment: Payment) -> dict[str, Any]:
    """As in a list. Of a payment that `selectors_payments.payments_of` has read."""
    version = payment.package_version
    return {
        "id": payment.pk,
        "number": payment.number,
        "status": payment.status,
        "gateway": payment.gateway,
        "gateway_name": _name(payment.gateway),
        "amount": payment.amount,
        "currency": payment.currency,
        "decimals": exponent(payment.currency),
        "full_amount": payment.full_amount,
        "tokens": payment.tokens,
        "bonus_tokens": payment.bonus_tokens,
        "package": version and version.package.slug,
        "promo_code": payment.promo_code and payment.promo_code.code,
        "redirect_url": (payment.status in Payment.OPEN and payment.redirect_url) or None,
        "is_test": payment.is_test,
        "refunded_amount": payment.refunded_amount,
        "receipts": [_receipt(receipt) for receipt in payment.receipts.all()],
        "refunds": [shown_refund(refund) for refund in payment.refunds.all()],
        "created_at": payment.created_at,
        "expires_at": payment.expires_at,
        "paid_at": payment.paid_at,
    }


def _name(gateway: str) -> str:
    """A gateway that is no longer there keeps its slug as its name."""
    known = registry.GATEWAYS.get(gateway)
    return str(known.facts.name) if known else gateway


def shown_one(payment: Payment) -> dict[str, Any]:
    """By itself, with what can be returned of it."""
    part = reads.refundable(payment)
    refundable = {
        "amount": part.amount,
        "tokens": part.tokens,
        "bonus_tokens": part.bonus_tokens,
        "why_not": part.why or None,
        "explanation": part.explanation,
        "gateway_days": part.gateway_days,
    }
    return {**shown(payment), "refundable": refundable}


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "kind": receipt.kind,
        "status": receipt.status,
        "url": receipt.url,
        "fiscal_document": receipt.fiscal_document,
        "is_refund": receipt.refund_id is not None,
        "issued_at": receipt.issued_at,
    }


def shown_refund(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.pk,
        "status": refund.status,
        "amount": refund.amount,
        "tokens": refund.tokens,
        "bonus_tokens": refund.bonus_tokens,
        "answer": refund.answer,
        "proof": refund.proof,
        "created_at": refund.created_at,
        "ended_at": refund.ended_at,
    }
