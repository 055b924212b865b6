"""API keys are created, rotated and revoked. Each of the three is announced to the owner and logged."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import key_texts
from accounts.errors import AlreadyRevoked, TooManyApiKeys
from accounts.models import ApiKey, ApiKeySecret, Notice, SecurityEvent, User
from accounts.services import freezes, notices, security_events
from accounts.visitors import Visitor
from neuralbox.core.errors import FieldError, InvalidInput, NotFound

WINDOWS = ("hour", "day", "month", "total")
DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with its secret: the only time that anyone sees it."""

    api_key: ApiKey
    secret: str

    def __repr__(self) -> str:
        return f"IssuedKey({self.api_key.id})"


@transaction.atomic
def create(
    *,
    user: User,
    name: str,
    scopes: Sequence[str],
    caps: Mapping[str, int] | None = None,
    allowed_ips: Sequence[str] = (),
    expires_at: datetime | None = None,
    visitor: Visitor | None = None,
) -> IssuedKey:
    """Give `user` a new key. `caps` are tokens by window, `allowed_ips` addresses or networks.

    Raises InvalidInput, TooManyApiKeys, AccountFrozen.
    """
    freezes.refuse_if_frozen(user.pk)
    fields = _checked(name=name, scopes=scopes, caps=caps or {}, allowed_ips=allowed_ips, expires_at=expires_at)
    _lock(user)
    if working(user).count() >= settings.API_KEYS_PER_USER:
        raise TooManyApiKeys(limit=settings.API_KEYS_PER_USER)
    api_key = ApiKey.objects.create(user=user, **fields)
    text = _issue(api_key)
    _tell(api_key, SecurityEvent.Kind.API_KEY_CREATED, Notice.Kind.API_KEY_CREATED, visitor)
    return IssuedKey(api_key, text.text)


@transaction.atomic
def rotate(
    *, user: User, api_key_id: UUID, overlap: timedelta = DEFAULT_OVERLAP, visitor: Visitor | None = None
) -> IssuedKey:
    """Issue a new secret; older ones work for `overlap` more (at most seven days). Limits and use stay with the key.

    Raises NotFound, AlreadyRevoked, InvalidInput, AccountFrozen.
    """
    freezes.refuse_if_frozen(user.pk)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise InvalidInput(errors=[FieldError("/overlap_seconds", _("At most seven days."))])
    api_key = _mine(user, api_key_id)
    if api_key.revoked_at is not None:
        raise AlreadyRevoked
    ends_at = timezone.now() + overlap
    # LEAST skips NULL: a secret without an end gets one, an earlier end stays.
    api_key.secrets.update(expires_at=Least(F("expires_at"), ends_at))
    text = _issue(api_key)
    _tell(api_key, SecurityEvent.Kind.API_KEY_ROTATED, Notice.Kind.API_KEY_ROTATED, visitor)
    return IssuedKey(api_key, text.text)


@transaction.atomic
def revoke(*, user: User, api_key_id: UUID, visitor: Visitor | None = None) -> ApiKey:
    """End a key for good, with all its secrets. Repeating it changes nothing. Raises NotFound."""
    api_key = _mine(user, api_key_id)
    if api_key.revoked_at is None:
        api_key.revoked_at = timezone.now()
        api_key.save(update_fields=["revoked_at"])
        _tell(api_key, SecurityEvent.Kind.API_KEY_REVOKED, Notice.Kind.API_KEY_REVOKED, visitor)
    return api_key


def working(user: User) -> Any:
    """The keys of `user` that can still be used."""
    return ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), user=user, revoked_at=None)


def _mine(user: User, api_key_id: UUID) -> ApiKey:
    api_key = ApiKey.objects.select_for_update().filter(pk=api_key_id, user=user).first()
    if api_key is None:
        raise NotFound
    return api_key


def _lock(user: User) -> None:
    """Parallel requests must not pass the limit on keys together."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def _issue(api_key: ApiKey) -> key_texts.KeyText:
    text = key_texts.generate()
    ApiKeySecret.objects.create(api_key=api_key, public_id=text.public_id, digest=text.digest, last_four=text.last_four)
    return text


def _tell(api_key: ApiKey, event: str, notice: str, visitor: Visitor | None) -> None:
    security_events.record(user_id=api_key.user_id, kind=event, visitor=visitor, api_key=str(api_key.id))
    notices.send(user_id=api_key.user_id, kind=notice, link="/developers", name=api_key.name)


def _checked(
    *,
    name: str,
    scopes: Sequence[str],
    caps: Mapping[str, int],
    allowed_ips: Sequence[str],
    expires_at: datetime | None,
) -> dict[str, Any]:
    errors = []
    name = name.strip()
    if not 1 <= len(name) <= 100:
        errors.append(FieldError("/name", _("A name of 1 to 100 characters.")))
    known = ApiKey.Scope.values
    if not scopes or not set(scopes) <= set(known):
        errors.append(FieldError("/scopes", _("Choose at least one of the known scopes."), allowed=known))
    for window, tokens in caps.items():
        if window not in WINDOWS:
            errors.append(FieldError(f"/caps/{window}", _("Unknown window."), allowed=WINDOWS))
        elif not 0 <= tokens <= 10**12:
            errors.append(FieldError(f"/caps/{window}", _("A whole number of tokens, not negative.")))
    networks = []
    for index, address in enumerate(allowed_ips):
        try:
            networks.append(str(ipaddress.ip_network(address.strip(), strict=False)))
        except ValueError:
            errors.append(FieldError(f"/allowed_ips/{index}", _("Not an IP address or network.")))
    if len(networks) > 50:
        errors.append(FieldError("/allowed_ips", _("At most 50 addresses.")))
    if expires_at is not None and expires_at <= timezone.now():
        errors.append(FieldError("/expires_at", _("A moment in the future.")))
    if errors:
        raise InvalidInput(errors=errors)
    return {
        "name": name,
        "scopes": [scope for scope in known if scope in scopes],
        "allowed_ips": networks,
        "expires_at": expires_at,
        **{f"cap_{window}": tokens for window, tokens in caps.items()},
    }
