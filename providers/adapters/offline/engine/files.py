"""Files that callers uploaded, kept for a while in one folder."""

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path


class TooMuch(Exception):
    """The file is larger than one may be, or the store is full."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: str
    name: str
    mime: str
    bytes: int
    path: Path
    stored_at: float


class FileStore:
    def __init__(self, folder: Path, *, max_file_bytes: int, max_stored_bytes: int) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._max_stored_bytes = max_stored_bytes
        self._files: dict[str, StoredFile] = {}
        folder.mkdir(parents=True, exist_ok=True)

    async def store(self, chunks: AsyncIterator[bytes], *, name: str, mime: str) -> StoredFile:
        """Write what `chunks` yield. Raises TooMuch; nothing is left behind then, nor when the caller hangs up."""
        file_id = f"file_{secrets.token_hex(12)}"
        path = self._folder / file_id
        limit = min(self._max_file_bytes, self._max_stored_bytes - sum(one.bytes for one in self._files.values()))
        size = 0
        try:
            with path.open("wb") as target:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooMuch
                    target.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        stored = StoredFile(file_id, name, mime, size, path, time.monotonic())
        self._files[file_id] = stored
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def forget_before(self, moment: float) -> None:
        for one in [one for one in self._files.values() if one.stored_at < moment]:
            del self._files[one.id]
            one.path.unlink(missing_ok=True)
