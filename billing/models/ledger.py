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
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wallet", verbose_name=_("owner")
    )
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
    """Tokens set aside for `reference`, then captured or released, exactly once.

    Captured tokens of a refund or a dispute are no revenue: they leave the books the way they came.
    """

    class Purpose(models.TextChoices):
        SPEND = "spend", _("spending")
        REFUND = "refund", _("refund")
        DISPUTE = "dispute", _("dispute")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        CAPTURED = "captured", _("captured")
        RELEASED = "released", _("released")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="holds", db_index=False, verbose_name=_("wallet")
    )
    amount = models.BigIntegerField(_("amount"))
    paid = models.BigIntegerField(_("of paid tokens"))
    bonus = models.BigIntegerField(_("of bonus tokens"))
    captured = models.BigIntegerField(_("captured"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    reference = models.CharField(_("reference"), max_length=120)
    spender = models.CharField(_("spender"), max_length=60, blank=True)
    purpose = models.CharField(_("purpose"), max_length=7, choices=Purpose, db_default=Purpose.SPEND)
    created_at = models.DateTimeField(_("placed"), db_default=Now())
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reference"], name="billing_one_hold_per_reference"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_hold_positive"),
            models.CheckConstraint(
                condition=models.Q(paid__gte=0, bonus__gte=0, amount=models.F("paid") + models.F("bonus")),
                name="billing_hold_has_two_parts",
            ),
            models.CheckConstraint(
                condition=models.Q(captured__gte=0) & models.Q(captured__lte=models.F("amount")),
                name="billing_captured_within_hold",
            ),
            models.CheckConstraint(
                condition=models.Q(status="captured") | models.Q(captured=0), name="billing_only_captures_take"
            ),
        ]
        indexes: ClassVar = [
            # No index on the status: settling a hold then needs no index entry of its own.
            models.Index(fields=["wallet", "created_at"], name="billing_holds_of_wallet"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def references(self) -> list[str]:
        """The references of its entries, those that are there and those that may come."""
        return [f"{step}:{self.reference}" for step in ("hold", "capture", "refund", "release")]


class JournalEntry(models.Model):
    """One event in the books. Each account has a column: the row itself cannot be unbalanced.

    `paid`, `bonus` and `held` are the wallet's accounts; the others are the system's. Positive amounts are received by
    the account. The view `billing_posting` shows the columns as lines. Rows are inserted only: the database refuses
    changes. `hash` covers the content, the description included, and the hash of the wallet's previous entry; so a
    description names no person.
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
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="entries", db_index=False, verbose_name=_("wallet")
    )
    sequence = models.BigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reference = models.CharField(_("reference"), max_length=150)
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False, verbose_name=_("hold")
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("time"))
    paid = models.BigIntegerField(_("paid tokens"), default=0)
    bonus = models.BigIntegerField(_("bonus tokens"), default=0)
    held = models.BigIntegerField(_("held tokens"), default=0)
    issued = models.BigIntegerField(default=0)
    granted = models.BigIntegerField(default=0)
    revenue = models.BigIntegerField(_("spent tokens"), default=0)
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
            models.UniqueConstraint(fields=["reference"], name="billing_one_entry_per_reference"),
            models.UniqueConstraint(
                fields=["hold"],
                condition=models.Q(kind__in=["capture", "release"]) | models.Q(kind="refund", hold__isnull=False),
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
        indexes: ClassVar = [
            # For who reads only the kinds that are few. Holds and their ends, the hot path, are not written to it.
            models.Index(
                fields=["wallet", "sequence"],
                condition=models.Q(kind__in=["top_up", "bonus", "refund", "correction"]),
                name="billing_entries_rare",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(models.Model):
    """One line of an entry: what an account received. A view over the columns of the entries."""

    id = models.BigIntegerField(primary_key=True)
    entry = models.ForeignKey(JournalEntry, on_delete=models.DO_NOTHING, related_name="postings")
    account = models.CharField(_("account"), max_length=20)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        managed = False
        db_table = "billing_posting"
        verbose_name = _("posting")
        verbose_name_plural = _("postings")

    def __str__(self) -> str:
        return f"{self.account} {self.amount:+}"


class SpendCap(models.Model):
    """A limit that a wallet's owner sets on spending, per window of the calendar in UTC."""

    class Window(models.TextChoices):
        HOUR = "hour", _("per hour")
        DAY = "day", _("per day")
        MONTH = "month", _("per month")
        TOTAL = "total", _("in total")

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="caps", db_index=False)
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
        return f"{self.limit} {self.get_window_display()}"


class SpendUsage(models.Model):
    """What a spender of a wallet has reserved or spent in the window that began at `starts_at`.

    The wallet itself is the spender "". There is a row only where a cap needs it; it begins with the sum of the holds
    of its window, every later hold counts on it, and what a hold gives back is taken off.
    """

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="usage", db_index=False)
    spender = models.CharField(_("spender"), max_length=60, blank=True)
    window = models.CharField(_("window"), max_length=5, choices=SpendCap.Window)
    starts_at = models.DateTimeField(_("since"))
    used = models.BigIntegerField(_("used"))

    class Meta:
        verbose_name = _("use of a spend cap")
        verbose_name_plural = _("use of spend caps")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallet", "spender", "window"], name="billing_one_usage_per_window"),
            models.CheckConstraint(condition=models.Q(used__gte=0), name="billing_usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.spender} {self.get_window_display()}"


class LowBalanceAlert(models.Model):
    """Below how many available tokens the owner of a wallet wants to be told. `told_at`: it has been said already."""

    wallet = models.OneToOneField(Wallet, on_delete=models.CASCADE, primary_key=True, related_name="low_balance_alert")
    below = models.BigIntegerField(_("below"))
    told_at = models.DateTimeField(_("told"), null=True)

    class Meta:
        verbose_name = _("low balance alert")
        verbose_name_plural = _("low balance alerts")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(below__gt=0), name="billing_alert_below_something")
        ]

    def __str__(self) -> str:
        return f"< {self.below}"


class Correction(models.Model):
    """A mistake in a wallet's balance and how staff mend it. Above a limit a second person has to approve."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second person")
        POSTED = "posted", _("posted")
        REJECTED = "rejected", _("rejected")

    TRANSITIONS: ClassVar = {Status.PROPOSED: {Status.POSTED, Status.REJECTED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("wallet"))
    amount = models.BigIntegerField(_("tokens"))
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=8, choices=Status)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    created_at = models.DateTimeField(_("time"), db_default=Now())
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        permissions: ClassVar = [
            ("correct_balance", "Can correct a balance"),
            ("approve_correction", "Can approve a correction above the limit"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="billing_correction_is_some"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="billing_correction_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+}"
