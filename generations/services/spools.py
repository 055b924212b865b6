"""Files on their way: written to the local disk while they arrive, never held in memory."""

import contextlib
import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from neuralbox.core import ids


class TooManyBytes(Exception):
    """More arrived than was allowed; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file that has arrived, whole. It is gone after its block."""

    path: Path
    bytes: int
    sha256: str


def folder() -> Path:
    place: Path = settings.DATA_DIR / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    return place


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A path for one temporary file, removed after the block, whether it was written or not."""
    path = folder() / f"{ids.new().hex}.part"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def spooled(chunks: Iterable[bytes], *, limit_bytes: int) -> Iterator[Spooled]:
    """Write `chunks` to a temporary file, counting and hashing them. Raises TooManyBytes at the first byte too many."""
    with scratch() as path:
        size, digest = 0, hashlib.sha256()
        with path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit_bytes:
                    raise TooManyBytes
                digest.update(chunk)
                file.write(chunk)
        yield Spooled(path, size, digest.hexdigest())


def measured(path: Path) -> Spooled:
    """Size and digest of a file that is here already."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Spooled(path, path.stat().st_size, digest.hexdigest())


def clear_abandoned(older_than: timedelta = timedelta(days=1)) -> int:
    """Remove what killed processes left behind. Returns how many files."""
    removed = 0
    for path in folder().glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > older_than.total_seconds():
                path.unlink()
                removed += 1
    return removed
