"""What staff do to accounts, in the audit trail: who, what, and why. Names and addresses are not copied into it."""

from collections.abc import Mapping
from typing import Any

from auditlog.models import LogEntry

from accounts.models import User


def record(*, about: User, by: User, event: str, changes: Mapping[str, Any], reason: str = "") -> LogEntry:
    """Write one entry. `changes` maps a field to its old and new value."""
    entry: LogEntry = LogEntry.objects.log_create(
        about,
        action=LogEntry.Action.UPDATE,
        object_repr=str(about.pk),
        changes={field: [str(old), str(new)] for field, (old, new) in changes.items()},
        additional_data={"event": event, "reason": reason},
        actor=by,
    )
    return entry
