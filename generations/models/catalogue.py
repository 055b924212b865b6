"""The model catalogue: what can be ordered, at which price, through which providers."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class Modality(models.TextChoices):
    IMAGE = "image", _("Images")
    VIDEO = "video", _("Video")
    MUSIC = "music", _("Music")
    SPEECH = "speech", _("Speech")
    AVATAR = "avatar", _("Avatars")
    TEXT = "text", _("Text")


class Model(models.Model):
    """An AI model that can be ordered. Loaded from a catalogue file; staff may switch it off."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    modality = models.CharField(_("modality"), max_length=10, choices=Modality)
    tasks = models.JSONField(_("tasks"), default=list, blank=True)
    name_ru = models.CharField(_("name in Russian"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    description_ru = models.TextField(_("description in Russian"))
    description_en = models.TextField(_("description in English"))
    is_enabled = models.BooleanField(_("can be ordered"), default=True)
    is_local_only = models.BooleanField(_("local mode only"), default=False)
    position = models.PositiveIntegerField(_("position"), default=100)
    current_version = models.OneToOneField(
        "ModelVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="current_for", editable=False
    )
    source = models.URLField(_("source of the facts"), blank=True)
    checked_on = models.DateField(_("facts checked on"), null=True, blank=True)
    file_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering: ClassVar = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class ModelVersion(models.Model):
    """The terms of a model from one moment on: its form and its price. Never changed; open quotes keep theirs."""

    class Author(models.TextChoices):
        FILE = "file", _("catalogue file")
        STAFF = "staff", _("staff")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="versions", verbose_name=_("model"))
    number = models.PositiveIntegerField(_("number"))
    input_schema = models.JSONField(_("input schema"))
    price_rule = models.JSONField(_("price rule"))
    results = models.JSONField(_("expected results"))
    examples = models.JSONField(_("examples"), default=list, blank=True)
    typical_seconds = models.PositiveIntegerField(_("typical time, s"))
    deadline_seconds = models.PositiveIntegerField(_("deadline, s"))
    author = models.CharField(_("author"), max_length=5, choices=Author)
    reason = models.TextField(_("reason"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "number"], name="generations_one_version_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.model.slug} v{self.number}"


class Route(models.Model):
    """One provider's offer of a model. Lower `priority` is tried first."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="routes")
    provider = models.CharField(_("provider"), max_length=20)
    provider_model = models.CharField(_("the provider's name of it"), max_length=100)
    priority = models.PositiveIntegerField(_("priority"), default=10)
    is_enabled = models.BooleanField(_("in use"), default=True)
    cost_rule = models.JSONField(_("cost rule"), default=dict, blank=True)
    cost_currency = models.CharField(_("currency of the cost"), max_length=8, default="USD")
    input_limits = models.JSONField(_("what of the input it supports"), default=dict, blank=True)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        ordering: ClassVar = ["model", "priority", "provider"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "provider", "provider_model"], name="generations_one_route_per_offer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.slug} → {self.provider}"


class PriceProposal(models.Model):
    """A change of a price that is too large for one person. Another one approves or rejects it."""

    class Status(models.TextChoices):
        OPEN = "open", _("waits for a second person")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    TRANSITIONS: ClassVar = {Status.OPEN: {Status.APPROVED, Status.REJECTED}}

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="price_proposals", verbose_name=_("model"))
    based_on = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    price_rule = models.JSONField(_("price rule"))
    largest_change = models.PositiveIntegerField(_("largest change, %"))
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    created_at = models.DateTimeField(_("proposed"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)

    class Meta:
        verbose_name = _("price proposal")
        verbose_name_plural = _("price proposals")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(status="open"), name="generations_one_open_proposal"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("proposed_by")),
                name="generations_two_people_decide",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.slug}: {self.get_status_display()}"
