"""Reads of generations. Written as SQL because they are asked for all the time: one round trip per answer."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from neuralbox.core.errors import FieldError, InvalidInput, NotFound

# Assets come with their generation, in one statement.
_COLUMNS = """
    generation.id, model.slug AS model, model.name_ru, model.name_en, generation.modality, generation.status,
    generation.progress, generation.stage, generation.input, generation.prompt, generation.tokens_quoted,
    generation.tokens_captured, generation.error, generation.provider, generation.source, generation.hidden,
    generation.metadata, generation.deadline, generation.created_at, generation.started_at, generation.finished_at,
    generation.retry_of_id, version.typical_seconds,
    (SELECT json_agg(json_build_object(
        'id', asset.id, 'kind', asset.kind, 'mime', asset.mime, 'bytes', asset.bytes, 'width', asset.width,
        'height', asset.height, 'seconds', asset.seconds, 'sha256', asset.sha256, 'storage_key', asset.storage_key,
        'thumbnail_key', asset.thumbnail_key, 'expires_at', asset.expires_at, 'is_late', asset.is_late
     ) ORDER BY asset.position) FROM generations_asset AS asset WHERE asset.generation_id = generation.id) AS assets,
    CASE WHEN generation.status = 'queued' THEN (
        SELECT count(*) FROM (
            SELECT 1 FROM generations_generation AS ahead
            WHERE ahead.status = 'queued' AND ahead.created_at < generation.created_at LIMIT 1000
        ) AS those_ahead) + 1 END AS queue_position
"""
_TABLES = """
    FROM generations_generation AS generation
    JOIN generations_model AS model ON model.id = generation.model_id
    JOIN generations_modelversion AS version ON version.id = generation.version_id
"""

Row = dict[str, Any]


def _rows(sql: str, parameters: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description]
        return [_parsed(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _parsed(row: Row) -> Row:
    """Django's cursors give JSON columns as text."""
    for name in ("input", "error", "metadata", "assets"):
        if isinstance(row[name], str):
            row[name] = json.loads(row[name])
    return row


def generation_row(owner_id: UUID, generation_id: UUID) -> Row:
    """One generation of this owner with its assets. Raises NotFound, also for another's."""
    found = _rows(
        f"SELECT {_COLUMNS} {_TABLES} WHERE generation.id = %s AND generation.user_id = %s",
        [generation_id, owner_id],
    )
    if not found:
        raise NotFound(_("There is no such generation."))
    return found[0]


def generation_rows(owner_id: UUID, generation_ids: Sequence[UUID]) -> list[Row]:
    """Those of them that are this owner's, newest first, with their assets."""
    return _rows(
        f"SELECT {_COLUMNS} {_TABLES} WHERE generation.id = ANY(%s) AND generation.user_id = %s "
        "ORDER BY generation.created_at DESC, generation.id DESC",
        [list(generation_ids), owner_id],
    )


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What of the history is wanted. None: no restriction; `hidden` None: all."""

    status: Sequence[str] = ()
    modality: Sequence[str] = ()
    model: str = ""
    provider: str = ""
    source: str = ""
    hidden: bool | None = False
    created_after: datetime | None = None
    created_before: datetime | None = None
    q: str = ""

    def conditions(self) -> tuple[list[str], list[Any]]:
        wanted: list[tuple[str, Any]] = []
        if self.status:
            wanted.append(("generation.status = ANY(%s)", list(self.status)))
        if self.modality:
            wanted.append(("generation.modality = ANY(%s)", list(self.modality)))
        if self.model:
            wanted.append(("model.slug = %s", self.model))
        if self.provider:
            wanted.append(("generation.provider = %s", self.provider))
        if self.source:
            wanted.append(("generation.source = %s", self.source))
        if self.hidden is not None:
            wanted.append(("generation.hidden = %s", self.hidden))
        if self.created_after:
            wanted.append(("generation.created_at >= %s", self.created_after))
        if self.created_before:
            wanted.append(("generation.created_at < %s", self.created_before))
        if self.q:
            escaped = self.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            wanted.append(("generation.prompt ILIKE %s", f"%{escaped}%"))
        return [condition for condition, _value in wanted], [value for _condition, value in wanted]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the history, between two rows. `backwards` reads towards newer ones."""

    created_at: datetime
    id: UUID
    backwards: bool = False

    def encoded(self) -> str:
        text = f"{'b' if self.backwards else 'f'}{self.created_at.isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decoded(cls, text: str) -> "Position":
        """Raises InvalidInput for what `encoded` did not make."""
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            moment, row_id = plain[1:].split("|")
            created_at = datetime.fromisoformat(moment)
            if plain[0] not in "fb" or created_at.tzinfo is None:
                raise ValueError(plain)
            return cls(created_at, UUID(row_id), backwards=plain[0] == "b")
        except (ValueError, binascii.Error) as error:
            raise InvalidInput(errors=[FieldError("/cursor", _("This is not a cursor of ours."))]) from error


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row] = field(default_factory=list)
    next: Position | None = None
    previous: Position | None = None


def history(owner_id: UUID, wanted: HistoryFilter, *, page_size: int, position: Position | None = None) -> Page:
    """One page of an owner's generations, newest first. One query."""
    conditions, values = wanted.conditions()
    conditions.insert(0, "generation.user_id = %s")
    values.insert(0, owner_id)
    backwards = position is not None and position.backwards
    if position:
        conditions.append(f"(generation.created_at, generation.id) {'>' if backwards else '<'} (%s, %s)")
        values += [position.created_at, position.id]
    direction = "ASC" if backwards else "DESC"
    rows = _rows(
        f"SELECT {_COLUMNS} {_TABLES} WHERE {' AND '.join(conditions)} "
        f"ORDER BY generation.created_at {direction}, generation.id {direction} LIMIT %s",
        [*values, page_size + 1],
    )
    more = len(rows) > page_size
    rows = rows[:page_size]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        next=_after(rows) if rows and (more or backwards) else None,
        previous=_before(rows) if rows and position and (more or not backwards) else None,
    )


def _after(rows: list[Row]) -> Position:
    return Position(rows[-1]["created_at"], rows[-1]["id"])


def _before(rows: list[Row]) -> Position:
    return Position(rows[0]["created_at"], rows[0]["id"], backwards=True)


def story(generation_id: UUID) -> list[Mapping[str, Any]]:
    """What happened to a generation, oldest first: its status changes and the attempts at providers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT created_at AS at, 'status' AS kind, payload ->> 'status' AS what, NULL AS provider
               FROM generations_event WHERE generation_id = %s AND kind = 'status'
               UNION ALL
               SELECT prompt_sent_at, 'sent', status, provider FROM generations_providertask
               WHERE generation_id = %s AND prompt_sent_at IS NOT NULL
               ORDER BY at""",
            [generation_id, generation_id],
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
