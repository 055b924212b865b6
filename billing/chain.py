"""What the hash of an entry covers, under the names that `verify_statement.py` uses."""

from datetime import UTC
from typing import Any

from billing import verify_statement
from billing.models import JournalEntry


def line(entry: JournalEntry) -> dict[str, Any]:
    """All that is hashed, under the names that `verify_statement.py` uses, and the hash."""
    return {
        "wallet": str(entry.wallet_id),
        "sequence": entry.sequence,
        "created_at": f"{entry.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        "kind": entry.kind,
        "reference": entry.reference,
        "description": entry.description,
        **{account: getattr(entry, account) for account in verify_statement.WALLET_ACCOUNTS},
        **{account: getattr(entry, account) for account in verify_statement.SYSTEM_ACCOUNTS},
        "available_after": entry.available_after,
        "held_after": entry.held_after,
        "previous_hash": bytes(entry.previous_hash).hex(),
        "hash": bytes(entry.hash).hex(),
    }
