"""People, their API keys, their notices, and what happened to their accounts."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


class UserManager(BaseUserManager["User"]):
    """Creates rows. People join through `services.users.join`, which also welcomes them."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """One spelling per address, so that `unique` means unique."""
        return (email or "").strip().lower()

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. From a login provider we keep name, e-mail, avatar and the provider's id, nothing more (P1).

    `email` is an address that the person has proven, or NULL.
    """

    class Language(models.TextChoices):
        RU = "ru", _("Russian")
        EN = "en", _("English")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    avatar = models.CharField(_("avatar"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.RU)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    notice_settings = models.JSONField(_("notice settings"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True, editable=False)
    block_reason = models.TextField(_("reason of the block"), blank=True, db_default="", editable=False)
    is_staff = models.BooleanField(_("staff"), default=False)
    created_at = models.DateTimeField(_("joined"), db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email or str(self.id)


class ApiKey(models.Model):
    """A program's right to act for its owner. Its secrets come and go (`ApiKeySecret`); limits and use stay with it."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        GENERATE = "generate", _("Generate")
        BILLING = "billing", _("Billing")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
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


class RefreshClaim(models.Model):
    """A refresh token that has been used. The primary key is what makes "once" true among parallel requests."""

    jti = models.UUIDField(primary_key=True, editable=False)
    claimed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("used refresh token")
        verbose_name_plural = _("used refresh tokens")

    def __str__(self) -> str:
        return str(self.jti)


class Notice(models.Model):
    """A message of the service to one person. Service kinds only: no kind for advertising exists (P8)."""

    class Kind(models.TextChoices):
        WELCOME = "welcome", _("Welcome")
        NEW_DEVICE = "new_device", _("Sign-in from a new device")
        SECURITY_ALERT = "security_alert", _("Security alert")
        API_KEY_CREATED = "api_key_created", _("API key created")
        API_KEY_ROTATED = "api_key_rotated", _("API key rotated")
        API_KEY_REVOKED = "api_key_revoked", _("API key revoked")
        IDENTITY_REMOVED = "identity_removed", _("Login removed")
        PAYMENT_RECEIVED = "payment_received", _("Payment received")
        REFUND_SENT = "refund_sent", _("Refund sent")
        BALANCE_LOW = "balance_low", _("Balance low")
        BALANCE_CORRECTED = "balance_corrected", _("Balance corrected")
        DOCUMENT_CHANGED = "document_changed", _("Document changed")
        RETENTION_WARNING = "retention_warning", _("Files will be deleted")
        EXPORT_READY = "export_ready", _("Export ready")
        DELETION_SCHEDULED = "deletion_scheduled", _("Account will be deleted")
        SERVICE_INCIDENT = "service_incident", _("Service incident")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    details = models.JSONField(_("details"), default=dict, blank=True)
    link = models.CharField(_("page"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=150, null=True, blank=True)
    created_at = models.DateTimeField(_("sent"), db_default=Now())
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes: ClassVar = [models.Index(fields=["user", "-created_at", "-id"], name="accounts_notice_of_user")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "reference"], name="accounts_notice_once_per_reference")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d}"


class SecurityEvent(models.Model):
    """Something that matters for the safety of an account, with the address and browser it came from (P3)."""

    class Kind(models.TextChoices):
        JOINED = "joined", _("Joined")
        SIGNED_IN = "signed_in", _("Signed in")
        SIGNED_OUT = "signed_out", _("Signed out")
        SESSION_ENDED = "session_ended", _("Session ended")
        REFRESH_REUSED = "refresh_reused", _("Used refresh token came back")
        API_KEY_CREATED = "api_key_created", _("API key created")
        API_KEY_ROTATED = "api_key_rotated", _("API key rotated")
        API_KEY_REVOKED = "api_key_revoked", _("API key revoked")
        IDENTITY_REMOVED = "identity_removed", _("Login removed")
        BLOCKED = "blocked", _("Blocked")
        UNBLOCKED = "unblocked", _("Unblocked")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_events")
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    created_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="accounts_event_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"
