"""Reads of what can be bought, of payments, and of what can be returned."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, Prefetch, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import refundable as reckoning
from billing.gateways import registry
from billing.gateways.base import GatewayFacts, Refunds
from billing.models import Dispute, Package, PackageVersion, Payment, Receipt, Refund, TokenRate, Wallet

# What we promise about refunds, and over how long it is measured.
REFUND_PROMISE = timedelta(hours=48)
_MEASURED_OVER = timedelta(days=90)
_MEASURED_EVERY = 300


@dataclass(frozen=True, slots=True)
class OfferedPackage:
    """`prices` in minor units by currency."""

    slug: str
    tokens: int
    bonus_tokens: int
    is_featured: bool
    prices: Mapping[str, int]


def packages() -> list[OfferedPackage]:
    """Every package on offer, in the order of the shop."""
    newest = PackageVersion.objects.order_by("package_id", "-number").distinct("package_id")
    versions = PackageVersion.objects.filter(pk__in=newest.values("pk")).prefetch_related("prices")
    offered = Package.objects.filter(is_offered=True).prefetch_related(Prefetch("versions", versions, "newest"))
    return [
        OfferedPackage(
            package.slug,
            version.tokens,
            version.bonus_tokens,
            package.is_featured,
            {price.currency: price.amount for price in version.prices.all()},
        )
        for package in offered
        for version in package.newest
    ]


def rates() -> dict[str, TokenRate]:
    """The price of a free amount by currency, where one is offered."""
    newest = TokenRate.objects.order_by("currency", "-id").distinct("currency")
    return {rate.currency: rate for rate in newest if rate.is_offered}


def usable_gateways() -> Iterator[tuple[str, GatewayFacts, bool]]:
    """The gateways that can be used here and now: name, facts, and whether it moves no real money."""
    for slug in registry.configured():
        gateway = registry.gateway(slug)
        yield slug, gateway.facts, gateway.is_test()


def payments_of(owner_id: UUID) -> QuerySet[Payment]:
    """A person's payments with all that their list shows, in a fixed number of queries."""
    return (
        Payment.objects.filter(wallet_id=Subquery(Wallet.objects.filter(owner_id=owner_id).values("pk")))
        .select_related("package_version__package", "promo_code")
        .prefetch_related(
            Prefetch("refunds", Refund.objects.order_by("created_at")),
            Prefetch("receipts", Receipt.objects.order_by("created_at")),
        )
    )


@dataclass(frozen=True, slots=True)
class Refundable:
    """What can be returned now. `why` is empty when something can be, else the reason; `explanation` is for people."""

    why: str
    explanation: str
    amount: int = 0
    tokens: int = 0
    bonus_tokens: int = 0
    used_bonus: int = 0
    is_manual: bool = False
    gateway_days: int | None = None


def left_of_newer(payment: Payment) -> int:
    """Bought tokens of the wallet's later payments that no refund and no bank has taken or set aside."""
    newer = Payment.objects.filter(wallet_id=payment.wallet_id, status__in=Payment.MONEY_CAME)
    newer = newer.filter(Q(paid_at__gt=payment.paid_at) | Q(paid_at=payment.paid_at, number__gt=payment.number))
    own = newer.aggregate(left=Sum(F("tokens") - F("refunded_tokens")))["left"] or 0
    returning = Refund.objects.filter(payment__in=newer, status__in=Refund.OPEN).aggregate(sum=Sum("tokens"))["sum"]
    frozen = Dispute.objects.filter(payment__in=newer, status=Dispute.Status.OPEN).aggregate(sum=Sum("frozen_tokens"))
    return int(own - (returning or 0) - (frozen["sum"] or 0))


_WHY_NOT: dict[str, str | Promise] = {
    "not_paid": gettext_lazy("This payment was not paid, so there is nothing to return."),
    "disputed": gettext_lazy("Your bank is looking into this payment. Its decision comes first."),
    "refunded": gettext_lazy("All of this payment has been returned."),
    "in_progress": gettext_lazy("A refund of this payment is on its way."),
    "spent": gettext_lazy("All tokens of this payment have been spent: what was bought first is spent first."),
}


def refundable(payment: Payment) -> Refundable:
    """What of a payment can go back now. Ask with the payment and its wallet locked to act on the answer."""
    why = _why_not(payment)
    if why:
        return Refundable(why, str(_WHY_NOT[why]))
    wallet = Wallet.objects.filter(pk=payment.wallet_id).values("paid", "bonus").get()
    part = reckoning.reckon(
        amount=payment.amount,
        tokens=payment.tokens,
        bonus_tokens=payment.bonus_tokens,
        refunded=reckoning.Part(payment.refunded_amount, payment.refunded_tokens, payment.refunded_bonus, 0),
        wallet_paid=max(0, wallet["paid"] - left_of_newer(payment)),
        wallet_bonus=wallet["bonus"],
        closed=payment.closed_amount,
    )
    if not part.amount:
        return Refundable("spent", str(_WHY_NOT["spent"]))
    facts = registry.gateway(payment.gateway).facts if payment.gateway in registry.GATEWAYS else None
    is_manual = facts is None or facts.refunds == Refunds.NONE
    return Refundable(
        "",
        _explanation(payment, part, is_manual=is_manual),
        part.amount,
        part.tokens,
        part.bonus_tokens,
        part.used_bonus,
        is_manual,
        facts.refund_days if facts else None,
    )


def _why_not(payment: Payment) -> str:
    if payment.status not in Payment.MONEY_CAME:
        return "not_paid"
    if payment.disputes.filter(status__in=[Dispute.Status.INQUIRY, Dispute.Status.OPEN]).exists():
        return "disputed"
    if payment.status in (Payment.Status.REFUNDED, Payment.Status.DISPUTED):
        return "refunded"
    if payment.refunds.filter(status__in=Refund.OPEN).exists():
        return "in_progress"
    return ""


def _explanation(payment: Payment, part: reckoning.Part, *, is_manual: bool) -> str:
    """In a few sentences, how the sum came about."""
    is_whole = part.amount == payment.amount
    sentences = [
        _("Nothing of it was used: the whole payment can be returned.")
        if is_whole
        else _("The unused part can be returned, at the price that you paid. What was bought first is spent first.")
    ]
    if part.used_bonus:
        sentences.append(_("Given tokens that you have used are counted as bought ones."))
    if is_manual:
        sentences.append(_("This payment system cannot return money by itself: we send it by hand and show the proof."))
    return " ".join(sentences)


def refund_speed() -> dict[str, Any]:
    """How fast refunds of the last 90 days were handled, from the request to the money's leaving or our no.

    `median_hours` is None while there are none; `within_promise` is a percentage. Reckoned every five minutes.
    """
    found = cache.get("billing:refund-speed")
    if found is None:
        found = _refund_speed()
        cache.set("billing:refund-speed", found, _MEASURED_EVERY)
    return dict(found)


def _refund_speed() -> dict[str, Any]:
    since = timezone.now() - _MEASURED_OVER
    handled = Refund.objects.filter(created_at__gte=since).exclude(ended_at=None)
    times = handled.exclude(source=Refund.Source.GATEWAY).values_list("created_at", "ended_at")
    hours = [(ended - begun).total_seconds() / 3600 for begun, ended in times if ended]
    promised = REFUND_PROMISE.total_seconds() / 3600
    return {
        "promised_hours": round(promised),
        "handled": len(hours),
        "median_hours": round(median(hours), 1) if hours else None,
        "within_promise": round(100 * sum(one <= promised for one in hours) / len(hours)) if hours else None,
    }
