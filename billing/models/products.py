"""What can be bought and given: packages, free amounts, promo codes, vouchers.

What a customer was offered is never changed afterwards: a new price is a new version, and a payment points to the
version that it was made with.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from billing.gateways.money import Money
from billing.models.ledger import Wallet
from billing.money_words import with_code
from neuralbox.core import ids


class Package(models.Model):
    """Tokens sold together. Its tokens and prices are those of its newest version."""

    slug = models.SlugField(_("name in the API"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_offered = models.BooleanField(_("offered"), default=True)
    is_featured = models.BooleanField(_("recommended"), default=False)

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        ordering: ClassVar = ["position", "id"]
        permissions: ClassVar = [("set_prices", "Can set packages, prices, promo codes and vouchers")]

    def __str__(self) -> str:
        return self.slug


class PackageVersion(models.Model):
    """What a package was at a time: bought tokens, tokens given with them, and a price per currency."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    tokens = models.BigIntegerField(_("tokens"))
    bonus_tokens = models.BigIntegerField(_("bonus tokens"), default=0)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("published"), db_default=Now())

    class Meta:
        verbose_name = _("version of a package")
        verbose_name_plural = _("versions of packages")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "number"], name="billing_one_version_per_number"),
            models.CheckConstraint(condition=Q(tokens__gt=0, bonus_tokens__gte=0), name="billing_package_has_tokens"),
        ]

    def __str__(self) -> str:
        return f"{self.package_id} v{self.number}"


class PackagePrice(models.Model):
    """What a version of a package costs, in minor units of the currency."""

    version = models.ForeignKey(PackageVersion, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("price"), help_text=_("In kopecks, cents and the like."))

    class Meta:
        verbose_name = _("price of a package")
        verbose_name_plural = _("prices of packages")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "currency"], name="billing_one_price_per_currency"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_price_positive"),
        ]

    def __str__(self) -> str:
        return with_code(Money(self.amount, self.currency))


class TokenRate(models.Model):
    """The price of a free amount in one currency; the newest row of a currency counts."""

    currency = models.CharField(_("currency"), max_length=3)
    per_thousand = models.BigIntegerField(_("price of 1,000 tokens"), help_text=_("In kopecks, cents and the like."))
    minimum = models.BigIntegerField(_("smallest payment"))
    maximum = models.BigIntegerField(_("largest payment"))
    is_offered = models.BooleanField(_("offered"), default=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("published"), db_default=Now())

    class Meta:
        verbose_name = _("price of a free amount")
        verbose_name_plural = _("prices of free amounts")
        indexes: ClassVar = [models.Index(fields=["currency", "-id"], name="billing_rate_of_currency")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(per_thousand__gt=0, minimum__gt=0, maximum__gte=F("minimum")), name="billing_rate_sound"
            )
        ]

    def __str__(self) -> str:
        return with_code(Money(self.per_thousand, self.currency))


class PromoCode(models.Model):
    """A word that makes a purchase cheaper or larger. Its terms do not change: another offer is another code."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    code = models.CharField(_("code"), max_length=40)
    discount_percent = models.PositiveSmallIntegerField(_("discount, %"), default=0)
    bonus_percent = models.PositiveSmallIntegerField(_("bonus tokens, % of the bought ones"), default=0)
    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only for")
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    uses_at_most = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    uses_per_person = models.PositiveIntegerField(_("uses per person"), default=1)
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("made"), db_default=Now())

    class Meta:
        verbose_name = _("promo code")
        verbose_name_plural = _("promo codes")
        constraints: ClassVar = [
            models.UniqueConstraint(Upper("code"), name="billing_promo_code_once"),
            models.CheckConstraint(
                condition=Q(discount_percent__lte=90, bonus_percent__lte=200)
                & (Q(discount_percent__gt=0) | Q(bonus_percent__gt=0)),
                name="billing_promo_code_gives_something",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class VoucherBatch(models.Model):
    """Vouchers made together: for whom, how many tokens each, until when."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100)
    tokens = models.BigIntegerField(_("tokens each"))
    count = models.PositiveIntegerField(_("how many"))
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("made"), db_default=Now())

    class Meta:
        verbose_name = _("batch of vouchers")
        verbose_name_plural = _("batches of vouchers")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(tokens__gt=0, count__gt=0), name="billing_batch_gives_something")
        ]

    def __str__(self) -> str:
        return self.name


class Voucher(models.Model):
    """A code that gives bonus tokens, once. The code itself is shown when it is made and is not kept."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="vouchers")
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    last_four = models.CharField(_("last four"), max_length=4)
    redeemed_by = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, null=True, related_name="vouchers", verbose_name=_("redeemed by")
    )
    redeemed_at = models.DateTimeField(_("redeemed"), null=True)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(redeemed_by=None, redeemed_at=None)
                | Q(redeemed_by__isnull=False, redeemed_at__isnull=False),
                name="billing_voucher_redeemed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"…{self.last_four}"
