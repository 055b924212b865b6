"""Exports: asked for, made part by part in the background, fetched within a day, removed.

Each run of the job makes one part, stores it, and notes in the row where it stands: after a crash the next run goes on
there, on any machine. A part is written to the disk piece by piece, so an export of any size needs little memory.
"""

import hashlib
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from legal import archives
from legal.archive_parts import Part, Progress
from legal.errors import ExportInProgress, TooManyExports
from legal.models import Export, ExportPart
from legal.signals import export_ready
from neuralbox.core import jobs, personal_data, states, storage
from neuralbox.core.errors import NotFound

KEPT_FOR = timedelta(hours=24)
PER_DAY = 3


def request(*, user: Any, language: str) -> Export:
    """Have an archive made of everything that is held about `user`, with its words in that language.

    Raises ExportInProgress, and TooManyExports after three in a day.
    """
    today = Export.objects.filter(user=user, created_at__gt=timezone.now() - timedelta(days=1))
    if today.exclude(status=Export.Status.FAILED).count() >= PER_DAY and not _open(user).exists():
        raise TooManyExports(headers={"Retry-After": "86400"})
    try:
        with transaction.atomic():
            export = Export.objects.create(user=user, language=language[:2])
            jobs.enqueue("legal.make_export", str(export.pk))
    except IntegrityError as error:
        raise ExportInProgress from error
    return export


def _open(user: Any) -> Any:
    return Export.objects.filter(user=user, status__in=Export.OPEN)


def make_part(export_id: UUID) -> bool:
    """Make the next part of an archive, and have the one after it made. False: there is nothing (more) to do.

    Two workers may do the same part: it is the same part, and only one of them goes on.
    """
    export = Export.objects.select_related("user").filter(pk=export_id, status__in=Export.OPEN).first()
    if export is None:
        return False
    if export.status == Export.Status.REQUESTED and not _begin(export):
        return False
    number = export.position.get("part", 0) + 1
    key = archives.key_of(export.user_id, export.pk, number)
    folder = settings.DATA_DIR / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip", delete=False) as file:
        path = Path(file.name)
        try:
            with translation.override(export.language):
                part = Part(export, number, _notes_progress(export))
                reached = part.write(cast(BinaryIO, file))
            file.flush()
            size, digest = file.tell(), _digest(path)
            storage.store().put(key, path, mime="application/zip")
        finally:
            path.unlink(missing_ok=True)
    return _keep(export, number, key, size, digest, reached)


def _begin(export: Export) -> bool:
    total = sum(
        section.count() * (2 if section.folders else 1)
        for holder in personal_data.holders()
        for section in holder.sections(export.user)
    )
    return states.move(export, Export.Status.RUNNING, total=total)


def _notes_progress(export: Export) -> Callable[[int], None]:
    """Notes how far the work is, now and then; stops it when nobody wants it any more."""

    def note(done: int) -> None:
        if not Export.objects.filter(pk=export.pk, status=Export.Status.RUNNING).update(done=done):
            raise NotFound

    return note


@transaction.atomic
def _keep(export: Export, number: int, key: str, size: int, digest: str, reached: Progress) -> bool:
    """Record a stored part, and go on or end. False: another worker was first, or the export is not wanted any more."""
    position = {"part": number, "section": reached.section, "after": reached.after, "done": reached.done}
    mine = Export.objects.filter(pk=export.pk, status=Export.Status.RUNNING, position=export.position)
    if not mine.update(position=position, done=reached.done):
        return False
    ExportPart.objects.create(export=export, number=number, storage_key=key, bytes=size, sha256=digest)
    if not reached.is_complete:
        jobs.enqueue("legal.make_export", str(export.pk))
        return True
    now = timezone.now()
    states.move(export, Export.Status.READY, ready_at=now, expires_at=now + KEPT_FOR, total=reached.done)
    export_ready.send(sender=Export, user_id=export.user_id, export_id=export.pk, expires_at=export.expires_at)
    return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expire(now: datetime | None = None) -> int:
    """Remove archives whose day is over, and give up those that a crash left unfinished for a day. Returns how many."""
    moment = now or timezone.now()
    ended = 0
    for export in Export.objects.filter(status=Export.Status.READY, expires_at__lte=moment):
        ended += _end(export, Export.Status.EXPIRED)
    for export in Export.objects.filter(status__in=Export.OPEN, created_at__lte=moment - timedelta(days=2)):
        ended += _end(export, Export.Status.FAILED)
    return ended


def _end(export: Export, status: str) -> bool:
    """The files go first: a crash in between leaves a row that is found again."""
    archives.remove(export.user_id, export.pk)
    with transaction.atomic():
        export.parts.all().delete()
        return states.move(export, status)


def fail(export_id: UUID) -> None:
    """Give an archive up, when its job has."""
    export = Export.objects.filter(pk=export_id, status__in=Export.OPEN).first()
    if export is not None:
        _end(export, Export.Status.FAILED)
