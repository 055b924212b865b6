"""The table of durable jobs."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from neuralbox.core import ids


class Job(models.Model):
    """One piece of background work that must happen at least once. Deleted when it has been done.

    Rows are written in the transaction that makes the work necessary, also by SQL functions of the apps
    through `core_enqueue`. The broker's message is only a hint to look here soon.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.TextField(_("name"))
    args = models.JSONField(_("arguments"), default=list)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    run_at = models.DateTimeField(_("due"), db_default=Now())
    published_at = models.DateTimeField(pgettext_lazy("a job", "published"), null=True)
    leased_until = models.DateTimeField(_("in work until"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), db_default=0)
    last_error = models.TextField(_("last error"), blank=True, db_default="")
    gave_up_at = models.DateTimeField(_("gave up"), null=True)

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        indexes: ClassVar = [
            models.Index("run_at", condition=models.Q(gave_up_at=None), name="core_job_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"
