"""What happened to accounts, and which refresh tokens have been used."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from neuralbox.core import ids


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
        IDENTITY_ADDED = "identity_added", _("Login added")
        IDENTITY_REMOVED = "identity_removed", _("Login removed")
        EMAIL_CHANGED = "email_changed", _("E-mail changed")
        SIGN_IN_REFUSED = "sign_in_refused", _("Sign-in refused")
        SECOND_FACTOR_ADDED = "second_factor_added", _("Second factor added")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second factor removed")
        STAFF_VIEW = "staff_view", _("Staff looked at the account")
        BLOCKED = "blocked", _("Blocked")
        UNBLOCKED = "unblocked", _("Unblocked")
        FROZEN = "frozen", _("Frozen")
        UNFROZEN = "unfrozen", _("Unfrozen")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_events", verbose_name=_("person")
    )
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
