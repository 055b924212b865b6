"""What staff do, in the audit trail: who, from where, what, and why.

The address is added by `AuditMiddleware` to every entry that is written while it serves a request.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from auditlog.middleware import AuditlogMiddleware
from auditlog.models import LogEntry
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from neuralbox.core.errors import FieldError, InvalidInput
from neuralbox.core.rate_limits import client_address

SHORTEST_REASON = 3
LONGEST_REASON = 1000


class AuditMiddleware(AuditlogMiddleware):
    """Notes the address that our proxies vouch for, not what a client claims in a header."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        return client_address(request)


def checked_reason(reason: str) -> str:
    """The reason without its margins. Raises InvalidInput when it is too short or too long to be one."""
    stripped = reason.strip()
    if not SHORTEST_REASON <= len(stripped) <= LONGEST_REASON:
        raise InvalidInput(errors=[FieldError("/reason", _("Say why."), code="required")])
    return stripped


def rows() -> Iterator[dict[str, object]]:
    """The whole trail, oldest first: who did what to which row, when, from where and why."""
    for entry in LogEntry.objects.select_related("content_type").order_by("pk").iterator(chunk_size=1000):
        more = entry.additional_data or {}
        yield {
            "id": entry.pk,
            "time": entry.timestamp,
            "actor": entry.actor_id,
            "address": entry.remote_addr,
            "table": f"{entry.content_type.app_label}.{entry.content_type.model}",
            "row": entry.object_pk,
            "event": more.get("event", entry.get_action_display()),
            "reason": more.get("reason", ""),
            "changes": entry.changes,
        }


def record(
    row: models.Model,
    *,
    by: Any,
    event: str,
    reason: str,
    changes: Mapping[str, tuple[object, object]] | None = None,
    **more: Any,
) -> LogEntry:
    """Write one entry about `row`, in the caller's transaction. `changes`: field to its old and new value."""
    entry: LogEntry = LogEntry.objects.log_create(
        row,
        force_log=True,
        action=LogEntry.Action.UPDATE if changes else LogEntry.Action.ACCESS,
        object_repr=str(row.pk),
        changes={field: [str(old), str(new)] for field, (old, new) in (changes or {}).items()},
        additional_data={"event": event, "reason": reason, **more},
        actor=by,
    )
    return entry
