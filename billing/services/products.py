"""What is sold and given: packages, rates, promo codes, vouchers. A published offer is never changed, only followed."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from billing.models import Package, PackagePrice, PackageVersion, PromoCode, TokenRate, Voucher, VoucherBatch
from billing.services import amounts
from neuralbox.core import audit
from neuralbox.core.errors import FieldError, InvalidInput

# Without letters and digits that are taken for one another.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_GROUPS = 4
_VOUCHERS_AT_MOST = 1000


@transaction.atomic
def publish_package(
    package: Package, *, tokens: int, bonus_tokens: int, prices: Mapping[str, int], reason: str, by: Any
) -> PackageVersion:
    """Have the package be this from now on. `prices` are minor units by currency. Payments that began keep theirs.

    Raises InvalidInput.
    """
    if not prices or any(price <= 0 for price in prices.values()):
        raise InvalidInput(errors=[FieldError("/prices", _("At least one price, each above zero."))])
    Package.objects.select_for_update().get(pk=package.pk)
    before = package.versions.aggregate(last=Max("number"))["last"] or 0
    version = PackageVersion.objects.create(
        package=package,
        number=before + 1,
        tokens=amounts.check(tokens),
        bonus_tokens=amounts.check(bonus_tokens) if bonus_tokens else 0,
        reason=audit.checked_reason(reason),
        published_by=by,
    )
    PackagePrice.objects.bulk_create(
        PackagePrice(version=version, currency=currency.upper(), amount=price) for currency, price in prices.items()
    )
    if by is not None:
        audit.record(package, by=by, event="package_published", reason=reason, version=version.number)
    return version


@transaction.atomic
def set_offered(package: Package, *, is_offered: bool, reason: str, by: Any) -> None:
    """Show the package in the shop, or no longer. Raises InvalidInput without a reason."""
    reason = audit.checked_reason(reason)
    changes = {"is_offered": (package.is_offered, is_offered)}
    package.is_offered = is_offered
    package.save(update_fields=["is_offered"])
    audit.record(package, by=by, event="package_offered", changes=changes, reason=reason)


@transaction.atomic
def set_rate(
    *, currency: str, per_thousand: int, minimum: int, maximum: int, reason: str, by: Any, is_offered: bool = True
) -> TokenRate:
    """Have free amounts of the currency cost this from now on. Raises InvalidInput."""
    if not (per_thousand > 0 and 0 < minimum <= maximum):
        raise InvalidInput(errors=[FieldError("/per_thousand", _("Prices are above zero, the limits in their order."))])
    rate = TokenRate.objects.create(
        currency=currency.upper(),
        per_thousand=per_thousand,
        minimum=minimum,
        maximum=maximum,
        is_offered=is_offered,
        reason=audit.checked_reason(reason),
        published_by=by,
    )
    if by is not None:
        audit.record(rate, by=by, event="token_rate_set", reason=reason, currency=rate.currency)
    return rate


@transaction.atomic
def create_promo_code(*, code: str, reason: str, by: Any, **terms: Any) -> PromoCode:
    """Offer a promo code; `terms` are fields of PromoCode. Raises InvalidInput when it is taken or gives nothing."""
    if not (terms.get("discount_percent") or terms.get("bonus_percent")):
        raise InvalidInput(errors=[FieldError("/discount_percent", _("A discount or bonus tokens, or both."))])
    if PromoCode.objects.filter(code__iexact=code.strip()).exists():
        raise InvalidInput(errors=[FieldError("/code", _("This code exists already."))])
    made = PromoCode.objects.create(code=code.strip(), reason=audit.checked_reason(reason), created_by=by, **terms)
    audit.record(made, by=by, event="promo_code_made", reason=reason)
    return made


@transaction.atomic
def end_promo_code(promo_code: PromoCode, *, reason: str, by: Any) -> None:
    """No purchase can begin with it any more; those that have begun keep it. Raises InvalidInput without a reason."""
    reason = audit.checked_reason(reason)
    promo_code.is_active = False
    promo_code.save(update_fields=["is_active"])
    audit.record(promo_code, by=by, event="promo_code_ended", reason=reason)


@transaction.atomic
def make_vouchers(
    *, name: str, tokens: int, count: int, expires_at: datetime | None, reason: str, by: Any
) -> tuple[VoucherBatch, list[str]]:
    """Make `count` vouchers of `tokens` bonus tokens each. Their codes are returned here and nowhere else.

    Raises InvalidInput, InvalidAmount.
    """
    if not 0 < count <= _VOUCHERS_AT_MOST:
        detail = _("From 1 to %(most)d at a time.") % {"most": _VOUCHERS_AT_MOST}
        raise InvalidInput(errors=[FieldError("/count", detail)])
    batch = VoucherBatch.objects.create(
        name=name.strip(),
        tokens=amounts.check(tokens),
        count=count,
        expires_at=expires_at,
        reason=audit.checked_reason(reason),
        created_by=by,
    )
    codes = [_new_code() for _number in range(count)]
    Voucher.objects.bulk_create(Voucher(batch=batch, digest=digest(code), last_four=code[-4:]) for code in codes)
    audit.record(batch, by=by, event="vouchers_made", reason=reason, count=count, tokens=tokens)
    return batch, codes


@transaction.atomic
def end_vouchers(batch: VoucherBatch, *, reason: str, by: Any) -> None:
    """Have no voucher of the batch be redeemed any more. Raises InvalidInput without a reason."""
    reason = audit.checked_reason(reason)
    batch.is_active = False
    batch.save(update_fields=["is_active"])
    audit.record(batch, by=by, event="vouchers_ended", reason=reason)


def _new_code() -> str:
    """Twenty characters, a hundred bits: they cannot be guessed, so a plain digest is enough to keep."""
    groups = ["".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(_CODE_GROUPS)]
    return "-".join(groups)


def digest(code: str) -> bytes:
    """What is kept of a voucher's code; spaces, hyphens and case do not matter."""
    return hashlib.sha256("".join(code.split()).replace("-", "").upper().encode()).digest()
