"""The text of an API key: `nb_live_<8 id>_<40 base62><6 checksum>`.

The id finds the row, the 40 characters (238 bits) are the secret, and the checksum lets scanners and us tell a
mistyped or invented key without asking the database.
"""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass

PREFIX = "nb_live_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(r"nb_live_([0-9A-Za-z]{8})_[0-9A-Za-z]{40}([0-9A-Za-z]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyText:
    """One key as its owner holds it. `text` is secret; its other parts are not."""

    text: str
    public_id: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole text. Random text of this length needs no slow hash."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def last_four(self) -> str:
        return self.text[-4:]

    def __repr__(self) -> str:
        return f"KeyText({self.public_id})"


def generate() -> KeyText:
    """A new key from the system's randomness."""
    public_id = _random(8)
    body = f"{PREFIX}{public_id}_{_random(40)}"
    return KeyText(body + _checksum(body), public_id)


def parse(text: str) -> KeyText | None:
    """Read a key that a caller sent. None: it cannot be one of ours."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or _checksum(text[:-6]) != shape[2]:
        return None
    return KeyText(text, shape[1])


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _position in range(length))


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _position in range(6):
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return digits
