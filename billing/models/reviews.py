"""What a person has to look at: cases that no rule can decide, and differences between a gateway's books and ours."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.payments import Payment, PaymentNotification
from neuralbox.core import ids


class ReviewCase(models.Model):
    """Something about money that staff decide. `key` makes one case of any number of copies of one piece of news."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("another amount")
        CURRENCY = "currency", _("another currency")
        SHOP = "shop", _("another shop")
        TEST = "test", _("test money on the live site")
        UNKNOWN_ORDER = "unknown_order", _("no payment of ours")
        PARTIAL = "partial_payment", _("paid in part")
        SURPLUS = "surplus", _("paid too much")
        REPEATED_DEPOSIT = "repeated_deposit", _("paid twice")
        WRONG_COIN = "wrong_coin", _("paid in another coin")
        UNDERPAID = "underpaid", _("less arrived than was sent")
        RETURNED = "returned", _("returned outside of us")
        REFUND = "refund", _("a refund that we did not make")
        REFUND_UNKNOWN = "refund_unknown", _("a refund whose outcome nobody knows")
        DISPUTE = "dispute", _("a dispute")
        RECEIPT = "receipt", _("a receipt that was not made")
        CONFIGURATION = "configuration", _("the gateway refuses our requests")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        RESOLVED = "resolved", _("resolved")

    class Resolution(models.TextChoices):
        CREDITED = "credited", _("credited")
        RETURNED = "returned", _("money returned")
        NOTHING = "nothing", _("nothing to do")

    TRANSITIONS: ClassVar = {Status.OPEN: {Status.RESOLVED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    key = models.CharField(max_length=300, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    gateway = models.CharField(_("gateway"), max_length=20)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="reviews", verbose_name=_("payment")
    )
    notification = models.ForeignKey(
        PaymentNotification,
        on_delete=models.SET_NULL,
        null=True,
        related_name="reviews",
        verbose_name=_("notification"),
    )
    details = models.JSONField(_("details"), default=dict)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    resolution = models.CharField(_("decision"), max_length=8, choices=Resolution, blank=True)
    note = models.TextField(_("note"), blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    created_at = models.DateTimeField(_("found"), db_default=Now())
    resolved_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("review case")
        verbose_name_plural = _("review cases")
        indexes: ClassVar = [
            models.Index("created_at", condition=Q(status="open"), name="billing_review_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.gateway}"


class ReconciliationRun(models.Model):
    """One comparison of a gateway's payments of a day with ours."""

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    TRANSITIONS: ClassVar = {Status.RUNNING: {Status.DONE, Status.FAILED}, Status.FAILED: {Status.RUNNING}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    gateway = models.CharField(_("gateway"), max_length=20)
    day = models.DateField(_("day"))
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.RUNNING)
    compared = models.PositiveIntegerField(_("compared"), default=0)
    credited = models.PositiveIntegerField(_("credited"), default=0)
    ours = models.JSONField(_("paid, by our books"), default=dict)
    theirs = models.JSONField(_("paid, by theirs"), default=dict)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "day"], name="billing_one_reconciliation_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.day}"


class ReconciliationDifference(models.Model):
    """Where a gateway's books and ours disagree, after all that could be mended was."""

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here", _("we do not have it")
        MISSING_THERE = "missing_there", _("they do not have it")
        STATE = "state", _("another state")
        AMOUNT = "amount", _("another amount")
        REFUNDED = "refunded", _("another sum refunded")

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="differences", verbose_name=_("payment")
    )
    external_id = models.CharField(_("number at the gateway"), max_length=200, blank=True)
    ours = models.CharField(_("ours"), max_length=100, blank=True)
    theirs = models.CharField(_("theirs"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"
