"""UUIDv7 ids for rows of allauth, whose own keys are counting numbers that tell how many people sign in here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from django.utils.crypto import salted_hmac


class _Row(Protocol):
    pk: int


R = TypeVar("R", bound=_Row)


def of(row: _Row, created_at: datetime) -> UUID:
    """Always the same id for the same row: its time of creation, and bits that only our secret key can make."""
    digest = salted_hmac("accounts.public_ids", f"{type(row).__name__}:{row.pk}", algorithm="sha256").digest()
    milliseconds = int(created_at.timestamp() * 1000) & (2**48 - 1)
    rest = int.from_bytes(digest[:10], "big")
    version_and_variant = (rest & ~(0xF << 76) & ~(0x3 << 62)) | (0x7 << 76) | (0x2 << 62)
    return UUID(int=(milliseconds << 80) | version_and_variant)


def find(rows: Iterable[R], created_at: str, wanted: UUID) -> R | None:
    """The row of that id among a person's few; `created_at` names the field."""
    return next((row for row in rows if of(row, getattr(row, created_at)) == wanted), None)
