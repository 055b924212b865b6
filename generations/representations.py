"""A generation as the API shows it: the members that the contract names, in its order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from generations import failures
from generations.models import Generation
from generations.selectors import Row
from generations.services import files
from generations.services.lifecycle import Started

ACTIVE = Generation.ACTIVE
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "text/plain": "txt",
}


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def generation(row: Row, base_url: str) -> dict[str, Any]:
    """From a row of `selectors`. Links are signed here: show it to the owner only.

    `base_url` is the site as the reader addresses it, such as `https://neuralbox.ru`.
    """
    active = row["status"] in ACTIVE
    quoted, captured = row["tokens_quoted"], row["tokens_captured"]
    return {
        "id": str(row["id"]),
        "model": row["model"],
        "modality": row["modality"],
        "status": row["status"],
        "progress": row["progress"],
        "stage": row["stage"],
        "input": row["input"],
        "tokens": {
            "quoted": quoted,
            "held": quoted if active else 0,
            "captured": captured,
            "released": 0 if active else quoted - captured,
        },
        "assets": [asset(one, row, base_url) for one in row["assets"] or ()],
        "error": _error(row["error"]),
        "provider": row["provider"] or None,
        "source": row["source"],
        "hidden": row["hidden"],
        "metadata": row["metadata"],
        "retry_of": str(row["retry_of_id"]) if row["retry_of_id"] else None,
        "deadline": moment(row["deadline"]),
        "created_at": moment(row["created_at"]),
        "started_at": moment(row["started_at"]),
        "finished_at": moment(row["finished_at"]),
        "queue_position": row["queue_position"],
        "estimated_finish_at": moment(_estimate(row)) if active else None,
    }


def started(order: Started) -> dict[str, Any]:
    """As it was at its creation: a repeated call gets the very same answer."""
    return {
        "id": str(order.id),
        "model": order.model,
        "modality": order.modality,
        "status": "queued",
        "progress": 0.0,
        "stage": "",
        "input": order.input,
        "tokens": {"quoted": order.tokens, "held": order.tokens, "captured": 0, "released": 0},
        "assets": [],
        "error": None,
        "provider": None,
        "source": order.source,
        "hidden": False,
        "metadata": order.metadata,
        "retry_of": str(order.retry_of) if order.retry_of else None,
        "deadline": moment(order.deadline),
        "created_at": moment(order.created_at),
        "started_at": None,
        "finished_at": None,
        "queue_position": None,
        "estimated_finish_at": None,
    }


def _estimate(row: Row) -> datetime:
    begun: datetime = row["started_at"] or row["created_at"]
    return min(begun + timedelta(seconds=row["typical_seconds"]), row["deadline"])


def asset(one: dict[str, Any], row: Row, base_url: str) -> dict[str, Any]:
    name = f"{row['model']}-{str(row['id'])[:8]}.{_EXTENSIONS.get(one['mime'], 'bin')}"
    return {
        "id": one["id"],
        "kind": one["kind"],
        "mime": one["mime"],
        "bytes": one["bytes"],
        "width": one["width"],
        "height": one["height"],
        "seconds": one["seconds"],
        "url": _link(base_url, one["storage_key"], mime=one["mime"], filename=name),
        "download_url": _link(base_url, one["storage_key"], mime=one["mime"], filename=name, download=True),
        "thumbnail_url": _thumbnail(base_url, one["thumbnail_key"]),
        "sha256": one["sha256"],
        "is_late": one["is_late"],
        "expires_at": one["expires_at"],
    }


def _thumbnail(base_url: str, key: str) -> str | None:
    return _link(base_url, key, mime="image/webp", filename="thumbnail.webp") if key else None


def _link(base_url: str, key: str, *, mime: str, filename: str, download: bool = False) -> str:
    """Links of a storage service are absolute already; ours begin with a slash."""
    link = files.link(key, mime=mime, filename=filename, download=download)
    return f"{base_url}{link}" if link.startswith("/") else link


def _error(stored: dict[str, Any] | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    text = failures.text_of(stored["code"])
    return {
        "code": stored["code"],
        "title": str(text.title),
        "detail": str(text.detail),
        "retryable": text.retryable,
        "charged": False,
    }
