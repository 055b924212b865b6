"""Fiscal receipts (54-FZ): what is asked for with a payment or a refund, and what became of it.

Which tax system, rate, subject and way of settlement are right is the operator's and its accountant's decision:
settings. The decision is stored with the payment, because the return of a sale keeps that sale's rate (letter of the
Federal Tax Service АБ-4-20/11248@ of 15 December 2025).
"""

from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from billing.gateways import receipts as wire
from billing.gateways import registry
from billing.gateways.money import Money
from billing.models import Payment, PaymentEvent, Receipt, Refund
from billing.services import payment_events
from neuralbox.core import states

_OVER: dict[str, Any] = {"is_outcome_unknown": False, "next_try_at": None}
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


def of_closing(payment: Payment, money: Money) -> wire.Receipt:
    """What is printed when `money` of a prepayment has been spent. Its terms are those of now, the rate a plain one."""
    terms = payment.receipt_terms or {}
    with translation.override(payment.language):
        name = gettext("NeuralBox, generation services")
    vat = wire.Vat(terms["vat"])
    line = wire.ReceiptLine(
        name=name,
        amount=money,
        vat=wire.Vat(settings.FISCAL_CLOSING_VAT_CODE or wire.PLAIN_RATES.get(vat, vat)),
        subject=wire.Subject(settings.FISCAL_CLOSING_SUBJECT),
        settlement=wire.Settlement.FULL_PAYMENT,
    )
    email = payment.email or settings.FISCAL_EMAIL
    return wire.Receipt(lines=(line,), tax_system=wire.TaxSystem(terms["tax_system"]), email=email)


def printed(receipt: Receipt) -> wire.Receipt:
    """A receipt as it was decided upon: the same every time that it is asked for."""
    lines = tuple(
        wire.ReceiptLine(
            name=line["name"],
            amount=Money(line["amount"], line["currency"]),
            vat=wire.Vat(line["vat"]),
            subject=wire.Subject(line["subject"]),
            settlement=wire.Settlement(line["settlement"]),
        )
        for line in receipt.lines
    )
    tax_system = wire.TaxSystem(receipt.lines[0]["tax_system"])
    return wire.Receipt(lines=lines, tax_system=tax_system, email=receipt.payment.email or settings.FISCAL_EMAIL)


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
                kind=Receipt.Kind.RETURN if refund else Receipt.Kind.SALE,
                status=Receipt.Status.PENDING if is_told else Receipt.Status.UNTOLD,
                lines=shown_lines(asked),
            )
        ],
        ignore_conflicts=True,
    )


def shown_lines(receipt: wire.Receipt) -> list[dict[str, Any]]:
    """The lines as they are kept."""
    return [_shown(line, receipt.tax_system) for line in receipt.lines]


def _shown(line: wire.ReceiptLine, tax_system: wire.TaxSystem) -> dict[str, Any]:
    return {
        "name": line.name,
        "amount": line.amount.minor,
        "currency": line.amount.currency,
        "vat": line.vat,
        "subject": line.subject,
        "settlement": line.settlement,
        "tax_system": tax_system,
    }


def apply(payment: Payment, report: wire.ReceiptReport, refund: Refund | None = None) -> bool:
    """Take news of a receipt. True when something changed. What came first, this or the payment, does not matter.

    `refund`: the one that the news is about, where that is known.
    """
    receipt = _told_of(payment, report, refund)
    return receipt is not None and note(receipt, report)


def note(receipt: Receipt, report: wire.ReceiptReport) -> bool:
    """Keep what became of a receipt. True when something changed."""
    payment = receipt.payment
    facts = {
        "url": report.url[:500],
        "fiscal_storage": report.fiscal_storage[:40],
        "fiscal_document": report.fiscal_document[:40],
        "fiscal_sign": report.fiscal_sign[:40],
        "raw_status": report.raw_status[:60],
    }
    match report.state:
        case wire.ReceiptState.ISSUED:
            moved = states.move(receipt, Receipt.Status.ISSUED, issued_at=timezone.now(), **_OVER, **facts)
        case wire.ReceiptState.FAILED:
            moved = states.move(receipt, Receipt.Status.FAILED, raw_status=facts["raw_status"], **_OVER)
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
    if (
        report.is_settled
        and not report.is_refund
        and wire.Settlement(payment.receipt_terms["settlement"]) in wire.PREPAYMENTS
    ):
        return _closing(payment)
    begin(payment, refund)
    return Receipt.objects.get(
        payment=payment, refund=refund, kind=Receipt.Kind.RETURN if refund else Receipt.Kind.SALE
    )


def _closing(payment: Payment) -> Receipt | None:
    """The closing receipt that has been waited for longest: news of them name the payment alone."""
    waits = payment.receipts.filter(kind=Receipt.Kind.CLOSING, status=Receipt.Status.PENDING)
    return waits.exclude(sent_at=None).order_by("created_at", "id").first()
