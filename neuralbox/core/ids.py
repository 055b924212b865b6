"""Identifiers: UUID version 7, so that ids sort by creation time."""

from uuid import UUID

import uuid_utils.compat


def new() -> UUID:
    """A fresh UUIDv7 (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()
