"""Addresses that people have named and not yet confirmed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class EmailProof(models.Model):
    """An address that waits for its letter to be answered. One per person: a later one takes its place."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_proof", verbose_name=_("person")
    )
    email = models.EmailField(_("e-mail"))
    created_at = models.DateTimeField(_("asked"), db_default=Now())
    expires_at = models.DateTimeField(_("works until"))

    class Meta:
        verbose_name = _("address to be confirmed")
        verbose_name_plural = _("addresses to be confirmed")

    def __str__(self) -> str:
        return str(self.id)
