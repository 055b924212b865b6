"""Reads for the finance desk: revenue by day, gateway and currency, and what we owe in tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from billing.models import Dispute, Hold, Payment, Refund, ReviewCase, Wallet


@dataclass(frozen=True, slots=True)
class RevenueRow:
    """One day of one gateway in one currency, in minor units. `returned`: refunds and lost disputes of that day."""

    day: date
    gateway: str
    currency: str
    is_test: bool
    payments: int
    paid: int
    returned: int
    tokens: int

    @property
    def net(self) -> int:
        return self.paid - self.returned


def _moments(since: date, until: date) -> tuple[datetime, datetime]:
    """Days in UTC, the last one included."""
    return datetime.combine(since, time(), UTC), datetime.combine(until + timedelta(days=1), time(), UTC)


def revenue(since: date, until: date) -> list[RevenueRow]:
    """By day of the payment or of the return, newest first."""
    start, end = _moments(since, until)
    rows: dict[tuple[date, str, str, bool], dict[str, int]] = {}

    def add(found: QuerySet[Any, Any], prefix: str, **sums: str) -> None:
        for row in found:
            key = (row["day"], row[f"{prefix}gateway"], row[f"{prefix}currency"], row[f"{prefix}is_test"])
            known = rows.setdefault(key, {"payments": 0, "paid": 0, "returned": 0, "tokens": 0})
            for name, column in sums.items():
                known[name] += row[column] or 0

    paid = Payment.objects.filter(paid_at__gte=start, paid_at__lt=end).values(
        "gateway", "currency", "is_test", day=TruncDate("paid_at", tzinfo=UTC)
    )
    add(
        paid.annotate(count=Count("pk"), sum=Sum("amount"), bought=Sum("tokens")).order_by(),
        "", payments="count", paid="sum", tokens="bought",
    )  # fmt: skip
    ended = {"ended_at__gte": start, "ended_at__lt": end}
    for gone in (
        Refund.objects.filter(status=Refund.Status.SUCCEEDED, **ended),
        Dispute.objects.filter(status=Dispute.Status.LOST, **ended),
    ):
        grouped = gone.values(
            "payment__gateway", "payment__currency", "payment__is_test", day=TruncDate("ended_at", tzinfo=UTC)
        )
        add(grouped.annotate(sum=Sum("amount")).order_by(), "payment__", returned="sum")
    return [
        RevenueRow(day, gateway, currency, is_test, sums["payments"], sums["paid"], sums["returned"], sums["tokens"])
        for (day, gateway, currency, is_test), sums in sorted(rows.items(), reverse=True)
    ]


def payments_between(since: date, until: date) -> Iterator[Payment]:
    """Every payment whose money came in these days, oldest first, read in portions."""
    start, end = _moments(since, until)
    paid = Payment.objects.filter(paid_at__gte=start, paid_at__lt=end).order_by("paid_at", "pk")
    return paid.iterator(chunk_size=500)


@dataclass(frozen=True, slots=True)
class Liability:
    """Tokens that people have paid for and not used: in wallets, and set aside. Given ones are told apart."""

    paid: int
    paid_held: int
    bonus: int


def liability() -> Liability:
    wallets = Wallet.objects.aggregate(paid=Sum("paid"), bonus=Sum("bonus"))
    held = Hold.objects.filter(status=Hold.Status.ACTIVE).aggregate(paid=Sum("paid"), bonus=Sum("bonus"))
    return Liability(
        paid=wallets["paid"] or 0,
        paid_held=held["paid"] or 0,
        bonus=(wallets["bonus"] or 0) + (held["bonus"] or 0),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for staff. `oldest_refund` is when the oldest open request was made."""

    reviews: int
    refunds: int
    oldest_refund: datetime | None
    disputes: int


def waiting() -> Waiting:
    refunds = Refund.objects.filter(
        Q(status=Refund.Status.REQUESTED) | Q(status=Refund.Status.APPROVED, is_manual=True)
    ).aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Waiting(
        reviews=ReviewCase.objects.filter(status=ReviewCase.Status.OPEN).count(),
        refunds=refunds["count"],
        oldest_refund=refunds["oldest"],
        disputes=Dispute.objects.filter(status__in=[Dispute.Status.INQUIRY, Dispute.Status.OPEN]).count(),
    )
