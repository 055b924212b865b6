"""Money that goes back: refunds that were asked for, and disputes that a payer's bank began."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.gateways.money import Money
from billing.models.ledger import Hold
from billing.models.payments import Payment
from billing.money_words import with_code
from neuralbox.core import ids


class Refund(models.Model):
    """The return of the unused part of a payment: `amount` of money for `tokens` and `bonus_tokens` that are taken.

    From the request on the tokens are held; they are taken for good when the money has gone, and come back when it has
    not. `sent` with `is_outcome_unknown` may have happened: it is asked about, never called failed. A refund without
    a hold was made in the gateway's cabinet.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        APPROVED = "approved", _("approved")
        SENT = "sent", _("sent")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("failed")
        REJECTED = "rejected", _("rejected")

    # A bank may send the money back days after a success: that is a review case, since the customer was told otherwise.
    TRANSITIONS: ClassVar = {
        Status.REQUESTED: {Status.APPROVED, Status.REJECTED},
        Status.APPROVED: {Status.SENT, Status.FAILED, Status.SUCCEEDED},
        Status.SENT: {Status.SUCCEEDED, Status.FAILED},
    }
    OPEN: ClassVar = (Status.REQUESTED, Status.APPROVED, Status.SENT)

    class Source(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        STAFF = "staff", _("staff")
        GATEWAY = "gateway", _("made at the gateway")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.REQUESTED)
    source = models.CharField(_("asked by"), max_length=8, choices=Source)
    amount = models.BigIntegerField(_("amount"))
    tokens = models.BigIntegerField(_("tokens"))
    bonus_tokens = models.BigIntegerField(_("bonus tokens"), default=0)
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    is_manual = models.BooleanField(_("paid out by hand"), default=False)
    is_outcome_unknown = models.BooleanField(_("outcome unknown"), default=False)
    external_id = models.CharField(_("number at the gateway"), max_length=200, blank=True)
    proof = models.CharField(_("proof of the payout"), max_length=500, blank=True)
    failure = models.CharField(_("failure"), max_length=500, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("requested by")
    )
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    answer = models.TextField(_("answer to the customer"), blank=True)
    created_at = models.DateTimeField(_("requested at"), db_default=Now())
    decided_at = models.DateTimeField(_("decided"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    next_poll_at = models.DateTimeField(_("asked next"), null=True)
    polls = models.PositiveIntegerField(_("times asked"), default=0)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(status__in=["requested", "approved", "sent"]),
                name="billing_one_open_refund_per_payment",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, tokens__gte=0, bonus_tokens__gte=0), name="billing_refund_is_some"
            ),
        ]
        indexes: ClassVar = [
            models.Index("next_poll_at", condition=~Q(next_poll_at=None), name="billing_refunds_to_ask"),
            models.Index(
                "created_at", condition=Q(status__in=["requested", "approved", "sent"]), name="billing_refunds_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {with_code(Money(self.amount, self.payment.currency))}"


class Dispute(models.Model):
    """A payer's bank asks for the money of a payment. The tokens that are still there are frozen until it is decided.

    `shortfall` is what had been spent already: a loss, never a negative balance.
    """

    class Status(models.TextChoices):
        INQUIRY = "inquiry", _("inquiry")
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    TRANSITIONS: ClassVar = {
        Status.INQUIRY: {Status.OPEN, Status.WON, Status.LOST},
        Status.OPEN: {Status.WON, Status.LOST},
    }

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("payment"))
    external_id = models.CharField(_("number at the gateway"), max_length=200)
    status = models.CharField(_("status"), max_length=8, choices=Status)
    amount = models.BigIntegerField(_("amount"))
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("hold"))
    frozen_tokens = models.BigIntegerField(_("frozen tokens"), default=0)
    shortfall = models.BigIntegerField(_("tokens spent already"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    raw_status = models.CharField(_("status at the gateway"), max_length=60, blank=True)
    answer_by = models.DateTimeField(_("answer by"), null=True)
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payment", "external_id"], name="billing_one_dispute_per_external_id"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, frozen_tokens__gte=0, shortfall__gte=0), name="billing_dispute_sound"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id
