"""What gateways call us about: kept first, checked over its bytes, applied once, answered as the sender wants it."""

import logging
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from billing.gateways import registry
from billing.gateways.base import Answer, Gateway, Notification, NotificationKind, PaymentReport, RawNotification
from billing.gateways.errors import GatewayRefused, GatewayUnavailable, InvalidNotification, PaymentUnknown
from billing.models import Payment, PaymentEvent, PaymentNotification, ReviewCase
from billing.services import disputes, payment_reports, receipts, refund_reports, reviews
from neuralbox.core import jobs

logger = logging.getLogger(__name__)
Verdict = PaymentNotification.Verdict
KEPT_OF_BODY = 32 * 1024
_SETTLED = (Verdict.APPLIED, Verdict.IGNORED)


def receive(slug: str, raw: RawNotification) -> Answer:
    """Take one call. Raises KeyError for a gateway that does not exist or is not configured here.

    The evidence is stored in a transaction of its own: a failure afterwards does not lose it, and is answered with an
    error, so that the sender comes again.
    """
    gateway = registry.gateway(slug)
    if not gateway.is_configured():
        raise KeyError(slug)
    stored = PaymentNotification.objects.create(
        gateway=slug,
        method=raw.method[:4],
        body=gateway.mask(raw)[:KEPT_OF_BODY].replace("\x00", ""),
        peer=raw.peer or None,
    )
    try:
        news = gateway.parse_notification(raw)
    except InvalidNotification as error:
        logger.warning("payment notification refused: %s", error, extra={"gateway": slug})
        _decide(stored, Verdict.REFUSED)
        return gateway.refused()
    handle(gateway, stored, news)
    return gateway.accepted(news)


def handle(gateway: Gateway, stored: PaymentNotification, news: Notification) -> None:
    """Act on a notification whose origin was checked."""
    stored.kind, stored.delivery_id, stored.raw_status = news.kind, news.delivery_id[:200], news.raw_status[:60]
    if news.kind == NotificationKind.OTHER:
        _decide(stored, Verdict.IGNORED)
        return
    if news.needs_query:
        if _was_handled(stored):
            _decide(stored, Verdict.REPEATED)
            return
        resolved = _resolved(gateway, stored, news)
        if resolved is None:
            return
        news = resolved
    with transaction.atomic():
        payment = find_payment(gateway.slug, news, locked=True)
        if payment is not None:
            stored.payment = payment
            verdict = _apply(payment, news, stored)
            if verdict == Verdict.IGNORED and _was_handled(stored):
                verdict = Verdict.REPEATED
            _decide(stored, verdict)
    if payment is None:
        reviews.raise_case(
            ReviewCase.Kind.UNKNOWN_ORDER,
            gateway=gateway.slug,
            key=news.external_id or news.delivery_id,
            notification=stored,
            external_id=news.external_id,
            status=news.raw_status,
        )
        _decide(stored, Verdict.UNKNOWN)


def _was_handled(stored: PaymentNotification) -> bool:
    """Whether a copy was dealt with."""
    if not stored.delivery_id:
        return False
    copies = PaymentNotification.objects.filter(gateway=stored.gateway, delivery_id=stored.delivery_id)
    return copies.filter(verdict__in=_SETTLED).exclude(pk=stored.pk).exists()


def _resolved(gateway: Gateway, stored: PaymentNotification, news: Notification) -> Notification | None:
    """What the gateway itself says of it. None: nothing is known now; the payment is asked about by ourselves."""
    try:
        return gateway.resolve(news)
    except PaymentUnknown:
        _decide(stored, Verdict.UNKNOWN)
    except (GatewayUnavailable, GatewayRefused) as error:
        logger.warning("payment not asked about: %s", type(error).__name__, extra={"gateway": gateway.slug})
        payment = find_payment(gateway.slug, news)
        stored.payment = payment
        _decide(stored, Verdict.LATER)
        if payment is not None:
            jobs.enqueue("billing.ask_about_payment", str(payment.pk))
    return None


def find_payment(slug: str, news: Notification, *, locked: bool = False) -> Payment | None:
    """Our payment that the news is about: by our own number where it is echoed, else by the gateway's.

    `locked`: its row is locked until the caller's transaction ends.
    """
    own = Payment.objects.filter(gateway=slug)
    if locked:
        own = own.select_for_update(no_key=True)
    told: tuple[Any, ...] = tuple(one for one in (news.payment, news.refund) if one is not None)
    for report in told:
        if report.order_reference and (payment := _by_own_number(own, report.order_reference)):
            return payment
    named = {news.external_id, *(getattr(one, "external_id", "") for one in (news.payment,) if one)}
    charges = {one.charge_id for one in (news.payment, news.refund, news.dispute) if one is not None}
    if news.refund is not None:
        named.add(news.refund.payment_external_id)
    return (
        own.filter(external_id__in=named - {""}).first()
        or own.filter(charge_id__in=(charges | named) - {""}).first()
        or own.filter(external_id__in=charges - {""}).first()
    )


def find_by_report(slug: str, report: PaymentReport) -> Payment | None:
    """Our payment that an entry of a gateway's list is about."""
    news = Notification(NotificationKind.PAYMENT, "", external_id=report.external_id, payment=report)
    return find_payment(slug, news)


def _by_own_number(own: QuerySet[Payment], reference: str) -> Payment | None:
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        return own.filter(number=int(reference)).first()
    try:
        return own.filter(pk=UUID(reference)).first()
    except ValueError:
        return None


def _apply(payment: Payment, news: Notification, stored: PaymentNotification) -> str:
    """Everything that the news tells, each in its place. The gravest verdict counts."""
    verdicts: list[str] = []
    if news.payment is not None:
        source = PaymentEvent.Source.NOTIFICATION
        report = news.payment
        if news.refund is not None and news.refund.amount is not None:
            # The refund tells itself what went back: by the total it would be counted a second time.
            report = replace(report, refunded=None)
        verdicts.append(payment_reports.apply_locked(payment, report, source=source, notification=stored))
    if news.refund is not None:
        verdicts.append(refund_reports.apply_to_payment(payment.pk, news.refund, notification=stored))
    if news.dispute is not None:
        verdicts.append(disputes.apply(payment.pk, news.dispute, notification=stored))
    if news.receipt is not None:
        verdicts.append(Verdict.APPLIED if receipts.apply(payment, news.receipt) else Verdict.IGNORED)
    return next((one for one in (Verdict.REVIEW, Verdict.APPLIED) if one in verdicts), Verdict.IGNORED)


def _decide(stored: PaymentNotification, verdict: str) -> None:
    stored.verdict = verdict
    stored.save(update_fields=["kind", "delivery_id", "raw_status", "payment", "verdict"])
