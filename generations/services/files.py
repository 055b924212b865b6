"""Stored files: bringing outputs in, handing out links, deleting, finding what belongs to nobody."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from generations.media import inspection
from generations.models import Asset, Upload
from generations.services import spools
from generations.services.links import link
from neuralbox.core import storage

__all__ = [
    "OutputTooLarge",
    "StoredOutput",
    "WrongContent",
    "WrongType",
    "delete",
    "delete_all_of",
    "link",
    "orphans",
    "store_output",
]

RESULTS, UPLOADS = "results", "uploads"
_THUMBNAIL_SUFFIX = ".thumb.webp"
_BATCH = 500


class WrongContent(Exception):
    """The provider's file is not what was promised: another type, damaged, or dangerous to decode."""


class WrongType(WrongContent):
    """A sound file of the right kind, of a type that the model does not promise."""


class OutputTooLarge(Exception):
    """The provider's file has more bytes than the model's results may have."""


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """A stored file with its proven properties. `thumbnail_key` is empty where there is no thumbnail."""

    kind: str
    mime: str
    bytes: int
    width: int | None
    height: int | None
    seconds: float | None
    sha256: str
    storage_key: str
    thumbnail_key: str
    has_sound: bool = False


def store_output(
    chunks: Iterable[bytes], *, folder: str, kind: str, limit_bytes: int, promised: Collection[str] | None = None
) -> StoredOutput:
    """Stream a provider's file into our store, byte for byte, with a thumbnail beside it.

    `kind` is what was promised: image, video, audio or text; `promised` are the media types, if not all of the kind.
    The key is `folder` with the extension of the proven type, so that a repetition replaces. Takes some MiB of memory,
    whatever the file's size. What `chunks` raises passes through. Raises OutputTooLarge, WrongContent and WrongType;
    nothing is stored then.
    """
    try:
        with spools.spooled(chunks, limit_bytes=limit_bytes) as arrived, spools.scratch() as small:
            try:
                probe, has_thumbnail = inspection.of_output(arrived.path, kind, small, promised=promised)
            except inspection.NotPromised as error:
                raise WrongType(f"promised {', '.join(promised or ())}: {error}") from error
            except inspection.Refused as error:
                raise WrongContent(f"promised {kind}: {error}") from error
            media_type = probe.media_type
            key = f"{folder}.{media_type.extension}"
            put_with_thumbnail(key, arrived.path, mime=media_type.mime, thumbnail=small if has_thumbnail else None)
            return StoredOutput(
                kind=media_type.kind,
                mime=media_type.mime,
                bytes=arrived.bytes,
                width=probe.width,
                height=probe.height,
                seconds=probe.seconds,
                sha256=arrived.sha256,
                storage_key=key,
                thumbnail_key=thumbnail_key(key) if has_thumbnail else "",
                has_sound=probe.has_sound,
            )
    except spools.TooManyBytes as error:
        raise OutputTooLarge(f"more than {limit_bytes} bytes") from error


def put_with_thumbnail(key: str, path: Path, *, mime: str, thumbnail: Path | None) -> None:
    """Store the finished file at `path`, its thumbnail first: a row that names the file finds both."""
    store = storage.store()
    if thumbnail is not None:
        store.put(thumbnail_key(key), thumbnail, mime="image/webp")
    store.put(key, path, mime=mime)


def thumbnail_key(key: str) -> str:
    """Where the thumbnail of the file at `key` is, when it has one."""
    return key.rpartition(".")[0] + _THUMBNAIL_SUFFIX


def delete(keys: Iterable[str]) -> None:
    """Remove files from the store. Empty keys and files that are gone already are no error."""
    storage.store().remove(key for key in keys if key)


def delete_all_of(user_id: UUID) -> int:
    """Remove every file of a user, results and uploads, also those that no row names. Returns how many."""
    store = storage.store()
    keys = [found.key for prefix in (RESULTS, UPLOADS) for found in store.listing(f"{prefix}/{user_id}")]
    store.remove(keys)
    return len(keys)


def orphans(older_than: timedelta = timedelta(days=1)) -> Iterator[str]:
    """Keys of stored results and uploads that no row names: left by crashes between storing and recording.

    Files younger than `older_than` are passed over: their row may be about to be written.
    """
    before = timezone.now() - older_than
    for prefix, known in ((RESULTS, _known_results), (UPLOADS, _known_uploads)):
        batch: list[str] = []
        for found in storage.store().listing(prefix):
            if found.modified_at < before:
                batch.append(found.key)
            if len(batch) == _BATCH:
                yield from sorted(set(batch) - known(batch))
                batch = []
        yield from sorted(set(batch) - known(batch))


def _known_results(keys: list[str]) -> set[str]:
    """Looked up by the generation's id in the key, which is indexed."""
    owners = {owner for key in keys if (owner := _uuid_in(key.split("/"), 2))}
    rows = Asset.objects.filter(generation_id__in=owners).filter(Q(storage_key__in=keys) | Q(thumbnail_key__in=keys))
    return {key for pair in rows.values_list("storage_key", "thumbnail_key") for key in pair}


def _known_uploads(keys: list[str]) -> set[str]:
    uploads = {upload for key in keys if (upload := _uuid_in(key.replace(".", "/").split("/"), 2))}
    stored = Upload.objects.filter(pk__in=uploads).values_list("storage_key", flat=True)
    return {key for one in stored for key in (one, thumbnail_key(one))}


def _uuid_in(parts: list[str], index: int) -> UUID | None:
    try:
        return UUID(parts[index])
    except (IndexError, ValueError):
        return None
