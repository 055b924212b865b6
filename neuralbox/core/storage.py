"""Where files live: a private store with five verbs, on the local disk here and on S3 in `s3_storage`."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

from neuralbox.core import ids


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a listing says about a file."""

    key: str
    bytes: int
    modified_at: datetime


class FileStore(Protocol):
    """What our code uses of a storage. Keys are relative paths with forward slashes."""

    def __hash__(self) -> int: ...

    def put(self, key: str, path: Path, *, mime: str) -> None:
        """Store the finished file at `path`, replacing what was there, all or nothing. May consume `path`."""

    def open_file(self, key: str) -> BinaryIO:
        """The content, seekable, not in memory. Raises FileNotFoundError."""

    def remove(self, keys: Iterable[str]) -> None:
        """Delete what is there; a key that is not there is no error."""

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """All files below `prefix`, a folder without a slash at its end; below "" are all files."""

    def presigned(self, key: str, *, mime: str, disposition: str, issued_at: int, lifetime: int) -> str | None:
        """A link straight to the store, or None where the site itself has to serve. Moments in Unix seconds."""


def store() -> FileStore:
    """The store that the settings name."""
    return cast(FileStore, storages["default"])


class LocalStorage(FileSystemStorage):
    """Files on this machine. Writing replaces, atomically: readers see the old file or the new one, whole."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_overwrite=True, **options)

    def put(self, key: str, path: Path, *, mime: str) -> None:
        target = Path(self.path(key))
        try:
            _settle(path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = _beside(target)
            try:
                shutil.copyfile(path, beside)
                _settle(beside, target)
            finally:
                beside.unlink(missing_ok=True)

    def open_file(self, key: str) -> BinaryIO:
        return Path(self.path(key)).open("rb")

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            target = Path(self.path(key))
            target.unlink(missing_ok=True)
            self._remove_empty_folders(target.parent)

    def _remove_empty_folders(self, folder: Path) -> None:
        root = Path(self.location)
        while folder != root and folder.is_relative_to(root):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        root = Path(self.location)
        for folder, _folders, names in os.walk(self.path(prefix)):
            for name in names:
                path = Path(folder, name)
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue
                key = path.relative_to(root).as_posix()
                yield StoredObject(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def presigned(self, key: str, *, mime: str, disposition: str, issued_at: int, lifetime: int) -> str | None:
        return None

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = _beside(target)
        try:
            with beside.open("wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
            _settle(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        return name


def _beside(target: Path) -> Path:
    return target.with_name(f".{ids.new().hex}.part")


def _settle(path: Path, target: Path) -> None:
    """Give a finished file its name, durably: what we say is stored survives a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(0o640)
    while True:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(target)
            break
        except FileNotFoundError:
            # Somebody removed the folder, which was empty just now. Without the file itself there is no point.
            if not path.exists():
                raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
