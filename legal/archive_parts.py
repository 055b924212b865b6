"""One part of an archive: a ZIP file that is written piece by piece.

The first part begins with the readable index and, for each kind of data, a table to read, JSON and CSV. Then come the
folders of things that have files, until the part is full; the next part goes on behind the last folder. Unpacked into
one folder, all parts together are one archive.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

from legal import archive_pages
from legal.models import Export
from neuralbox.core import personal_data, storage
from neuralbox.core.personal_data import Folder, Record, Section
from neuralbox.core.tables import as_csv

NOTE_EVERY = 50
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a part ended: in which section, behind which folder. `section` is empty once all is done."""

    section: str
    after: str
    done: int

    @property
    def is_complete(self) -> bool:
        return not self.section


class Part:
    """The part `number` of `export`. `note(done)` is told how far it is; what it raises stops the work."""

    def __init__(self, export: Export, number: int, note: Callable[[int], None]) -> None:
        self._export = export
        self._number = number
        self._note = note
        self._done = int(export.position.get("done", 0))
        self._zip = ZipStream(compress_type=ZIP_DEFLATED)

    def write(self, file: BinaryIO) -> Progress:
        """Write the whole part to `file`. Returns where the next one goes on."""
        sections = [section for holder in personal_data.holders() for section in holder.sections(self._export.user)]
        if self._number == 1:
            for name, text in self._overview(sections):
                self._put(file, name, text)
        reached = self._folders(file, sections)
        for chunk in self._zip.finalize():
            file.write(chunk)
        return reached

    def _overview(self, sections: list[Section]) -> Iterator[tuple[str, Iterable[bytes]]]:
        yield "index.html", archive_pages.index(self._export, sections)
        yield "README.txt", archive_pages.readme(self._export)
        for section in sections:
            yield f"data/{section.name}.json", self._counted(as_json(section.records()))
            yield f"data/{section.name}.csv", as_csv(section.records)
            yield f"data/{section.name}.html", archive_pages.table(self._export, section)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._step()
            yield piece
        self._done -= 1  # the closing bracket is no record

    def _folders(self, file: BinaryIO, sections: list[Section]) -> Progress:
        """Add folders until the part is full."""
        begun = self._export.position.get("section", "")
        waiting = bool(begun)
        for section in sections:
            if section.folders is None or (waiting and section.name != begun):
                continue
            after = self._export.position.get("after", "") if waiting else ""
            waiting = False
            for folder in section.folders(after):
                if file.tell() >= settings.EXPORT_PART_BYTES:
                    return Progress(section.name, after, self._done)
                self._folder(file, section, folder)
                after = folder.id
        return Progress("", "", self._done)

    def _folder(self, file: BinaryIO, section: Section, folder: Folder) -> None:
        base = f"{section.name}/{folder.id}"
        self._put(file, f"{base}/{section.name.removesuffix('s')}.json", [_pretty(folder.record)])
        for copy in folder.copies:
            try:
                with storage.store().open_file(copy.key) as content:
                    self._put(file, f"{base}/{copy.name}", _pieces(content), compress_type=ZIP_STORED)
            except FileNotFoundError:
                self._put(file, f"{base}/{copy.name}.missing.txt", [archive_pages.missing(copy.name)])
        self._step()

    def _put(self, file: BinaryIO, name: str, pieces: Iterable[bytes], **how: Any) -> None:
        """Add one file and write it at once, so that nothing waits in memory."""
        self._zip.add(pieces, name, **how)
        for chunk in self._zip.all_files():
            file.write(chunk)

    def _step(self) -> None:
        self._done += 1
        if self._done % NOTE_EVERY == 0:
            self._note(self._done)


def as_json(records: Iterable[Record]) -> Iterator[bytes]:
    """A JSON array, a record a line."""
    separator = b"[\n"
    for record in records:
        yield separator + json.dumps(record, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
        separator = b",\n"
    yield b"[]\n" if separator == b"[\n" else b"\n]\n"


def _pretty(record: Record) -> bytes:
    return json.dumps(record, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode()


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    while piece := content.read(CHUNK_BYTES):
        yield piece
