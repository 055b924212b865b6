"""How long kinds of data are kept, and the reports of the nightly purges."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class RetentionRule(models.Model):
    """The period that staff have set for a kind of data. A kind without a row keeps the default of its app.

    `kind` is one of `neuralbox.core.personal_data.rules()`, whose limits the service enforces.
    """

    kind = models.CharField(_("kind of data"), primary_key=True, max_length=60)
    days = models.PositiveIntegerField(_("kept, days"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    changed_at = models.DateTimeField(_("set"), db_default=Now())

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering: ClassVar = ["kind"]

    def __str__(self) -> str:
        return self.kind


class RetentionRun(models.Model):
    """One run over all rules. A dry run counts and changes nothing."""

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed in part")

    TRANSITIONS: ClassVar = {Status.RUNNING: {Status.DONE, Status.FAILED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    is_dry = models.BooleanField(_("dry run"), default=False)
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.RUNNING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("began"), db_default=Now())
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    orphan_files = models.PositiveIntegerField(_("files that belonged to nobody"), default=0)
    undeclared_files = models.PositiveIntegerField(_("files in undeclared folders"), default=0)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return str(self.id)


class RetentionResult(models.Model):
    """What one run did about one kind of data. `samples` are keys and times, never content."""

    run = models.ForeignKey(RetentionRun, on_delete=models.CASCADE, related_name="results", db_index=False)
    kind = models.CharField(_("kind of data"), max_length=60)
    days = models.PositiveIntegerField(_("kept, days"))
    before = models.DateTimeField(_("older than"))
    due = models.PositiveBigIntegerField(_("due"), default=0)
    held = models.PositiveBigIntegerField(_("kept by legal holds"), default=0)
    purged = models.JSONField(_("purged"), default=dict, blank=True)
    batches = models.PositiveIntegerField(_("batches"), default=0)
    samples = models.JSONField(_("samples"), default=list, blank=True)
    warned = models.PositiveIntegerField(_("people warned"), default=0)
    seconds = models.FloatField(_("took, s"), default=0)
    failure = models.CharField(_("failure"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("result of a retention run")
        verbose_name_plural = _("results of retention runs")
        ordering: ClassVar = ["kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "kind"], name="legal_one_result_per_kind"),
        ]

    def __str__(self) -> str:
        return self.kind


class RetentionWarning(models.Model):
    """A person was told that rows of theirs will be purged: those that are older than `covers_before`, at `purge_at`.

    What needs a warning is purged only when a warning covers it and its time has come.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="retention_warnings",
        db_index=False,
        verbose_name=_("person"),
    )
    kind = models.CharField(_("kind of data"), max_length=60)
    count = models.PositiveIntegerField(_("how many"))
    covers_before = models.DateTimeField(_("older than"))
    purge_at = models.DateTimeField(_("purged from"))
    created_at = models.DateTimeField(_("sent"), db_default=Now())

    class Meta:
        verbose_name = _("retention warning")
        verbose_name_plural = _("retention warnings")
        indexes: ClassVar = [
            models.Index("user", "kind", models.F("covers_before").desc(), name="legal_warnings_of_user"),
        ]

    def __str__(self) -> str:
        return self.kind
