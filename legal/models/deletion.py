"""Deletion of accounts, and what may stop it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class DeletionRequest(models.Model):
    """A wish to have an account and its data erased. Once done, it names nobody: `user` is empty and `act` has counts.

    `deadline` is 30 days after the request. `erased` holds what each app has erased so far, by its name;
    `waits_for` says what the erasure waits for.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        SCHEDULED = "scheduled", _("scheduled")
        RUNNING = "running", _("being erased")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        REJECTED = "rejected", _("rejected")

    class Way(models.TextChoices):
        PROFILE = "profile", _("by the person, on the site")
        SUPPORT = "support", _("by a letter to support")
        CHILD = "child", _("a child: at once")
        STAFF = "staff", _("by staff")

    TRANSITIONS: ClassVar = {
        Status.REQUESTED: {Status.SCHEDULED, Status.REJECTED, Status.CANCELLED},
        Status.SCHEDULED: {Status.RUNNING, Status.CANCELLED, Status.REJECTED},
        Status.RUNNING: {Status.DONE},
    }
    OPEN: ClassVar = frozenset({Status.REQUESTED, Status.SCHEDULED, Status.RUNNING})
    TERMINAL: ClassVar = frozenset({Status.DONE, Status.CANCELLED, Status.REJECTED})

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deletion_requests",
        verbose_name=_("whose account"),
    )
    way = models.CharField(_("way"), max_length=10, choices=Way)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    reason = models.TextField(_("reason"), blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    created_at = models.DateTimeField(_("requested"), db_default=Now())
    erase_at = models.DateTimeField(_("erased from"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"))
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    waits_for = models.CharField(_("waits for"), max_length=200, blank=True)
    erased = models.JSONField(_("erased so far"), default=dict, blank=True)
    act = models.JSONField(_("act"), default=dict, blank=True)

    class Meta:
        verbose_name = _("deletion request")
        verbose_name_plural = _("deletion requests")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(status__in=["requested", "scheduled", "running"]),
                name="legal_one_open_deletion_request",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                "erase_at", condition=models.Q(status__in=["scheduled", "running"]), name="legal_due_erasures"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LegalHold(models.Model):
    """While it stands, nothing of this person is purged or erased. Everybody who tries sees that it stands."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="legal_holds", verbose_name=_("about")
    )
    ground = models.CharField(_("ground"), max_length=300, help_text=_("Court, case, letter: what obliges us."))
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("placed by")
    )
    placed_at = models.DateTimeField(_("placed"), db_default=Now())
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering: ClassVar = ["-placed_at"]

    def __str__(self) -> str:
        return self.ground
