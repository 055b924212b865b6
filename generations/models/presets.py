"""Settings that a person keeps to use again."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.catalogue import Model
from neuralbox.core import ids


class Preset(models.Model):
    """Some settings of a model's form under a name of the person's. The form may have changed since."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets", db_index=False)
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    input = models.JSONField(_("settings"))
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "model", "name"], name="generations_one_preset_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
