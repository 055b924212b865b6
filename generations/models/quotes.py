"""Priced offers."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.catalogue import ModelVersion
from neuralbox.core import ids


class Quote(models.Model):
    """An offer that will be kept until it expires: this model, this input, this many tokens."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        REDEEMED = "redeemed", _("redeemed")
        EXPIRED = "expired", _("expired")

    TRANSITIONS: ClassVar = {Status.OPEN: {Status.REDEEMED, Status.EXPIRED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quotes")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    input = models.JSONField()
    upload_ids = models.JSONField(default=list)
    tokens = models.PositiveBigIntegerField()
    breakdown = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes: ClassVar = [
            models.Index("expires_at", condition=models.Q(status="open"), name="generations_quote_open"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"
