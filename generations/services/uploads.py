"""Files that users bring: examined, cleaned, counted, stored; handed on to providers; deleted."""

import logging
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from generations import errors
from generations.models import Generation, Upload
from generations.services import examination, files, links, spools
from generations.services.examination import Examined
from neuralbox.core import ids, storage
from neuralbox.core.errors import NotFound
from providers.base import SubmittedFile

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """A stored upload, and what its sender should know about it, such as "it is a JPEG, not a PNG"."""

    upload: Upload
    notice: str


def receive(*, user_id: UUID, file: UploadedFile) -> Upload:
    """Store a file that the user brought. As `receive_with_notice`, for who has nobody to tell."""
    return receive_with_notice(user_id=user_id, file=file).upload


def receive_with_notice(*, user_id: UUID, file: UploadedFile) -> Received:
    """Examine, clean and store a file that the user brought.

    Its name and announced type are not believed. Where it was taken, by whom and with what is removed; pictures are
    turned upright. Raises UploadTooLarge, UnsupportedFile, UnreadableFile, FileBeyondLimits, DailyUploadsUsed and
    UploadSpaceFull; nothing is kept then.
    """
    _refuse_when_full(user_id, more_bytes=0)
    _count_today(user_id, file.size or 0)
    with ExitStack() as stack:
        arrived = _on_disk(file, stack)
        clean, small = stack.enter_context(spools.scratch()), stack.enter_context(spools.scratch())
        examined = examination.examine(arrived, clean=clean, thumbnail=small)
        upload = _row(user_id, file.name or "", examined)
        files.put_with_thumbnail(upload.storage_key, clean, mime=upload.mime, thumbnail=small)
    try:
        _record(upload)
    except errors.UploadSpaceFull:
        files.delete(_keys_of([upload]))
        raise
    return Received(upload, examination.notice(file.name or "", file.content_type or "", examined))


def delete(*, user_id: UUID, upload_id: UUID) -> None:
    """Delete one upload of the user, file first. Raises NotFound, also for another's; UploadInUse."""
    upload = owned(user_id=user_id, upload_id=upload_id)
    if upload.generations.filter(status__in=Generation.ACTIVE).exists():
        raise errors.UploadInUse
    remove([upload])


def owned(*, user_id: UUID, upload_id: UUID) -> Upload:
    """The upload, if it is the user's. Raises NotFound, also for another's."""
    upload = Upload.objects.filter(user_id=user_id, pk=upload_id).first()
    if upload is None:
        raise NotFound
    return upload


def remove(doomed: Iterable[Upload]) -> None:
    """Delete uploads with their files. The files go first: a crash between leaves a row to try again with."""
    listed = list(doomed)
    files.delete(_keys_of(listed))
    Upload.objects.filter(pk__in=[upload.pk for upload in listed]).delete()


def for_provider(upload: Upload, *, lifetime: timedelta) -> SubmittedFile:
    """The upload as an adapter needs it: its content and an absolute link. Nothing in it tells whose it is.

    The link works for at least `lifetime`: a provider may fetch the file only when its queue has come to the order.
    """
    name = f"{upload.pk}{PurePosixPath(upload.storage_key).suffix}"
    return SubmittedFile(
        upload_id=str(upload.pk),
        name=name,
        mime=upload.mime,
        bytes=upload.bytes,
        url=f"{settings.WEBHOOK_BASE_URL}{links.for_provider(upload.pk, lifetime=lifetime)}",
        open=partial(storage.store().open_file, upload.storage_key),
    )


def thumbnail_link(upload: Upload) -> str:
    """Every upload has a thumbnail, stored beside it."""
    return files.link(files.thumbnail_key(upload.storage_key), mime="image/webp", filename="thumbnail.webp")


def _keys_of(uploads: Iterable[Upload]) -> list[str]:
    return [key for one in uploads for key in (one.storage_key, files.thumbnail_key(one.storage_key))]


def _on_disk(file: UploadedFile, stack: ExitStack) -> Path:
    """Where the file's bytes are; a small one that is still in memory is written down first."""
    if hasattr(file, "temporary_file_path"):
        return Path(file.temporary_file_path())
    limit = examination.largest_bytes()
    try:
        return stack.enter_context(spools.spooled(file.chunks(), limit_bytes=limit)).path
    except spools.TooManyBytes as error:
        raise examination.too_large(limit) from error


def _row(user_id: UUID, name: str, examined: Examined) -> Upload:
    upload_id = ids.new()
    extension = examined.media_type.extension
    return Upload(
        id=upload_id,
        user_id=user_id,
        name=_clean_name(name, extension),
        kind=examined.media_type.kind,
        mime=examined.media_type.mime,
        bytes=examined.bytes,
        width=examined.width,
        height=examined.height,
        seconds=examined.seconds,
        sha256=examined.sha256,
        storage_key=f"{files.UPLOADS}/{user_id}/{upload_id}.{extension}",
    )


def _clean_name(name: str, extension: str) -> str:
    """The user's own name for the file, printable, with the extension of what it really is."""
    printable = "".join(character for character in name if character.isprintable()).strip()
    stem = PurePosixPath(printable.replace("\\", "/")).stem or "file"
    return f"{stem[:180]}.{extension}"


@transaction.atomic
def _record(upload: Upload) -> None:
    """Insert the row unless the user's space is full. Uploads of one user are counted one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"uploads:{upload.user_id}"])
    _refuse_when_full(upload.user_id, more_bytes=upload.bytes)
    upload.save(force_insert=True)


def _refuse_when_full(user_id: UUID, *, more_bytes: int) -> None:
    allowed = settings.UPLOADS_IN_TOTAL
    kept = Upload.objects.filter(user_id=user_id).aggregate(files=Count("pk"), bytes=Sum("bytes", default=0))
    if kept["files"] >= allowed["files"] or kept["bytes"] + more_bytes > allowed["bytes"]:
        raise errors.UploadSpaceFull(
            _("Delete uploads that you no longer need, then try again."),
            limit_files=allowed["files"],
            limit_bytes=allowed["bytes"],
        )


def _count_today(user_id: UUID, size: int) -> None:
    """Count the attempt, refused ones too: examining a file is the expensive part. Days are those of UTC."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    left = int((midnight - now).total_seconds()) + 1
    for what, amount in (("files", 1), ("bytes", size)):
        key = f"uploads:{user_id}:{now:%Y%m%d}:{what}"
        cache.add(key, 0, timeout=left + 3600)
        if cache.incr(key, amount) > settings.UPLOADS_PER_DAY[what]:
            raise errors.DailyUploadsUsed(
                headers={"Retry-After": str(left)},
                limit_files=settings.UPLOADS_PER_DAY["files"],
                limit_bytes=settings.UPLOADS_PER_DAY["bytes"],
            )
