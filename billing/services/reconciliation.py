"""Every day each gateway's books of the days before are compared with ours. What was missed is credited, once.

Where a gateway has a list, the list leads: a payment of theirs that we do not have is found as well. Where it has none,
each of our payments is asked about.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from billing.gateways import registry
from billing.gateways.base import (
    Gateway,
    ListsDisputes,
    Notification,
    NotificationKind,
    PaymentReport,
    PaymentState,
)
from billing.gateways.errors import GatewayError, PaymentUnknown
from billing.models import (
    Payment,
    PaymentEvent,
    PaymentNotification,
    ReconciliationDifference,
    ReconciliationRun,
    ReviewCase,
)
from billing.services import disputes, notifications, payment_reports, payments, reviews
from neuralbox.core import jobs, states

logger = logging.getLogger(__name__)
_Kind = ReconciliationDifference.Kind
# Late notifications, slow chains: a day is looked at on each of the days after it.
LOOK_BACK = 2
DISPUTES_LAST = timedelta(days=120)


def begin() -> None:
    """Have every gateway compared, each by a job of its own."""
    today = timezone.now().astimezone(UTC).date()
    for slug in registry.configured():
        for back in range(1, LOOK_BACK + 1):
            jobs.enqueue("billing.reconcile", slug, (today - timedelta(days=back)).isoformat())


def run(slug: str, day: str) -> None:
    """Compare a day (ISO, in UTC). A repeated run replaces the findings of the one before.

    Raises GatewayError when the gateway does not answer: the job is tried again.
    """
    gateway, on = registry.gateway(slug), date.fromisoformat(day)
    this, _is_new = ReconciliationRun.objects.update_or_create(
        gateway=slug,
        day=on,
        defaults={"status": ReconciliationRun.Status.RUNNING, "failure": "", "created_at": timezone.now()},
    )
    try:
        findings = _Comparison(gateway, on)
        findings.compare()
    except GatewayError as error:
        states.move(this, ReconciliationRun.Status.FAILED, failure=type(error).__name__, ended_at=timezone.now())
        raise
    this.differences.all().delete()
    ReconciliationDifference.objects.bulk_create(
        ReconciliationDifference(run=this, **difference) for difference in findings.differences
    )
    states.move(
        this,
        ReconciliationRun.Status.DONE,
        compared=findings.compared,
        credited=findings.credited,
        ours=dict(findings.ours),
        theirs=dict(findings.theirs),
        ended_at=timezone.now(),
    )


class _Comparison:
    """One day of one gateway: what both sides say, sum by currency, and where they disagree."""

    def __init__(self, gateway: Gateway, day: date) -> None:
        self._gateway = gateway
        self._since = datetime.combine(day, time(), UTC)
        self._until = self._since + timedelta(days=1)
        self.compared = 0
        self.credited = 0
        self.ours: Counter[str] = Counter()
        self.theirs: Counter[str] = Counter()
        self.differences: list[dict[str, object]] = []

    def compare(self) -> None:
        seen = {self._take(report, payment).pk for report, payment in self._pairs() if payment is not None}
        for payment in self._own().filter(status__in=Payment.MONEY_CAME):
            self.ours[payment.currency] += payment.amount
            if payment.pk not in seen:
                self._differ(_Kind.MISSING_THERE, payment, ours=payment.status)
        self._take_disputes()

    def _take_disputes(self) -> None:
        """Those of the months before as they stand now: a bank decides long after the day of the payment."""
        if not isinstance(self._gateway, ListsDisputes):
            return
        for report in self._gateway.list_disputes(self._since - DISPUTES_LAST, self._until):
            news = Notification(NotificationKind.DISPUTE, "", dispute=report)
            payment = notifications.find_payment(self._gateway.slug, news)
            if payment is not None:
                disputes.apply(payment.pk, report)
            else:
                reviews.raise_case(
                    ReviewCase.Kind.UNKNOWN_ORDER,
                    gateway=self._gateway.slug,
                    key=report.external_id,
                    external_id=report.external_id,
                    amount=str(report.amount),
                )

    def _own(self) -> QuerySet[Payment]:
        return Payment.objects.filter(
            gateway=self._gateway.slug, created_at__gte=self._since, created_at__lt=self._until
        )

    def _pairs(self) -> Iterator[tuple[PaymentReport, Payment | None]]:
        """Reports, each with our payment; for a payment of theirs that we do not have, a difference is noted."""
        listed = self._gateway.list_payments(self._since, self._until)
        if listed is None:
            yield from self._asked_one_by_one()
            return
        for report in listed:
            payment = notifications.find_by_report(self._gateway.slug, report)
            if payment is None and report.state == PaymentState.PAID:
                self._unknown(report)
            yield report, payment

    def _asked_one_by_one(self) -> Iterator[tuple[PaymentReport, Payment]]:
        for payment in self._own().exclude(status=Payment.Status.FAILED).iterator(chunk_size=200):
            try:
                yield self._gateway.fetch(payments.reference_of(payment)), payment
            except PaymentUnknown:
                logger.info("the gateway knows no such payment", extra={"payment": str(payment.pk)})

    def _unknown(self, report: PaymentReport) -> None:
        self._sum(report)
        reviews.raise_case(
            ReviewCase.Kind.UNKNOWN_ORDER,
            gateway=self._gateway.slug,
            key=report.external_id,
            external_id=report.external_id,
            amount=str(report.amount),
        )
        self._differ(_Kind.MISSING_HERE, None, external_id=report.external_id, theirs=str(report.amount))

    def _sum(self, report: PaymentReport) -> None:
        if report.state == PaymentState.PAID and report.amount is not None:
            self.theirs[report.amount.currency] += report.amount.minor

    def _take(self, report: PaymentReport, payment: Payment) -> Payment:
        """Apply what they say; what still differs afterwards is for staff."""
        self.compared += 1
        self._sum(report)
        was_credited = payment.status in Payment.MONEY_CAME
        verdict = payment_reports.apply(payment.pk, report, source=PaymentEvent.Source.QUERY)
        payment.refresh_from_db()
        is_credited = payment.status in Payment.MONEY_CAME
        self.credited += is_credited and not was_credited
        if verdict == PaymentNotification.Verdict.REVIEW and report.amount != payment.money:
            self._differ(_Kind.AMOUNT, payment, ours=str(payment.money), theirs=str(report.amount))
        elif is_credited != (report.state == PaymentState.PAID):
            self._differ(_Kind.STATE, payment, ours=payment.status, theirs=report.raw_status or report.state)
        elif report.refunded is not None and report.refunded.minor != payment.refunded_amount:
            self._differ(_Kind.REFUNDED, payment, ours=str(payment.refunded_amount), theirs=str(report.refunded.minor))
        return payment

    def _differ(self, kind: str, payment: Payment | None, **what: object) -> None:
        external_id = payment.external_id if payment else what.pop("external_id", "")
        self.differences.append({"kind": kind, "payment": payment, "external_id": external_id, **what})
