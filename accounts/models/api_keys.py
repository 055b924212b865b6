"""Keys of programs, and their secrets as far as we know them."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class ApiKey(models.Model):
    """A program's right to act for its owner. Its secrets come and go (`ApiKeySecret`); limits and use stay with it."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        GENERATE = "generate", _("Generate")
        BILLING = "billing", _("Billing")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("scopes"))
    cap_hour = models.PositiveBigIntegerField(_("tokens per hour"), null=True, blank=True)
    cap_day = models.PositiveBigIntegerField(_("tokens per day"), null=True, blank=True)
    cap_month = models.PositiveBigIntegerField(_("tokens per month"), null=True, blank=True)
    cap_total = models.PositiveBigIntegerField(_("tokens in total"), null=True, blank=True)
    allowed_ips = ArrayField(models.CharField(max_length=49), verbose_name=_("allowed addresses"), default=list)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(_("last address"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="accounts_apikey_of_user")]

    def __str__(self) -> str:
        return self.name

    @property
    def spender(self) -> str:
        """Under this name billing counts what the key has spent. Rotation does not change it."""
        return f"key:{self.id}"

    @property
    def caps(self) -> Mapping[str, int]:
        """Tokens that the key may spend, by window: any of `hour`, `day`, `month`, `total`."""
        windows = {"hour": self.cap_hour, "day": self.cap_day, "month": self.cap_month, "total": self.cap_total}
        return {window: tokens for window, tokens in windows.items() if tokens is not None}

    @property
    def rate_counters(self) -> dict[str, str]:
        """Calls with this key count on a counter of its own, under the policy `key` (see core.rate_limits)."""
        return {f"key:{self.id}": "key"}


class ApiKeySecret(models.Model):
    """One secret of a key: after a rotation the old one lives on until `expires_at`. The text itself is not kept."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="secrets")
    public_id = models.CharField(_("id in the key"), max_length=8, unique=True)
    digest = models.BinaryField(max_length=32, editable=False)
    last_four = models.CharField(_("last four"), max_length=4)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("secret of an API key")
        verbose_name_plural = _("secrets of API keys")

    def __str__(self) -> str:
        return f"nb_live_{self.public_id}_…{self.last_four}"
