"""Second factors of staff: an authenticator app, a security key, and recovery codes for the day both are lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.errors import LastSecondFactor, NotBlockable, WrongCode
from accounts.models import SecurityEvent, User
from accounts.services import security_events
from accounts.visitors import Visitor
from neuralbox.core import audit, rate_limits
from neuralbox.core.errors import NotFound

Kind = Authenticator.Type


@dataclass(frozen=True, slots=True)
class Added:
    """`recovery_codes` come with the first factor only; they are shown this once."""

    factor: Authenticator
    recovery_codes: list[str]


def of(user: User) -> list[Authenticator]:
    """The factors that are asked for, oldest first. Recovery codes alone are none."""
    rows = Authenticator.objects.filter(user=user).exclude(type=Kind.RECOVERY_CODES)
    return list(rows.order_by("created_at", "pk"))


def unused_recovery_codes(user: User) -> int:
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return len(RecoveryCodes(row).get_unused_codes()) if row else 0


def check_code(*, user: User, code: str) -> Authenticator:
    """The factor that this code proves: the app's present code, once, or a recovery code, once.

    Raises WrongCode, also after too many attempts.
    """
    typed = code.replace(" ", "")
    if not rate_limits.count(f"user:{user.pk}", {"second_factor": "second_factor"}).allowed:
        raise WrongCode
    for row in Authenticator.objects.filter(user=user, type__in=(Kind.TOTP, Kind.RECOVERY_CODES)):
        if typed and row.wrap().validate_code(typed) and _is_first_use(row, typed):
            row.record_usage()
            return row
    raise WrongCode


def check_key(*, user: User, answer: Mapping[str, Any]) -> Authenticator:
    """The security key that signed the challenge of this session. Raises WrongCode."""
    try:
        row = webauthn.complete_authentication(user, dict(answer))
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise WrongCode from error
    row.record_usage()
    return row


@transaction.atomic
def add_app(*, user: User, secret: str, code: str, visitor: Visitor) -> Added:
    """An authenticator app; `code` proves that it holds `secret`. Replaces the one before. Raises WrongCode."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if not totp.validate_totp_code(secret, code.replace(" ", "")):
        raise WrongCode
    Authenticator.objects.filter(user=user, type=Kind.TOTP).delete()
    return _added(user, totp.TOTP.activate(user, secret).instance, visitor)


@transaction.atomic
def add_key(*, user: User, name: str, answer: Mapping[str, Any], visitor: Visitor) -> Added:
    """A security key, which has signed the challenge of this session. Raises WrongCode."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    try:
        webauthn.complete_registration(dict(answer))
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise WrongCode from error
    return _added(user, webauthn.WebAuthn.add(user, name.strip()[:100] or "—", dict(answer)).instance, visitor)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Ten new codes; the old ones stop working."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    return RecoveryCodes.activate(user).get_unused_codes()


@transaction.atomic
def remove(*, user: User, factor_id: int, visitor: Visitor) -> None:
    """Raises NotFound, and LastSecondFactor: without one there is no way into the back office."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    factors = of(user)
    found = next((row for row in factors if row.pk == factor_id), None)
    if found is None:
        raise NotFound
    if len(factors) == 1:
        raise LastSecondFactor
    kind = found.type
    found.delete()
    security_events.record(user_id=user.pk, kind=SecurityEvent.Kind.SECOND_FACTOR_REMOVED, visitor=visitor, factor=kind)


@transaction.atomic
def reset(*, user: User, reason: str, by: User) -> bool:
    """Take all factors from a member of staff who has lost them: they set up new ones at the next sign-in.

    False: there were none. Raises InvalidInput without a reason, and NotBlockable unless `by` is another superuser.
    """
    reason = audit.checked_reason(reason)
    if not by.is_superuser or by.pk == user.pk:
        raise NotBlockable
    deleted, _per_model = Authenticator.objects.filter(user=user).delete()
    if deleted:
        audit.record(user, by=by, event="second_factor_reset", reason=reason)
        security_events.record(user_id=user.pk, kind=SecurityEvent.Kind.SECOND_FACTOR_REMOVED, factor="all")
    return bool(deleted)


def _is_first_use(row: Authenticator, code: str) -> bool:
    """The library remembers a code for one step of the clock, but it counts for as many as the tolerance allows."""
    if row.type != Kind.TOTP:
        return True
    steps = 2 * app_settings.TOTP_TOLERANCE + 1
    return cache.add(f"accounts.second_factor.used:{row.pk}:{code}", "y", timeout=steps * app_settings.TOTP_PERIOD)


def _added(user: User, factor: Authenticator, visitor: Visitor) -> Added:
    security_events.record(
        user_id=user.pk, kind=SecurityEvent.Kind.SECOND_FACTOR_ADDED, visitor=visitor, factor=factor.type
    )
    if Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).exists():
        return Added(factor, [])
    return Added(factor, RecoveryCodes.activate(user).get_unused_codes())
