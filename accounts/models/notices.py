"""What the service has to tell people."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class Notice(models.Model):
    """A message of the service to one person. Service kinds only: no kind for advertising exists (P8)."""

    class Kind(models.TextChoices):
        WELCOME = "welcome", _("Welcome")
        NEW_DEVICE = "new_device", _("Sign-in from a new device")
        SECURITY_ALERT = "security_alert", _("Security alert")
        API_KEY_CREATED = "api_key_created", _("API key created")
        API_KEY_ROTATED = "api_key_rotated", _("API key rotated")
        API_KEY_REVOKED = "api_key_revoked", _("API key revoked")
        IDENTITY_ADDED = "identity_added", _("Login added")
        IDENTITY_REMOVED = "identity_removed", _("Login removed")
        EMAIL_CHANGED = "email_changed", _("E-mail changed")
        ACCOUNT_BLOCKED = "account_blocked", _("Account blocked")
        ACCOUNT_UNBLOCKED = "account_unblocked", _("Account unblocked")
        ACCOUNT_FROZEN = "account_frozen", _("Account frozen")
        ACCOUNT_UNFROZEN = "account_unfrozen", _("Account unfrozen")
        STAFF_VIEW = "staff_view", _("Staff looked at the account")
        SUPPORT_ANSWERED = "support_answered", _("Support has answered")
        GENERATION_FINISHED = "generation_finished", _("Generation finished")
        PAYMENT_RECEIVED = "payment_received", _("Payment received")
        REFUND_SENT = "refund_sent", _("Refund sent")
        REFUND_DECLINED = "refund_declined", _("Refund declined")
        REFUND_FAILED = "refund_failed", _("Refund did not go through")
        BALANCE_LOW = "balance_low", _("Balance low")
        BALANCE_CORRECTED = "balance_corrected", _("Balance corrected")
        DOCUMENT_CHANGED = "document_changed", _("Document changed")
        RETENTION_WARNING = "retention_warning", _("Files will be deleted")
        EXPORT_READY = "export_ready", _("Export ready")
        DELETION_SCHEDULED = "deletion_scheduled", _("Account will be deleted")
        DELETION_CANCELLED = "deletion_cancelled", _("Deletion cancelled")
        DELETION_BEGAN = "deletion_began", _("Account is being deleted")
        SERVICE_INCIDENT = "service_incident", _("Service incident")

    class Mail(models.TextChoices):
        """What became of the letter."""

        NONE = "none", _("No letter")
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    details = models.JSONField(_("details"), default=dict, blank=True)
    link = models.CharField(_("page"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=150, null=True, blank=True)
    created_at = models.DateTimeField(_("sent"), db_default=Now())
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail = models.CharField(_("letter"), max_length=7, choices=Mail, default=Mail.NONE, db_default=Mail.NONE)
    mail_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    mailed_at = models.DateTimeField(_("letter sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes: ClassVar = [models.Index(fields=["user", "-created_at", "-id"], name="accounts_notice_of_user")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "reference"], name="accounts_notice_once_per_reference")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d}"
