"""Sign-ins: tokens are handed out, renewed and ended. One sign-in is one session and one family of tokens."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import public_ids, selectors, tokens
from accounts.errors import InvalidCredentials, RefreshInProgress, SessionOver
from accounts.models import Notice, RefreshClaim, SecurityEvent, User
from accounts.services import notices, security_events
from accounts.visitors import Visitor, device_name
from neuralbox.core.errors import NotFound

STARTED = "sign_in_started"
# Two tabs that renew at once are no theft. The second one is told to look for the first one's tokens.
PARALLEL_SECONDS = 10


@dataclass(frozen=True, slots=True)
class TokenPair:
    """`expires_in` is the life of `access`, in seconds."""

    access: str
    refresh: str
    expires_in: int

    def __repr__(self) -> str:
        return "TokenPair(…)"


@transaction.atomic
def hand_out(*, user: User, session_key: str) -> TokenPair:
    """The first tokens of a sign-in, to the browser whose cookie holds the session. Raises SessionOver."""
    Session.objects.select_for_update().filter(session_key=session_key).first()
    session = tokens.session_of(session_key)
    if session is None:
        raise SessionOver
    session.setdefault(STARTED, int(time.time()))
    pair = _pair(user, session)
    session.save()
    return pair


def refresh(*, refresh_token: str, visitor: Visitor | None = None) -> TokenPair:
    """Exchange a refresh token for new tokens, once.

    Raises InvalidCredentials (never ours), TokenExpired, SessionOver (ended, blocked, or past its longest age) and
    RefreshInProgress (used seconds ago: parallel tabs). A token that comes back later than that is in two hands: the
    whole family ends, and the person is told.
    """
    claims = tokens.read_refresh_token(refresh_token)
    with transaction.atomic():
        outcome = _refresh_locked(claims, visitor)
    # Refusals are raised out here, so that ending a family is committed.
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _refresh_locked(claims: dict[str, Any], visitor: Visitor | None) -> TokenPair | Exception:
    session = _lock_family(claims)
    if session is None:
        return SessionOver()
    user = tokens.user_of(claims, session)
    if user is None:
        return SessionOver()
    used_before = _claim(claims)
    if used_before is not None:
        if timezone.now() - used_before <= timedelta(seconds=PARALLEL_SECONDS):
            return RefreshInProgress()
        _end_stolen(user, session, visitor)
        return SessionOver()
    if not tokens.is_known(claims, session):
        return InvalidCredentials()
    if time.time() - session.get(STARTED, 0) > settings.SIGN_IN_LONGEST.total_seconds():
        end(session_key=str(session.session_key))
        return SessionOver()
    tokens.forget(claims, session)
    pair = _pair(user, session)
    session.save()
    seen = {"last_seen_at": timezone.now()} | ({"ip": visitor.ip} if visitor and visitor.ip else {})
    UserSession.objects.filter(session_key=session.session_key).update(**seen)
    return pair


def end(*, session_key: str) -> bool:
    """End a sign-in: its cookie, access and refresh tokens are dead at once. False: it had ended before."""
    UserSession.objects.filter(session_key=session_key).delete()
    deleted, _per_model = Session.objects.filter(session_key=session_key).delete()
    return bool(deleted)


@transaction.atomic
def end_by_token(*, token: str, visitor: Visitor | None = None) -> bool:
    """End the sign-in of this access or refresh token, expired or not. False: it had ended before.

    Raises InvalidCredentials for a token that we did not sign.
    """
    claims = tokens.read_any_token(token)
    session_key = tokens.session_key_of(claims)
    if session_key is None or not end(session_key=session_key):
        return False
    if User.objects.filter(pk=claims["sub"]).exists():
        security_events.record(user_id=UUID(claims["sub"]), kind=SecurityEvent.Kind.SIGNED_OUT, visitor=visitor)
    return True


@transaction.atomic
def end_one(*, user: User, session_id: UUID, visitor: Visitor | None = None) -> None:
    """End one of a person's sign-ins. Raises NotFound."""
    row = public_ids.find(selectors.sessions(user), "created_at", session_id)
    if row is None:
        raise NotFound
    end(session_key=row.session_key)
    security_events.record(
        user_id=user.pk, kind=SecurityEvent.Kind.SESSION_ENDED, visitor=visitor, device=device_name(row.user_agent)
    )


