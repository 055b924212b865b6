"""JSON Web Tokens with HS256, for gateways that choose the key themselves.

PyJWT warns at every use of a key shorter than 32 bytes, and the length of a shop's password is not ours to choose.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from billing.gateways.errors import InvalidNotification

_ALGORITHM = "HS256"


def sign(claims: Mapping[str, Any], key: str) -> str:
    """A token over `claims`."""
    header = _encoded(json.dumps({"alg": _ALGORITHM, "typ": "JWT"}, separators=(",", ":")).encode())
    payload = _encoded(json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode())
    return f"{header}.{payload}.{_encoded(_mac(f'{header}.{payload}', key))}"


def verify(token: str, key: str) -> dict[str, Any]:
    """The claims of a token of exactly this algorithm that has not run out. Raises InvalidNotification."""
    try:
        header, payload, signature = token.split(".")
        if not key or not hmac.compare_digest(_mac(f"{header}.{payload}", key), _decoded(signature)):
            raise InvalidNotification("the signature of the token does not match")
        if json.loads(_decoded(header)).get("alg") != _ALGORITHM:
            raise InvalidNotification("the token is of another algorithm")
        claims = json.loads(_decoded(payload))
        expires = claims["exp"]
        if isinstance(expires, bool) or not isinstance(expires, int | float) or not expires >= time.time():
            raise InvalidNotification("the token has run out")
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidNotification("the token is unreadable") from error
    return dict(claims)


def _mac(message: str, key: str) -> bytes:
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(value: str) -> bytes:
    return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
