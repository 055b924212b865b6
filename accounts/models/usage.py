"""What programs have called with their keys. No prompt, no input, no address line: the route and its outcome."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.api_keys import ApiKey
from neuralbox.core import ids


class ApiCall(models.Model):
    """One call with an API key. `route` is the pattern of the address, without ids and parameters."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="calls", db_index=False)
    method = models.CharField(_("method"), max_length=8)
    route = models.CharField(_("address"), max_length=150)
    status = models.PositiveSmallIntegerField(_("status"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    ip = models.GenericIPAddressField(_("address of the caller"), null=True, blank=True)
    created_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("call with an API key")
        verbose_name_plural = _("calls with API keys")
        indexes: ClassVar = [
            models.Index(fields=["api_key", "-created_at", "-id"], name="accounts_call_of_key"),
            models.Index(fields=["created_at"], name="accounts_call_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class ApiKeyDay(models.Model):
    """How many calls a key made on one day (UTC), and how many of them were refused or failed."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField(_("day"))
    calls = models.PositiveIntegerField(_("calls"), default=0)
    errors = models.PositiveIntegerField(_("errors"), default=0)

    class Meta:
        verbose_name = _("day of an API key")
        verbose_name_plural = _("days of API keys")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["api_key", "day"], name="accounts_one_row_per_key_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.calls}"
