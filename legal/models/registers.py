"""Registers: what people ask about their data, and what authorities ask about people."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from neuralbox.core import ids


class PrivacyRequest(models.Model):
    """A letter about somebody's data: access, deletion, a child, a correction. Answered before its deadline."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("access to data")
        DELETION = "deletion", _("deletion")
        CHILD = "child", _("about a child under 16")
        CORRECTION = "correction", _("correction")
        COMPLAINT = "complaint", _("complaint")
        OTHER = "other", _("other")

    class Way(models.TextChoices):
        FORM = "form", _("contact form")
        MAIL = "mail", _("e-mail")
        STAFF = "staff", _("entered by staff")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("a letter", "open")
        DONE = "done", _("answered")
        REJECTED = "rejected", _("rejected")

    TRANSITIONS: ClassVar = {Status.OPEN: {Status.DONE, Status.REJECTED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="privacy_requests",
        verbose_name=_("about"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    way = models.CharField(_("way"), max_length=5, choices=Way)
    contact = models.EmailField(_("answer to"), blank=True)
    text = models.TextField(_("text"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("received"), db_default=Now())
    deadline = models.DateTimeField(_("deadline"))
    answer = models.TextField(_("what was done"), blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index("deadline", condition=models.Q(status="open"), name="legal_open_requests"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Disclosure(models.Model):
    """A demand of an authority for data of a person (P17), and what became of it. A second person decides."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        GIVEN = "given", _("data given")
        GIVEN_IN_PART = "given_in_part", _("given in part")
        REFUSED = "refused", _("refused")

    TRANSITIONS: ClassVar = {Status.RECEIVED: {Status.GIVEN, Status.GIVEN_IN_PART, Status.REFUSED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    authority = models.CharField(_("who asks"), max_length=200)
    letter = models.CharField(_("number and date of the letter"), max_length=200)
    ground = models.CharField(_("legal ground"), max_length=300)
    scope = models.TextField(_("what is asked for"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="disclosures",
        verbose_name=_("about"),
    )
    status = models.CharField(_("status"), max_length=13, choices=Status, default=Status.RECEIVED)
    received_at = models.DateTimeField(_("received"))
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    created_at = models.DateTimeField(_("entered"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    given = models.TextField(_("what was given, or why not"), blank=True)
    is_secret = models.BooleanField(_("the person may not be told"), default=False)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering: ClassVar = ["-received_at"]
        permissions: ClassVar = [("decide_disclosure", "Can decide about a disclosure")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("entered_by")),
                name="legal_two_people_disclose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.letter}"
