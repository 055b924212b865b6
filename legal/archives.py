"""Where archives are on the store: `exports/<user>/<export>/<part>.zip`."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from legal.models import ExportPart
from neuralbox.core import storage

FOLDER = "exports"
_BATCH = 500


def key_of(user_id: UUID, export_id: UUID, number: int) -> str:
    return f"{FOLDER}/{user_id}/{export_id}/{number}.zip"


def remove(user_id: UUID, export_id: UUID) -> int:
    """Remove every part of an archive, recorded or not. Returns how many."""
    return _remove_below(f"{FOLDER}/{user_id}/{export_id}")


def remove_all_of(user_id: UUID) -> int:
    """Remove every archive of a person. Returns how many files."""
    return _remove_below(f"{FOLDER}/{user_id}")


def orphans(older_than: timedelta) -> Iterator[str]:
    """Keys of parts that no row names, older than that."""
    before = timezone.now() - older_than
    batch: list[str] = []
    for found in storage.store().listing(FOLDER):
        if found.modified_at < before:
            batch.append(found.key)
        if len(batch) == _BATCH:
            yield from _unknown(batch)
            batch = []
    yield from _unknown(batch)


def _unknown(keys: list[str]) -> list[str]:
    return sorted(
        set(keys) - set(ExportPart.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
    )


def _remove_below(prefix: str) -> int:
    store = storage.store()
    keys = [found.key for found in store.listing(prefix)]
    store.remove(keys)
    return len(keys)
