"""Refunds on their way: sent once, and asked about with growing pauses while the outcome is not known.

Before the call the row says that an attempt is under way. So whoever finds it after a crash asks first, and sends again
only when the gateway has said that it knows of none.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from billing.gateways import registry
from billing.gateways.base import RefundOrder, RefundReport
from billing.gateways.errors import (
    Blame,
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    OutcomeUnknown,
    RefundUnknown,
)
from billing.gateways.money import Money
from billing.models import PaymentEvent, Refund, ReviewCase
from billing.services import pauses, payments, receipts, refund_reports, reviews
from neuralbox.core import states

logger = logging.getLogger(__name__)
_WAITING = (Refund.Status.APPROVED, Refund.Status.SENT)
_LATER = timedelta(hours=1)


def send(refund_id: UUID) -> None:
    """Send an approved refund, or find out what became of it. May run at any time, any number of times."""
    now = timezone.now()
    due = Refund.objects.filter(pk=refund_id, status__in=_WAITING, is_manual=False)
    # The claim: of two workers one goes on.
    pause = pauses.after(due.values_list("polls", flat=True).first() or 0)
    claimed = due.exclude(next_poll_at__gt=now).update(next_poll_at=now + pause, polls=F("polls") + 1)
    if not claimed:
        return
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status == Refund.Status.APPROVED and not refund.is_outcome_unknown:
        _attempt(refund)
    else:
        _ask(refund)


def send_now(refund_id: UUID) -> None:
    """The same without waiting for its time."""
    Refund.objects.filter(pk=refund_id, status__in=_WAITING).update(next_poll_at=None)
    send(refund_id)


def order_of(refund: Refund) -> RefundOrder:
    """The refund as its gateway is asked for it: the same every time."""
    payment = refund.payment
    return RefundOrder(
        refund_id=refund.pk,
        payment=payments.reference_of(payment),
        amount=Money(refund.amount, payment.currency),
        is_whole=refund.amount == payment.amount,
        receipt=receipts.of_refund(refund),
    )


def _attempt(refund: Refund) -> None:
    begun = Refund.objects.filter(pk=refund.pk, status__in=_WAITING)
    if not begun.update(is_outcome_unknown=True, sent_at=timezone.now()):
        return
    try:
        report = registry.gateway(refund.payment.gateway).refund(order_of(refund))
    except GatewayUnavailable:
        _surely_nothing(refund)
    except OutcomeUnknown:
        _doubt(refund)
    except GatewayRefused as refusal:
        _refused(refund, refusal)
    else:
        _take(refund, report)


def _ask(refund: Refund) -> None:
    gateway = registry.gateway(refund.payment.gateway)
    try:
        report = gateway.fetch_refund(order_of(refund), refund.external_id)
    except RefundUnknown:
        if refund.is_outcome_unknown:
            _attempt(refund)
    except CannotTell:
        Refund.objects.filter(pk=refund.pk).update(next_poll_at=None)
        reviews.raise_case(
            ReviewCase.Kind.REFUND_UNKNOWN, gateway=gateway.slug, key=str(refund.pk), payment=refund.payment
        )
    except (GatewayUnavailable, OutcomeUnknown) as error:
        logger.warning("refund not asked about: %s", type(error).__name__, extra={"refund": str(refund.pk)})
    except GatewayRefused as refusal:
        _refused(refund, refusal)
    else:
        _take(refund, report)


def _take(refund: Refund, report: RefundReport) -> None:
    refund_reports.apply(refund.pk, report)


def _surely_nothing(refund: Refund) -> None:
    Refund.objects.filter(pk=refund.pk).update(is_outcome_unknown=False)


def _doubt(refund: Refund) -> None:
    logger.warning("outcome of a refund unknown", extra={"refund": str(refund.pk)})
    states.move(refund, Refund.Status.SENT)


def _refused(refund: Refund, refusal: GatewayRefused) -> None:
    """A no about money or about us is asked again later; any other is final and the tokens return."""
    if refusal.blame not in (Blame.LATER, Blame.STAFF):
        _give_up(refund, f"{refusal.code}: {refusal.message}")
        return
    _surely_nothing(refund)
    Refund.objects.filter(pk=refund.pk).update(
        failure=f"{refusal.code}: {refusal.message}"[:500], next_poll_at=timezone.now() + _LATER
    )
    if refusal.blame == Blame.STAFF:
        reviews.raise_case(
            ReviewCase.Kind.CONFIGURATION,
            gateway=refund.payment.gateway,
            key=f"refund:{refund.pk}",
            payment=refund.payment,
            code=refusal.code,
            message=refusal.message[:300],
        )


def _give_up(refund: Refund, why: str) -> None:
    with transaction.atomic():
        refund_reports.fail(refund_reports.lock(refund.pk), why, PaymentEvent.Source.QUERY)
