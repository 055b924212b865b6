"""Who of the staff opened the content of a generation."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class ContentAccess(models.Model):
    """A line of a person's access log: this member of staff saw prompt, input and results, for this reason.

    `generation_id` is no foreign key: the line outlives the generation.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="content_accesses",
        db_index=False,
        verbose_name=_("whose content"),
    )
    generation_id = models.UUIDField(_("generation"))
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("opening of content")
        verbose_name_plural = _("access log")
        indexes: ClassVar = [models.Index("user", models.F("id").desc(), name="generations_content_accesses")]
        permissions: ClassVar = [("view_content", _("Can open prompts, inputs and results, with a reason"))]

    def __str__(self) -> str:
        return str(self.id)
