"""Exports: everything that is held about a person, as an archive."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class Export(models.Model):
    """One archive of a person's data, made in the background.

    `position` is where the work stands, so that it goes on there after a crash: which section, after which record.
    `done` of `total` records and files are in the archive. A large archive comes in several parts.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        RUNNING = "running", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    TRANSITIONS: ClassVar = {
        Status.REQUESTED: {Status.RUNNING, Status.FAILED},
        Status.RUNNING: {Status.READY, Status.FAILED},
        Status.READY: {Status.EXPIRED},
    }
    OPEN: ClassVar = frozenset({Status.REQUESTED, Status.RUNNING})

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports", verbose_name=_("person")
    )
    language = models.CharField(_("language"), max_length=2)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.REQUESTED)
    position = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(_("done"), default=0)
    total = models.PositiveBigIntegerField(_("in total"), default=0)
    created_at = models.DateTimeField(_("asked for"), db_default=Now())
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(status__in=["requested", "running"]),
                name="legal_one_export_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ExportPart(models.Model):
    """A finished file of an export on our storage."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    storage_key = models.CharField(max_length=200)
    bytes = models.PositiveBigIntegerField(_("size, bytes"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of exports")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "number"], name="legal_one_part_per_number"),
        ]

    def __str__(self) -> str:
        return self.storage_key
