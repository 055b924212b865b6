"""Webhooks that we send: where to, and what became of each message."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.generations import Generation
from neuralbox.core import ids


class WebhookEvent(models.TextChoices):
    SUCCEEDED = "generation.succeeded", _("generation succeeded")
    FAILED = "generation.failed", _("generation failed")
    CANCELLED = "generation.cancelled", _("generation cancelled")


class WebhookEndpoint(models.Model):
    """An address of a customer that is told about the ends of their generations.

    Its signing secret is derived from the site's secret, the id and `secret_version`, and is not stored. For a day
    after `secret_rotated_at` messages carry a signature by the secret before, too.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.URLField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=40, choices=WebhookEvent), verbose_name=_("events"))
    description = models.CharField(_("description"), max_length=200, blank=True)
    is_enabled = models.BooleanField(_("in use"), default=True)
    disabled_because = models.CharField(_("why it was switched off"), max_length=200, blank=True)
    secret_version = models.PositiveIntegerField(default=1)
    secret_rotated_at = models.DateTimeField(_("secret changed"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.url


class OutgoingWebhook(models.Model):
    """One message to one address. Its id is the `webhook-id` that receivers deduplicate by."""

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    TRANSITIONS: ClassVar = {
        Status.PENDING: {Status.DELIVERED, Status.FAILED},
        Status.FAILED: {Status.PENDING},
        Status.DELIVERED: {Status.PENDING},
    }

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="outgoing_webhooks")
    url = models.URLField(_("address"), max_length=500)
    event = models.CharField(_("event"), max_length=40, choices=WebhookEvent)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    answer_status = models.PositiveSmallIntegerField(_("answered with"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing webhook")
        verbose_name_plural = _("outgoing webhooks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["generation", "url"], name="generations_one_message_per_generation_and_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.url}"
