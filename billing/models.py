"""Wallets and their ledger. Only the SQL functions in `sql/` write these tables; the services call them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class Wallet(models.Model):
    """What holds tokens. Its balances are the cached sums of its journal entries, kept in the same transaction."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wallet")
    paid = models.BigIntegerField(_("paid tokens"), default=0)
    bonus = models.BigIntegerField(_("bonus tokens"), default=0)
    held = models.BigIntegerField(_("held tokens"), default=0)
    entries_count = models.BigIntegerField(_("entries"), default=0)
    last_hash = models.BinaryField(max_length=32, default=bytes(32))
    created_at = models.DateTimeField(_("opened"), db_default=Now())

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(paid__gte=0), name="billing_paid_not_negative"),
            models.CheckConstraint(condition=models.Q(bonus__gte=0), name="billing_bonus_not_negative"),
            models.CheckConstraint(condition=models.Q(held__gte=0), name="billing_held_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Hold(models.Model):
    """Tokens set aside for `reference`, then captured or released, exactly once."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        CAPTURED = "captured", _("captured")
        RELEASED = "released", _("released")

    TRANSITIONS: ClassVar = {Status.ACTIVE: {Status.CAPTURED, Status.RELEASED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="holds")
    amount = models.BigIntegerField(_("amount"))
    paid = models.BigIntegerField(_("of paid tokens"))
    bonus = models.BigIntegerField(_("of bonus tokens"))
    captured = models.BigIntegerField(_("captured"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    reference = models.CharField(_("reference"), max_length=120, unique=True)
    spender = models.CharField(_("spender"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("placed"), db_default=Now())
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_hold_positive"),
            models.CheckConstraint(
                condition=models.Q(captured__gte=0) & models.Q(captured__lte=models.F("amount")),
                name="billing_captured_within_hold",
            ),
        ]
        indexes: ClassVar = [
            models.Index("wallet", condition=models.Q(status="active"), name="billing_active_holds"),
        ]

    def __str__(self) -> str:
        return self.reference


class JournalEntry(models.Model):
    """One event in the books. Each account has a column: the row itself cannot be unbalanced.

    `paid`, `bonus` and `held` are the wallet's accounts; the others are the system's. Positive amounts are received by
    the account. The view `billing_posting` shows the columns as lines. Rows are inserted only: the database refuses
    changes. `hash` covers the content and the hash of the wallet's previous entry.
    """

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("top-up")
        BONUS = "bonus", _("bonus")
        HOLD = "hold", _("hold")
        CAPTURE = "capture", _("capture")
        RELEASE = "release", _("release")
        REFUND = "refund", _("refund")
        CORRECTION = "correction", _("correction")

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.BigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reference = models.CharField(_("reference"), max_length=150, unique=True)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False)
    description = models.CharField(_("description"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("time"))
    paid = models.BigIntegerField(default=0)
    bonus = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    issued = models.BigIntegerField(default=0)
    granted = models.BigIntegerField(default=0)
    revenue = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    corrections = models.BigIntegerField(default=0)
    available_after = models.BigIntegerField(_("available after"))
    held_after = models.BigIntegerField(_("held after"))
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallet", "sequence"], name="billing_one_entry_per_number"),
            models.UniqueConstraint(
                fields=["hold"],
                condition=models.Q(kind__in=["capture", "release"]),
                name="billing_one_settlement_per_hold",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    paid=-(
                        models.F("bonus")
                        + models.F("held")
                        + models.F("issued")
                        + models.F("granted")
                        + models.F("revenue")
                        + models.F("refunded")
                        + models.F("corrections")
                    )
                ),
                name="billing_postings_sum_to_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class SpendCap(models.Model):
    """A limit that a wallet's owner sets on spending, per window."""

    class Window(models.TextChoices):
        HOUR = "hour", _("per hour")
        DAY = "day", _("per day")
        MONTH = "month", _("per month")
        TOTAL = "total", _("in total")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="caps", db_index=False)
    window = models.CharField(_("window"), max_length=5, choices=Window)
    limit = models.BigIntegerField(_("tokens"))

    class Meta:
        verbose_name = _("spend cap")
        verbose_name_plural = _("spend caps")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallet", "window"], name="billing_one_cap_per_window"),
            models.CheckConstraint(condition=models.Q(limit__gte=0), name="billing_cap_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} {self.window}"


class SpendUsage(models.Model):
    """What was reserved or spent by one spender of a wallet in one window. The wallet itself is the spender ""."""

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="usage", db_index=False)
    spender = models.CharField(max_length=60, blank=True)
    window = models.CharField(max_length=5, choices=SpendCap.Window)
    starts_at = models.DateTimeField()
    used = models.BigIntegerField()

    class Meta:
        verbose_name = _("spending in a window")
        verbose_name_plural = _("spending in windows")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["wallet", "spender", "window", "starts_at"], name="billing_one_usage_per_window"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spender} {self.window}"
