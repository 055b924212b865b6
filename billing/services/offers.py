"""What a purchase costs and gives: reckoned once, before the payment begins, and kept with it."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.errors import AmountOutOfLimits, NotOffered, UnusableCode
from billing.gateways.money import Money
from billing.models import Package, PackageVersion, Payment, PromoCode, TokenRate
from billing.money_words import with_symbol

PER_RATE = 1000


@dataclass(frozen=True, slots=True)
class Purchase:
    """`price` before a promo code and `amount` after it; `tokens` are bought, `bonus_tokens` given with them."""

    tokens: int
    bonus_tokens: int
    price: Money
    amount: Money
    package_version: PackageVersion | None = None
    promo_code: PromoCode | None = None


def of_package(*, slug: str, currency: str) -> Purchase:
    """Raises NotOffered when there is no such package or it has no price in the currency."""
    package = Package.objects.filter(slug=slug, is_offered=True).first()
    version = package and package.versions.order_by("-number").first()
    price = version and version.prices.filter(currency=currency).first()
    if not version or not price:
        raise NotOffered(_("This package is not offered in %(currency)s.") % {"currency": currency})
    money = Money(price.amount, currency)
    return Purchase(version.tokens, version.bonus_tokens, money, money, version)


def of_amount(*, minor: int, currency: str) -> Purchase:
    """Tokens for a free amount: whole ones, rounded down. Raises NotOffered, AmountOutOfLimits."""
    rate = TokenRate.objects.filter(currency=currency).order_by("-id").first()
    if rate is None or not rate.is_offered:
        raise NotOffered(_("Free amounts are not offered in %(currency)s.") % {"currency": currency})
    money = Money(minor, currency)
    if not rate.minimum <= minor <= rate.maximum or not minor * PER_RATE // rate.per_thousand:
        raise out_of_limits(rate.minimum, rate.maximum, currency)
    return Purchase(minor * PER_RATE // rate.per_thousand, 0, money, money)


def out_of_limits(minimum: int, maximum: int, currency: str) -> AmountOutOfLimits:
    shown = {name: with_symbol(Money(minor, currency)) for name, minor in (("minimum", minimum), ("maximum", maximum))}
    detail = _("From %(minimum)s to %(maximum)s can be paid this way.") % shown
    return AmountOutOfLimits(detail, minimum=minimum, maximum=maximum, currency=currency)


def with_promo_code(purchase: Purchase, *, code: str, wallet_id: UUID) -> Purchase:
    """The purchase cheaper or larger by the code. Call it with the wallet locked. Raises UnusableCode.

    Counted are payments that were paid or still may be: an abandoned one gives its use back when it ends.
    """
    promo_code = PromoCode.objects.select_for_update().filter(code__iexact=code.strip()).first()
    now = timezone.now()
    if promo_code is None or not promo_code.is_active:
        raise UnusableCode
    if (promo_code.starts_at and now < promo_code.starts_at) or (promo_code.ends_at and now >= promo_code.ends_at):
        raise UnusableCode(_("This code is not valid now."))
    bought = purchase.package_version and purchase.package_version.package_id
    if promo_code.package_id and promo_code.package_id != bought:
        raise UnusableCode(_("This code is for another package."))
    uses = Payment.objects.filter(promo_code=promo_code).exclude(status__in=Payment.UNPAID_END)
    if promo_code.uses_at_most is not None and uses.count() >= promo_code.uses_at_most:
        raise UnusableCode(_("This code has been used up."))
    if uses.filter(wallet_id=wallet_id).count() >= promo_code.uses_per_person:
        raise UnusableCode(_("You have used this code already."))
    price = purchase.price
    # In the customer's favour: what is left of a kopeck is not asked for.
    amount = max(1, price.minor * (100 - promo_code.discount_percent) // 100)
    return Purchase(
        tokens=purchase.tokens,
        bonus_tokens=purchase.bonus_tokens + purchase.tokens * promo_code.bonus_percent // 100,
        price=price,
        amount=Money(amount, price.currency),
        package_version=purchase.package_version,
        promo_code=promo_code,
    )