@transaction.atomic
def end_others(*, user: User, current: str | None, visitor: Visitor | None = None) -> int:
    """End every sign-in of a person but the one of that session key. Returns how many."""
    others = UserSession.objects.filter(user=user).exclude(session_key=current or "")
    ended = sum(end(session_key=key) for key in list(others.values_list("session_key", flat=True)))
    if ended:
        security_events.record(
            user_id=user.pk, kind=SecurityEvent.Kind.SESSION_ENDED, visitor=visitor, all_others=True, count=ended
        )
    return ended


def note_sign_in(*, user: User, visitor: Visitor, provider: str) -> None:
    """Log a sign-in, and tell the person when it comes from a browser that their other sign-ins do not have."""
    event = security_events.record(
        user_id=user.pk, kind=SecurityEvent.Kind.SIGNED_IN, visitor=visitor, provider=provider
    )
    before = SecurityEvent.objects.filter(user=user, kind=SecurityEvent.Kind.SIGNED_IN).exclude(pk=event.pk)
    if before.exists() and not before.filter(user_agent=visitor.user_agent).exists():
        notices.send(
            user_id=user.pk,
            kind=Notice.Kind.NEW_DEVICE,
            reference=f"event:{event.id}",
            link="/profile",
            device=visitor.device or "?",
            ip=visitor.ip or "?",
        )


def forget_old() -> int:
    """Delete expired sessions, device rows without a session, and used refresh tokens that would be refused anyway."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    living = Session.objects.filter(session_key=OuterRef("session_key"))
    devices, _per_model = UserSession.objects.filter(~Exists(living)).delete()
    claims, _per_model = RefreshClaim.objects.filter(expires_at__lt=now).delete()
    return devices + claims


@transaction.atomic
def end_all(*, user: User) -> int:
    """End every sign-in of a person. Returns how many."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    return sum(end(session_key=key) for key in keys)


def _pair(user: User, session: SessionBase) -> TokenPair:
    access = tokens.issue_access(user, session)
    return TokenPair(access, tokens.issue_refresh(user, session), tokens.access_lifetime())


def _lock_family(claims: dict[str, Any]) -> SessionBase | None:
    """The session, its row locked: two renewals of one family never overwrite each other's change."""
    session_key = tokens.session_key_of(claims)
    locked = Session.objects.select_for_update().filter(session_key=session_key).first()
    return tokens.family_of(claims) if locked else None


def _claim(claims: dict[str, Any]) -> datetime | None:
    """Mark this refresh token as used. None: this call was the first; else when the first one was."""
    jti, expires_at = UUID(claims["jti"]), datetime.fromtimestamp(claims["exp"], UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO accounts_refreshclaim (jti, expires_at) VALUES (%s, %s)
               ON CONFLICT (jti) DO NOTHING RETURNING claimed_at""",
            [jti, expires_at],
        )
        if cursor.fetchone():
            return None
        cursor.execute("SELECT claimed_at FROM accounts_refreshclaim WHERE jti = %s", [jti])
        return cursor.fetchone()[0]


def _end_stolen(user: User, session: SessionBase, visitor: Visitor | None) -> None:
    end(session_key=str(session.session_key))
    event = security_events.record(user_id=user.pk, kind=SecurityEvent.Kind.REFRESH_REUSED, visitor=visitor)
    notices.send(user_id=user.pk, kind=Notice.Kind.SECURITY_ALERT, reference=f"event:{event.id}", link="/profile")
