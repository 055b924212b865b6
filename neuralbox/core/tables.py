"""Records as tables: comma-separated values that spreadsheets open without harm."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

Record = Mapping[str, Any]


def as_csv(records: Callable[[], Iterable[Record]]) -> Iterator[bytes]:
    """Comma-separated, with a byte-order mark for spreadsheets; what has parts of its own is a cell of JSON.

    Read twice, a record at a time: the columns are those of all records, in the order of their first appearance.
    """
    columns: dict[str, None] = {}
    for record in records():
        columns |= dict.fromkeys(record)
    line = io.StringIO()
    writer = csv.DictWriter(line, list(columns), lineterminator="\r\n")
    writer.writeheader()
    yield "\ufeff".encode() + _taken(line)
    for record in records():
        writer.writerow({name: cell(value) for name, value in record.items() if name in columns})
        yield _taken(line)


def _taken(line: io.StringIO) -> bytes:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text.encode()


def cell(value: Any) -> str:
    """A value for a table. What a spreadsheet would take for a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple, Mapping)):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in "=+-@\t\r" else text
