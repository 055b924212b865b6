"""The one way in for news of a payment, pushed or asked: compared with our row, applied forwards, once.

A report never has authority over the sum: the row does. What does not fit goes before staff and moves nothing.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from billing.gateways import registry
from billing.gateways.base import PaymentReport, PaymentState
from billing.models import Payment, PaymentEvent, PaymentNotification, ReviewCase
from billing.services import payment_credits, payment_events, receipts, refund_reports, reviews
from neuralbox.core import states

Verdict = PaymentNotification.Verdict
_Kind = ReviewCase.Kind
_ENDS = {
    PaymentState.FAILED: Payment.Status.FAILED,
    PaymentState.CANCELLED: Payment.Status.CANCELLED,
    PaymentState.EXPIRED: Payment.Status.EXPIRED,
}


@transaction.atomic
def apply(
    payment_id: UUID,
    report: PaymentReport,
    *,
    source: PaymentEvent.Source,
    notification: PaymentNotification | None = None,
) -> str:
    """Take news of a payment. Safe to repeat, in any order, in parallel. Returns the verdict on the news."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    return apply_locked(payment, report, source=source, notification=notification)


def apply_locked(
    payment: Payment,
    report: PaymentReport,
    *,
    source: PaymentEvent.Source,
    notification: PaymentNotification | None = None,
) -> str:
    """The same for a payment whose row the caller has locked and just read."""
    cases = list(_contradictions(payment, report))
    for kind, details in cases:
        reviews.raise_case(
            kind,
            gateway=payment.gateway,
            key=f"{payment.pk}:{report.external_id}:{report.charge_id}",
            payment=payment,
            notification=notification,
            **details,
        )
    if cases:
        return Verdict.REVIEW
    is_new = _note_names(payment, report)
    is_new |= _move(payment, report, source)
    if report.receipt is not None:
        is_new |= receipts.apply(payment, report.receipt)
    if report.refunded is not None:
        is_new |= refund_reports.apply_total(payment, report.refunded, notification=notification)
    return Verdict.APPLIED if is_new else Verdict.IGNORED


def _contradictions(payment: Payment, report: PaymentReport) -> Iterator[tuple[str, dict[str, Any]]]:
    """Why this report may not move tokens, each as a kind of case and its details."""
    gateway = registry.gateway(payment.gateway)
    if report.shop is not None and report.shop != gateway.shop():
        yield _Kind.SHOP, {"theirs": report.shop}
    if report.test is not None and report.test != payment.is_test:
        yield _Kind.TEST, {"theirs": report.test}
    if report.amount is not None and report.amount != payment.money:
        kind = _Kind.AMOUNT if report.amount.currency == payment.currency else _Kind.CURRENCY
        yield kind, {"ours": str(payment.money), "theirs": str(report.amount)}
    if report.external_id and payment.external_id and not _is_ours(payment, report):
        yield _Kind.REPEATED_DEPOSIT, {"theirs": report.external_id}
    is_credited = payment.status in Payment.MONEY_CAME
    if report.review == _Kind.RETURNED and not is_credited:
        return  # money that we never counted went back to its payer
    if report.review:
        yield _kind_of(report.review), {"status": report.raw_status, "received": str(report.received or "")}
    elif report.state == PaymentState.PAID:
        yield from _doubts_about_money(payment, report)


def _is_ours(payment: Payment, report: PaymentReport) -> bool:
    return report.external_id in (payment.external_id, payment.charge_id) or report.charge_id == payment.external_id


def _kind_of(review: str) -> str:
    return review if review in _Kind.values else _Kind.PARTIAL


def _doubts_about_money(payment: Payment, report: PaymentReport) -> Iterator[tuple[str, dict[str, Any]]]:
    is_credited = payment.status in Payment.MONEY_CAME
    if report.amount is None and not is_credited:
        # After a refund T-Bank names a sum that may be what is left; then it is not told.
        yield _Kind.AMOUNT, {"ours": str(payment.money), "theirs": "untold"}
    if report.received is not None and report.received.minor < payment.amount:
        yield _Kind.UNDERPAID, {"ours": str(payment.money), "received": str(report.received)}
    if is_credited and report.charge_id and payment.charge_id and report.charge_id != payment.charge_id:
        yield _Kind.REPEATED_DEPOSIT, {"first": payment.charge_id, "second": report.charge_id}


def _note_names(payment: Payment, report: PaymentReport) -> bool:
    """Keep what refunds and disputes will name. The first number stays; a later one is another movement of money."""
    learned = {
        name: told
        for name, told, known in (
            ("external_id", report.external_id[:200], payment.external_id),
            ("charge_id", report.charge_id[:200], payment.charge_id),
            ("method", report.method[:60], payment.method),
        )
        if told and not known
    }
    if learned:
        for name, told in learned.items():
            setattr(payment, name, told)
        payment.save(update_fields=list(learned))
    return bool(learned)


def _move(payment: Payment, report: PaymentReport, source: PaymentEvent.Source) -> bool:
    if report.state == PaymentState.PAID:
        if not payment_credits.credit(payment, source, status=report.raw_status):
            return False
        if report.received is not None and report.received.minor > payment.amount:
            reviews.raise_case(
                _Kind.SURPLUS,
                gateway=payment.gateway,
                key=str(payment.pk),
                payment=payment,
                ours=str(payment.money),
                received=str(report.received),
            )
        return True
    if report.state == PaymentState.PENDING:
        return states.move(payment, Payment.Status.PENDING)
    ended = {"failure": report.failure[:500], "closed_at": timezone.now(), "next_poll_at": None}
    if not states.move(payment, _ENDS[report.state], **ended):
        return False
    payment_events.add(payment, payment.status, source, status=report.raw_status)
    return True
