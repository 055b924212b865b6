"""Who calls the API: a program with an API key, or a person with an access token."""

import hmac
import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import key_texts, tokens
from accounts.errors import CHALLENGE, AddressNotAllowed, InvalidCredentials, ReadOnlyView, SessionOver
from accounts.models import ApiKey, ApiKeySecret, User
from accounts.services import staff_views
from neuralbox.core.rate_limits import client_address

USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The access token of this request: its id, the sign-in (session) that it belongs to, and its end.

    `signed_in_at` is when the person last proved who they are in that sign-in; None when that is not known.
    """

    jti: str
    session_key: str
    expires_at: datetime
    signed_in_at: datetime | None = None

    def __repr__(self) -> str:
        return f"AccessToken({self.jti})"


def caller(request: Request) -> User:
    """The person behind an authenticated request, typed. Views with the default permission always have one."""
    return cast(User, request.user)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer nb_live_…` or `X-API-Key: nb_live_…`. One query; `request.auth` is the ApiKey."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        sent = _sent_key(request)
        if sent is None:
            return None
        text = key_texts.parse(sent)
        if text is None:
            raise InvalidCredentials
        secret = ApiKeySecret.objects.select_related("api_key__user").filter(public_id=text.public_id).first()
        if secret is None or not hmac.compare_digest(bytes(secret.digest), text.digest):
            raise InvalidCredentials
        # From here on it is this key's call, allowed or not: its owner sees it in the log.
        request._request.api_key_id = secret.api_key_id  # type: ignore[attr-defined]
        api_key, now = secret.api_key, timezone.now()
        if api_key.revoked_at or _is_over(api_key.expires_at, now) or _is_over(secret.expires_at, now):
            raise InvalidCredentials
        if not api_key.user.is_active:
            raise InvalidCredentials
        address = client_address(request)
        if api_key.allowed_ips and not _is_within(address, api_key.allowed_ips):
            raise AddressNotAllowed
        _note_use(api_key, address, now)
        return api_key.user, api_key

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <JWT>`. The sign-in is looked up each time: its end, a block, a deletion count at once."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        sent = _bearer(request)
        if sent is None:
            return None
        user, claims, session = tokens.read_access_token(sent)
        ends_at = datetime.fromtimestamp(claims["exp"], UTC)
        signed_in_at = tokens.signed_in_at(session)
        return user, AccessToken(claims["jti"], str(session.session_key), ends_at, signed_in_at)

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


@dataclass(frozen=True, slots=True)
class Looking:
    """A member of staff looks at the account of this request's user: see `services.staff_views`."""

    view_id: UUID
    expires_at: datetime


# What staff may see of an account as its owner does. Nothing that hands out files of it in one piece, or secrets.
LOOKING_OPENS = (
    "me", "me/identities", "me/sessions", "me/api-keys", "me/security-events", "me/notices", "me/support-messages",
    "me/consents", "balance", "ledger", "generations", "events", "models", "payments", "packages", "gateways",
    "wallet/caps", "status",
)  # fmt: skip
_LOOKING = re.compile(
    rf"/api/v1/(?:{'|'.join(LOOKING_OPENS)}|generations/[0-9a-f-]{{36}}(?:/events)?|models/[\w-]+"
    r"|payments/[0-9a-f-]{36}|me/api-keys/[0-9a-f-]{36}/(?:usage|calls))"
)


class StaffViewAuthentication(BaseAuthentication):
    """`Authorization: Bearer nb_view_…`: reading alone, of what is listed above, for as long as the look lasts."""

    def authenticate(self, request: Request) -> tuple[User, Looking] | None:
        sent = _bearer(request)
        if sent is None or not sent.startswith(staff_views.PREFIX):
            return None
        view = staff_views.open_view(sent)
        if view is None:
            raise SessionOver
        if request.method not in SAFE_METHODS or not _LOOKING.fullmatch(request.path):
            raise ReadOnlyView
        return view.user, Looking(view.pk, view.expires_at)

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _bearer(request: Request) -> str | None:
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


def _sent_key(request: Request) -> str | None:
    if (header := request.headers.get("X-API-Key")) is not None:
        return header.strip()
    bearer = _bearer(request)
    return bearer if bearer is not None and bearer.startswith(key_texts.PREFIX) else None


def _is_over(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _is_within(address: str | None, networks: list[str]) -> bool:
    if address is None:
        return False
    ip = ipaddress.ip_address(address)
    return any(ip in ipaddress.ip_network(network) for network in networks)


def _note_use(api_key: ApiKey, address: str | None, now: datetime) -> None:
    """Write down the last use, at most once a minute: a busy key costs no write per call."""
    limit = now - USE_IS_NOTED_EVERY
    if api_key.last_used_at is None or api_key.last_used_at < limit:
        stale = ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=limit), pk=api_key.pk)
        stale.update(last_used_at=now, last_used_ip=address)
