"""We ask by ourselves: notifications get lost at every gateway.

Due payments are picked in batches, each claimed by moving its next question; pauses grow. After its time a payment is
closed at the gateway where that can be done, and then here; late money is still taken, whoever tells of it.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from billing.errors import GatewayTrouble, NumberNotTheirs, PaymentRefused
from billing.gateways import registry
from billing.gateways.errors import GatewayError, GatewayRefused, GatewayUnavailable, OutcomeUnknown, PaymentUnknown
from billing.models import Payment, PaymentEvent, Receipt, Refund
from billing.services import pauses, payment_events, payment_reports, payments
from neuralbox.core import jobs, states

logger = logging.getLogger(__name__)
BATCH = 50
# A notification on its way is waited for, before a payment that has run out is closed.
MARGIN = timedelta(minutes=5)
# Money may come after the end: crypto payments are asked about for a week, with long pauses.
ASKED_LATE_FOR = timedelta(days=7)
LATE_PAUSE = timedelta(hours=6)
CHECK_AGAIN_AFTER = timedelta(seconds=5)


def begin_due() -> int:
    """Have every payment, refund and closing receipt asked about that is due, each by a job. Returns how many."""
    with transaction.atomic():
        payments_due = _claim()
        for payment_id in payments_due:
            jobs.enqueue("billing.ask_about_payment", str(payment_id))
    refunds_due = Refund.objects.filter(next_poll_at__lte=timezone.now()).values_list("pk", flat=True)[:BATCH]
    for refund_id in refunds_due:
        jobs.enqueue("billing.send_refund", str(refund_id))
    receipts_due = Receipt.objects.filter(next_try_at__lte=timezone.now()).values_list("pk", flat=True)[:BATCH]
    for receipt_id in receipts_due:
        jobs.enqueue("billing.send_closing_receipt", str(receipt_id))
    return len(payments_due) + len(refunds_due) + len(receipts_due)


def _claim() -> list[UUID]:
    """Due payments, each pushed a little into the future so that the next sweep leaves it alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE billing_payment SET next_poll_at = clock_timestamp() + interval '2 minutes' WHERE id IN (
                   SELECT id FROM billing_payment WHERE next_poll_at <= clock_timestamp()
                   ORDER BY next_poll_at LIMIT %s FOR UPDATE SKIP LOCKED)
               RETURNING id""",
            [BATCH],
        )
        return [row[0] for row in cursor.fetchall()]


def ask(payment_id: UUID) -> None:
    """Ask the gateway about a payment and act on the answer; then say when to ask again. May be repeated."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.gateway not in registry.configured():
        _ask_again(payment)
        return
    if payment.status == Payment.Status.CREATED and not payment.redirect_url:
        _open_again(payment)
        return
    _ask_now(payment)
    payment.refresh_from_db()
    now = timezone.now()
    if payment.status in Payment.OPEN and now >= payment.expires_at + MARGIN:
        _expire(payment)
    _ask_again(payment)


def check(payment: Payment) -> Payment:
    """«I paid but got nothing»: ask now. Asking within seconds of the last time answers from our own row.

    Raises GatewayTrouble when the gateway does not answer; we go on asking by ourselves then.
    """
    now = timezone.now()
    mine = Payment.objects.filter(pk=payment.pk)
    last = payment.events.filter(kind="asked").order_by("-id").values_list("created_at", flat=True).first()
    if payment.status in Payment.MONEY_CAME or (last and now - last < CHECK_AGAIN_AFTER):
        return payment
    payment_events.add(payment, "asked", PaymentEvent.Source.CUSTOMER)
    if payment.gateway not in registry.configured() or not _ask_now(payment):
        mine.update(next_poll_at=now)
        raise GatewayTrouble
    payment.refresh_from_db()
    return payment


def ask_by_number(payment: Payment, number: str) -> Payment:
    """Ask by the number that the gateway has shown to the payer: its notification, which names it to us, never came.

    Raises NumberNotTheirs when it belongs to no payment of this order, GatewayTrouble when the gateway does not answer.
    """
    named = replace(payments.reference_of(payment), charge_id=number.strip()[:60])
    try:
        report = registry.gateway(payment.gateway).fetch(named)
    except PaymentUnknown as error:
        raise NumberNotTheirs from error
    except (GatewayUnavailable, GatewayRefused) as error:
        raise GatewayTrouble from error
    if report.order_reference != str(payment.pk):
        raise NumberNotTheirs
    payment_reports.apply(payment.pk, report, source=PaymentEvent.Source.QUERY)
    payment.refresh_from_db()
    return payment


def _ask_now(payment: Payment) -> bool:
    """False: the gateway did not answer."""
    try:
        report = registry.gateway(payment.gateway).fetch(payments.reference_of(payment))
    except PaymentUnknown:
        return True
    except (GatewayUnavailable, GatewayRefused, OutcomeUnknown) as error:
        logger.warning("payment not asked about: %s", type(error).__name__, extra={"payment": str(payment.pk)})
        return False
    payment_reports.apply(payment.pk, report, source=PaymentEvent.Source.QUERY)
    return True


def _open_again(payment: Payment) -> None:
    """The answer to the first call was lost: the same order again, or the end when that was tried often enough."""
    if payment.creation_attempts >= payments.CREATION_ATTEMPTS or timezone.now() >= payment.expires_at:
        _expire(payment)
        return
    try:
        payments.open_page(payment)
    except (GatewayTrouble, PaymentRefused):
        return
    payment.refresh_from_db()
    _ask_again(payment)


def _expire(payment: Payment) -> None:
    """Nobody paid in time. What can be closed at the gateway is closed, so that nobody can pay any more."""
    if payment.external_id:
        try:
            registry.gateway(payment.gateway).cancel(payments.reference_of(payment))
        except GatewayError as error:
            logger.warning("payment not closed: %s", type(error).__name__, extra={"payment": str(payment.pk)})
    if states.move(payment, Payment.Status.EXPIRED, closed_at=timezone.now()):
        payment_events.add(payment, "expired", PaymentEvent.Source.SITE)


def _ask_again(payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk).update(next_poll_at=_next(payment), polls=payment.polls + 1)


def _next(payment: Payment) -> datetime | None:
    now = timezone.now()
    if payment.status in Payment.OPEN:
        return min(now + pauses.after(payment.polls), max(now, payment.expires_at + MARGIN))
    is_late = payment.status == Payment.Status.EXPIRED and now < payment.expires_at + ASKED_LATE_FOR
    if is_late and registry.gateway(payment.gateway).facts.is_crypto:
        return now + LATE_PAUSE
    waits_for_receipt = payment.receipts.filter(kind="sale", status="pending").exists() and payment.paid_at
    if waits_for_receipt and now < payment.paid_at + timedelta(days=1):  # type: ignore[operator]
        return now + pauses.after(payment.polls)
    return None
