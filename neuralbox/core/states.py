"""The one function that changes a status.

A model with states has a `status` field and `TRANSITIONS`: from each status, the statuses it may move to.
"""

from django.db import models


def move(row: models.Model, to: str, **changes: object) -> bool:
    """Move `row` to status `to`, once, writing `changes` in the same statement.

    Compares and swaps in the database. False: the move is not allowed from the present status,
    or another worker got there first; nothing was changed then.
    """
    transitions: dict[str, set[str]] = row.TRANSITIONS  # type: ignore[attr-defined]
    sources = [source for source, targets in transitions.items() if to in targets]
    allowed = type(row)._default_manager.filter(pk=row.pk, status__in=sources)
    moved = bool(allowed.update(status=to, **changes))
    if moved:
        row.refresh_from_db(fields=["status", *changes])
    return moved
