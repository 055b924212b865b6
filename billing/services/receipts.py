"""Fiscal receipts (54-FZ): what is asked for with a payment or a refund, and what became of it.

Which tax system, rate, subject and way of settlement are right is the operator's and its accountant's decision:
settings. The decision is stored with the payment, because the return of a sale keeps that sale's rate (letter of the
Federal Tax Service АБ-4-20/11248@ of 15 December 2025).
"""

from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import ngettext

from billing.gateways import receipts as wire
from billing.gateways import registry
from billing.gateways.money import Money
from billing.models import Payment, PaymentEvent, Receipt, Refund
from billing.services import payment_events
from neuralbox.core import states

_PRINTED = (Refund.Status.APPROVED, Refund.Status.SENT, Refund.Status.SUCCEEDED)


def terms_for(gateway: str) -> dict[str, str] | None:
    """The terms of a receipt that begins now; None where none is made."""
    if not (settings.FISCAL_TAX_SYSTEM and registry.gateway(gateway).facts.issues_receipts):
        return None
    return {
        "tax_system": settings.FISCAL_TAX_SYSTEM,
        "vat": settings.FISCAL_VAT_CODE,
        "subject": settings.FISCAL_PAYMENT_SUBJECT,
        "settlement": settings.FISCAL_PAYMENT_METHOD,
    }


def line_name(tokens: int, language: str) -> str:
    """What is sold, as the customer reads it on the payment page and on the receipt."""
    with translation.override(language):
        text = ngettext("NeuralBox, %(count)d token", "NeuralBox, %(count)d tokens", tokens)
        return text % {"count": tokens}


def of_payment(payment: Payment) -> wire.Receipt | None:
    """What the gateway is asked to print for the payment."""
    return _receipt(payment, payment.money, payment.tokens + payment.bonus_tokens)


def of_refund(refund: Refund) -> wire.Receipt | None:
    """What the gateway is asked to print for the return: the terms are those of the sale."""
    payment = refund.payment
    return _receipt(payment, Money(refund.amount, payment.currency), refund.tokens + refund.bonus_tokens)


def _receipt(payment: Payment, money: Money, tokens: int) -> wire.Receipt | None:
    terms = payment.receipt_terms
    if terms is None:
        return None
    line = wire.ReceiptLine(
        name=line_name(tokens, payment.language),
        amount=money,
        vat=wire.Vat(terms["vat"]),
        subject=wire.Subject(terms["subject"]),
        settlement=wire.Settlement(terms["settlement"]),
    )
    return wire.Receipt(
        lines=(line,), tax_system=wire.TaxSystem(terms["tax_system"]), email=payment.email or settings.FISCAL_EMAIL
    )


def begin(payment: Payment, refund: Refund | None = None) -> None:
    """Note that the gateway now makes a receipt. Repeating it changes nothing."""
    asked = of_refund(refund) if refund else of_payment(payment)
    if asked is None:
        return
    is_told = refund is None or registry.gateway(payment.gateway).facts.tells_of_refund_receipts
    Receipt.objects.bulk_create(
        [
            Receipt(
                payment=payment,
                refund=refund,
                status=Receipt.Status.PENDING if is_told else Receipt.Status.UNTOLD,
                lines=[_shown(line, payment) for line in asked.lines],
            )
        ],
        ignore_conflicts=True,
    )


def _shown(line: wire.ReceiptLine, payment: Payment) -> dict[str, Any]:
    return {
        "name": line.name,
        "amount": line.amount.minor,
        "currency": line.amount.currency,
        "vat": line.vat,
        "subject": line.subject,
        "settlement": line.settlement,
        "tax_system": (payment.receipt_terms or {})["tax_system"],
    }


def apply(payment: Payment, report: wire.ReceiptReport, refund: Refund | None = None) -> bool:
    """Take news of a receipt. True when something changed. What came first, this or the payment, does not matter.

    `refund`: the one that the news is about, where that is known.
    """
    receipt = _told_of(payment, report, refund)
    if receipt is None:
        return False
    facts = {
        "url": report.url[:500],
        "fiscal_storage": report.fiscal_storage[:40],
        "fiscal_document": report.fiscal_document[:40],
        "fiscal_sign": report.fiscal_sign[:40],
        "raw_status": report.raw_status[:60],
    }
    match report.state:
        case wire.ReceiptState.ISSUED:
            moved = states.move(receipt, Receipt.Status.ISSUED, issued_at=timezone.now(), **facts)
        case wire.ReceiptState.FAILED:
            moved = states.move(receipt, Receipt.Status.FAILED, raw_status=facts["raw_status"])
        case wire.ReceiptState.PENDING:
            moved = False
    if moved:
        payment_events.add(payment, f"receipt_{receipt.status}", PaymentEvent.Source.QUERY, receipt=str(receipt.pk))
    return moved


def _told_of(payment: Payment, report: wire.ReceiptReport, refund: Refund | None) -> Receipt | None:
    """The receipt that the news is about. It may come before the news of the payment or of the refund itself."""
    if payment.receipt_terms is None:
        return None
    if report.is_refund and refund is None:
        refund = payment.refunds.filter(status__in=_PRINTED).order_by("-created_at").first()
        if refund is None:
            return None
    begin(payment, refund)
    return Receipt.objects.get(payment=payment, refund=refund)
