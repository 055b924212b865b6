"""What people see of their accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from accounts import public_ids
from accounts.models import ApiCall, ApiKey, ApiKeySecret, EmailProof, Notice, SecurityEvent, SupportMessage, User
from accounts.visitors import device_name


@dataclass(frozen=True, slots=True)
class Device:
    """One sign-in of a person: `is_current` marks the one that asks."""

    id: UUID
    ip: str
    device: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """One linked login and all that we keep of it (P1)."""

    id: UUID
    provider: str
    external_id: str
    name: str
    email: str
    avatar: str
    created_at: datetime
    last_used_at: datetime


def sessions(user: User) -> QuerySet[UserSession]:
    """The sign-ins that still live, newest use first."""
    living = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return UserSession.objects.filter(Exists(living), user=user).order_by("-last_seen_at", "-pk")


def devices(user: User, *, current: str | None) -> list[Device]:
    """`current` is the session key of the asking sign-in."""
    return [
        Device(
            id=public_ids.of(row, row.created_at),
            ip=row.ip,
            device=device_name(row.user_agent),
            user_agent=row.user_agent,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_current=row.session_key == current,
        )
        for row in sessions(user)
    ]


def identities(user: User) -> list[Identity]:
    rows = SocialAccount.objects.filter(user=user).order_by("date_joined", "pk")
    return [
        Identity(
            id=public_ids.of(row, row.date_joined),
            provider=row.provider,
            external_id=row.uid,
            name=row.extra_data.get("name", ""),
            email=row.extra_data.get("email", ""),
            avatar=row.extra_data.get("avatar", ""),
            created_at=row.date_joined,
            last_used_at=row.last_login,
        )
        for row in rows
    ]


def api_keys(user: User) -> QuerySet[ApiKey]:
    """The person's keys with their secrets (what is known of them), newest first; revoked ones too."""
    newest_first = ApiKeySecret.objects.order_by("-created_at", "-pk")
    return (
        ApiKey.objects.filter(user=user)
        .prefetch_related(Prefetch("secrets", queryset=newest_first))
        .order_by("-created_at", "-id")
    )


def api_calls(api_key_id: UUID) -> QuerySet[ApiCall]:
    """Calls with a key, newest first."""
    return ApiCall.objects.filter(api_key_id=api_key_id).order_by("-created_at", "-id")


def notices(user_id: UUID, *, unread: bool = False) -> QuerySet[Notice]:
    return Notice.objects.filter(Q(read_at=None) if unread else Q(), user_id=user_id)


def waiting(user: User) -> dict[str, Any]:
    """What waits for the person: how many `unread_notices`, and the address to confirm (`pending_email`). One query."""
    asked = EmailProof.objects.filter(user=OuterRef("pk"), expires_at__gt=timezone.now()).values("email")
    unread = Count("notices", filter=Q(notices__read_at=None))
    found = User.objects.annotate(unread_notices=unread, pending_email=Subquery(asked))
    return dict(found.values("unread_notices", "pending_email").get(pk=user.pk))


def security_events(user: User) -> QuerySet[SecurityEvent]:
    """What happened to the account, newest first."""
    return SecurityEvent.objects.filter(user=user).order_by("-created_at", "-id")


def support_messages(user: User) -> QuerySet[SupportMessage]:
    """What the person wrote to support, newest first."""
    return SupportMessage.objects.filter(user=user)
