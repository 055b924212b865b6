"""What accounts hold about a person."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from auditlog.models import LogEntry
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.db import transaction

from accounts import profile, selectors
from accounts.models import Notice, SecurityEvent, User
from accounts.services import sign_ins
from accounts.visitors import device_name


class Accounts:
    """The person, their logins, devices, keys, notices and security log; and the rows of the libraries beneath."""

    name = "accounts"
    models: Iterable[str] = (
        "accounts.User",
        "accounts.ApiKey",
        "accounts.ApiKeySecret",
        "accounts.Notice",
        "accounts.SecurityEvent",
        "account.EmailAddress",
        "socialaccount.SocialAccount",
        "usersessions.UserSession",
        "mfa.Authenticator",
        "admin.LogEntry",
        "auditlog.LogEntry",
    )

    def export(self, user: User) -> dict[str, Any]:
        """Everything but secrets, which we do not have."""
        return {
            "profile": profile.own(user),
            "identities": [_plain(identity) for identity in selectors.identities(user)],
            "sessions": [_plain(device) for device in selectors.devices(user, current=None)],
            "api_keys": [_key(api_key) for api_key in selectors.api_keys(user)],
            "notices": list(
                Notice.objects.filter(user=user)
                .order_by("created_at")
                .values("id", "kind", "details", "created_at", "read_at")
            ),
            "security_events": [
                {
                    "kind": event.kind,
                    "ip": event.ip,
                    "user_agent": event.user_agent,
                    "device": device_name(event.user_agent),
                    "details": event.details,
                    "created_at": event.created_at,
                }
                for event in SecurityEvent.objects.filter(user=user).order_by("created_at")
            ],
        }

    @transaction.atomic
    def erase(self, user: User) -> None:
        """Nothing personal stays. The row of the user does, nameless, because money that must be kept points at it."""
        sign_ins.end_all(user=user)
        for model in (SocialAccount, EmailAddress, Authenticator, Notice, SecurityEvent):
            model._default_manager.filter(user=user).delete()
        user.api_keys.all().delete()
        AdminLogEntry.objects.filter(object_id=str(user.pk)).update(object_repr=str(user.pk), change_message="")
        about = LogEntry.objects.get_for_object(user)
        about.update(object_repr=str(user.pk), additional_data=None)
        LogEntry.objects.filter(actor=user).update(remote_addr=None, actor_email=None)
        User.objects.filter(pk=user.pk).update(
            email=None,
            name="",
            avatar="",
            password="!",  # noqa: S106
            notice_settings={},
            is_active=False,
            is_staff=False,
            is_superuser=False,
            block_reason="",
            last_login=None,
        )


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__ if name != "is_current"}


def _key(api_key: Any) -> dict[str, Any]:
    return {
        "id": api_key.id,
        "name": api_key.name,
        "scopes": api_key.scopes,
        "caps": dict(api_key.caps),
        "allowed_ips": api_key.allowed_ips,
        "created_at": api_key.created_at,
        "expires_at": api_key.expires_at,
        "revoked_at": api_key.revoked_at,
        "last_used_at": api_key.last_used_at,
        "last_used_ip": api_key.last_used_ip,
        "secrets": [str(secret) for secret in api_key.secrets.all()],
    }
