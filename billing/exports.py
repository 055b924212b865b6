"""Tables as files for accountants: CSV and XLSX, in which no cell can be a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Row = Sequence[Any]
# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """Text that would begin a formula gets an apostrophe in front; numbers and dates stay what they are."""
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return value


def as_csv(head: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Line by line, with a byte-order mark, so that spreadsheets read Russian."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    writer.writerow(head)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def as_xlsx(head: Sequence[str], rows: Iterable[Row]) -> bytes:
    """A workbook with one sheet. Times are written without their zone, which the format does not know: they are UTC."""
    # Costs every process of the site a quarter of a second when it starts, and few ever write a workbook.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    bold = []
    for title in head:
        cell = WriteOnlyCell(sheet, title)
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for row in rows:
        sheet.append([_storable(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _storable(value: Any) -> Any:
    return value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else harmless(value)
