"""Documents, their versions, and who agreed to which."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class Document(models.Model):
    """A document that people can read. Its address is `/legal/<slug>`.

    `is_accepted`: people agree to it when they join, and again to a version that says so.
    """

    slug = models.SlugField(_("address"), primary_key=True, max_length=40)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_accepted = models.BooleanField(_("people agree to it"), default=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering: ClassVar = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class DocumentVersion(models.Model):
    """The text of a document from `effective_at` on, in both languages, in Markdown.

    A draft may be changed. A published version never changes and never goes away: the database refuses it.
    `is_significant`: people are told of it. `needs_acceptance`: people who agreed before agree again.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", pgettext_lazy("a version of a document", "published")

    TRANSITIONS: ClassVar = {Status.DRAFT: {Status.PUBLISHED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="versions", verbose_name=_("document"), db_index=False
    )
    number = models.PositiveIntegerField(_("number"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT, editable=False)
    title_ru = models.CharField(_("title in Russian"), max_length=150)
    title_en = models.CharField(_("title in English"), max_length=150)
    body_ru = models.TextField(_("text in Russian"))
    body_en = models.TextField(_("text in English"))
    change_ru = models.TextField(_("what changed, in Russian"), blank=True)
    change_en = models.TextField(_("what changed, in English"), blank=True)
    is_significant = models.BooleanField(_("significant: people are told"), default=False)
    needs_acceptance = models.BooleanField(_("people have to agree again"), default=False)
    effective_at = models.DateTimeField(_("in force from"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("written by"),
    )
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    announced_at = models.DateTimeField(_("people told"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of documents")
        ordering: ClassVar = ["document", "-number"]
        permissions: ClassVar = [("publish_documentversion", "Can publish a version of a document")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="legal_one_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.number}"

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.title_ru if get_language() == "ru" else self.title_en

    @property
    def body(self) -> str:
        return self.body_ru if get_language() == "ru" else self.body_en

    @property
    def change(self) -> str:
        return self.change_ru if get_language() == "ru" else self.change_en


class Consent(models.Model):
    """A person agreed to a version: when, from where, by which way. Written once, never changed."""

    class Way(models.TextChoices):
        SIGN_UP = "sign_up", _("at the first sign-in")
        AGAIN = "again", _("to a changed document")
        API = "api", _("through the API")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="consents",
        db_index=False,
        verbose_name=_("person"),
    )
    version = models.ForeignKey(
        DocumentVersion, on_delete=models.PROTECT, related_name="consents", verbose_name=_("version")
    )
    language = models.CharField(_("language it was read in"), max_length=2)
    way = models.CharField(_("way"), max_length=10, choices=Way)
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "version"], name="legal_one_consent_per_version"),
        ]

    def __str__(self) -> str:
        return str(self.id)
