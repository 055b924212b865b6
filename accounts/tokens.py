"""Access and refresh tokens: allauth's JWT, with the Django session as the family that all tokens of a sign-in share.

Parts of allauth that are not its public interface are used here and nowhere else; the tests beside them
(`tests/test_sign_ins.py`) tell when an upgrade moves them.
"""

import time
from datetime import UTC, datetime
from typing import Any

import jwt
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.headless import app_settings
from allauth.headless.internal.sessionkit import lookup_session
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from django.contrib.sessions.backends.base import SessionBase

from accounts.errors import InvalidCredentials, SessionOver, TokenExpired
from accounts.models import User
from neuralbox.core.errors import DomainError


class FamilyTokenStrategy(JWTTokenStrategy):
    """What allauth's own endpoints use, led to the one service that renews tokens."""

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        from accounts.services import sign_ins

        try:
            pair = sign_ins.refresh(refresh_token=refresh_token)
        except DomainError:
            return None
        return pair.access, pair.refresh


def read_access_token(text: str) -> tuple[User, dict[str, Any], SessionBase]:
    """The person, the claims and the session of a valid access token.

    Raises TokenExpired, InvalidCredentials, SessionOver. Two queries: the session and the user.
    """
    claims = _claims(text, "access")
    session = family_of(claims)
    if session is None:
        raise SessionOver
    user = user_of(claims, session)
    if user is None:
        raise SessionOver
    return user, claims, session


def signed_in_at(session: SessionBase) -> datetime | None:
    """When the person of this session last proved who they are; a second factor alone is no such proof."""
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    moments = [record["at"] for record in records if record.get("method") != "mfa"]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None


def read_refresh_token(text: str) -> dict[str, Any]:
    """The claims of a refresh token of ours that has not expired. Raises TokenExpired, InvalidCredentials."""
    return _claims(text, "refresh")


def read_any_token(text: str) -> dict[str, Any]:
    """The claims of a token that we signed, expired or not: enough to end its sign-in. Raises InvalidCredentials."""
    config = internal._get_jwt_config()
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            config.verifying_key,
            [config.algorithm],
            options={"verify_exp": False, "verify_aud": False, "require": ["sub", "sid", "jti"]},
        )
    except jwt.PyJWTError as error:
        raise InvalidCredentials from error
    return claims


def session_key_of(claims: dict[str, Any]) -> str | None:
    return internal.session_key_from_sid(claims["sid"])


def session_of(session_key: str) -> SessionBase | None:
    """The living session of that key, read anew."""
    return lookup_session(session_key)


def family_of(claims: dict[str, Any]) -> SessionBase | None:
    session_key = session_key_of(claims)
    return session_of(session_key) if session_key else None


def user_of(claims: dict[str, Any], session: SessionBase) -> User | None:
    """The active person whom both the session and the token name."""
    return internal.validate_token_user(claims, session)


def issue_access(user: User, session: SessionBase) -> str:
    return internal.create_access_token(user, session, {})


def issue_refresh(user: User, session: SessionBase) -> str:
    """A refresh token, noted in `session`: the caller saves the session."""
    known = internal.get_refresh_token_state(session)
    for jti in [jti for jti, expires_at in known.items() if expires_at <= time.time()]:
        del known[jti]
    return internal.create_refresh_token(user, session)


def is_known(claims: dict[str, Any], session: SessionBase) -> bool:
    """Whether this refresh token may still be used, as far as the session tells."""
    return claims["jti"] in internal.get_refresh_token_state(session)


def forget(claims: dict[str, Any], session: SessionBase) -> None:
    internal.invalidate_refresh_token(session, claims)


def access_lifetime() -> int:
    """Seconds."""
    return int(app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN)


def _claims(text: str, use: str) -> dict[str, Any]:
    claims = internal.decode_token(text, use)
    if claims is not None:
        return claims
    if _has_only_expired(text):
        raise TokenExpired
    raise InvalidCredentials


def _has_only_expired(text: str) -> bool:
    config = internal._get_jwt_config()
    try:
        jwt.decode(text, key=config.verifying_key, algorithms=[config.algorithm], options={"verify_aud": False})
    except jwt.ExpiredSignatureError:
        return True
    except jwt.PyJWTError:
        return False
    return False
