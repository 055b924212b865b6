"""Files: what users bring, and what generations produce."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class FileKind(models.TextChoices):
    IMAGE = "image", _("image")
    VIDEO = "video", _("video")
    AUDIO = "audio", _("sound")
    TEXT = "text", _("text")


class StoredFile(models.Model):
    """A file on our storage with its measured properties. `seconds` is the length of sound and video."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("kind"), max_length=5, choices=FileKind)
    mime = models.CharField(_("type"), max_length=60)
    bytes = models.PositiveBigIntegerField(_("size, bytes"))
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    seconds = models.FloatField(_("length, s"), null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.mime} {self.id}"


class Upload(StoredFile):
    """A file that a user brought for use in inputs. Location and other metadata were stripped on arrival."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(_("name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")


class Asset(StoredFile):
    """A stored output of a generation, byte for byte as the provider gave it."""

    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="assets", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    thumbnail_key = models.CharField(max_length=200, blank=True)
    is_late = models.BooleanField(_("arrived after the deadline"), default=False)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["generation", "position"], name="generations_one_asset_per_position"),
        ]
