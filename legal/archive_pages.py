"""The readable part of an archive: pages that work offline, without scripts and without a network."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from legal.models import Export
from neuralbox.core.personal_data import Folder, Section
from neuralbox.core.tables import cell

LONGEST_CELL = 400
_PICTURES = ("png", "jpg", "jpeg", "webp", "gif", "avif")
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.625rem; line-height: 1.2; } .quiet { opacity: .75; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: max-content; min-width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .5rem 1.25rem .5rem 0; border-bottom: 1px solid #8884; }
td { max-width: 22rem; overflow-wrap: break-word; }
.index { width: 100%; } .index td:nth-last-child(-n + 2) { white-space: nowrap; }
@media (max-width: 45rem) {
  .index :is(tbody, tr, th, td) { display: block; max-width: none; } .index thead { display: none; }
  .index tr { padding: .75rem 0; border-bottom: 1px solid #8884; } .index :is(th, td) { padding: 0; border: 0; }
  .index [data-label]:not(:empty)::before { content: attr(data-label) ": "; }
}
.things { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; padding: 0; }
.things li { list-style: none; border: 1px solid #8884; border-radius: 12px; padding: .75rem; }
.things img { width: 100%; height: 10rem; object-fit: contain; background: #8882; border-radius: 6px; }
"""


def index(export: Export, sections: list[Section]) -> Iterator[bytes]:
    """What there is, why it is held, and where to look."""
    yield _head(export, _("Your data at NeuralBox"), "")
    yield _encoded(
        "<p>{}</p><p class=quiet>{}</p>",
        _("Everything that the service held about you when this archive was made."),
        _("Each kind of data can be read as a page, and taken elsewhere as JSON and as CSV."),
    )
    columns = (_("What"), _("Why"), _("How many"), _("From and to"), _("Read"), _("Take along"))
    yield _encoded("<div class=scroll><table class=index><thead><tr>")
    for column in columns:
        yield _encoded("<th>{}</th>", column)
    yield _encoded("</tr></thead><tbody>")
    for section in sections:
        first, last = section.within()
        yield _encoded(
            "<tr><th>{}</th><td>{}</td><td data-label='{}'>{}</td><td data-label='{}'>{}</td><td>{}</td>"
            "<td><a href='data/{}.json'>JSON</a> <a href='data/{}.csv'>CSV</a></td></tr>",
            section.title,
            section.purpose,
            columns[2],
            formats.number_format(section.count(), force_grouping=True),
            columns[3],
            _span(first, last),
            format_html("<a href='data/{}.html'>{}</a>", section.name, _("open")),
            section.name,
            section.name,
        )
    yield _encoded("</tbody></table></div>")
    yield _foot()


def readme(export: Export) -> Iterator[bytes]:
    lines = (
        _("This is a copy of your data at NeuralBox (%(site)s).") % {"site": settings.SITE_URL},
        _("Open index.html in a browser: it needs no network."),
        _("data/: each kind of data as a page, as JSON and as CSV (UTF-8)."),
        _("generations/, uploads/: your files, each beside a JSON file that describes it."),
        _("Is the archive in several parts? Unpack all of them into the same folder."),
        _("Secrets of API keys are not here: we do not have them."),
        _("Questions: %(email)s") % {"email": settings.SUPPORT_EMAIL},
    )
    yield ("\r\n".join(lines) + "\r\n").encode()


def missing(name: str) -> bytes:
    text = _("The file %(name)s was not on our storage when the archive was made.") % {"name": name}
    return (text + "\r\n").encode()


def table(export: Export, section: Section) -> Iterator[bytes]:
    """All records of a section to read: with its files where it has some, else as a table."""
    yield _head(export, str(section.title), "../")
    yield _encoded("<p class=quiet>{}</p>", section.purpose)
    yield from _things(section) if section.folders else _rows(section)
    yield _foot()


def _rows(section: Section) -> Iterator[bytes]:
    columns: dict[str, None] = {}
    for record in section.records():
        columns |= dict.fromkeys(record)
    if not columns:
        yield _encoded("<p>{}</p>", _("Nothing."))
        return
    yield _encoded("<div class=scroll><table><thead><tr>")
    for column in columns:
        yield _encoded("<th>{}</th>", column)
    yield _encoded("</tr></thead><tbody>")
    for record in section.records():
        yield _encoded("<tr>")
        for column in columns:
            yield _encoded("<td>{}</td>", _shown(record.get(column)))
        yield _encoded("</tr>\n")
    yield _encoded("</tbody></table></div>")


def _things(section: Section) -> Iterator[bytes]:
    yield _encoded("<ul class=things>")
    assert section.folders is not None  # noqa: S101 - the caller has looked
    for folder in section.folders(""):
        yield _thing(section.name, folder)
    yield _encoded("</ul>")


def _thing(kind: str, folder: Folder) -> bytes:
    record, base = folder.record, f"../{kind}/{folder.id}"
    links = [format_html("<a href='{}/{}'>{}</a>", base, copy.name, copy.name) for copy in folder.copies]
    pictures = [
        format_html("<img loading=lazy alt='' src='{}/{}'>", base, copy.name)
        for copy in folder.copies
        if copy.name.rpartition(".")[2].lower() in _PICTURES
    ]
    title = str(record.get("prompt") or record.get("name") or folder.id)
    return _encoded(
        "<li>{}<p>{}</p><p class=quiet>{}</p><p>{} <a href='{}/{}.json'>JSON</a></p></li>\n",
        pictures[0] if pictures else "",
        _cut(title),
        _moment(record.get("created_at")),
        format_html(" ".join("{}" for _link in links), *links) if links else "",
        base,
        kind.removesuffix("s"),
    )


def _head(export: Export, title: str, base: str) -> bytes:
    made = _("Made on %(when)s.") % {"when": _moment(timezone.now())}
    return _encoded(
        "<!doctype html><html lang='{}'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        "<title>{}</title><style>{}</style><body><p><a href='{}index.html'>NeuralBox</a></p>"
        "<h1>{}</h1><p class=quiet>{}</p>",
        export.language,
        title,
        SafeString(_STYLE),
        base,
        title,
        made,
    )


def _foot() -> bytes:
    return b"</body></html>\n"


def _encoded(text: str, *values: Any) -> bytes:
    return format_html(text, *values).encode() if values else text.encode()


def _shown(value: Any) -> str:
    return _moment(value) if isinstance(value, datetime) else _cut(cell(value).removeprefix("'"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"


def _moment(value: Any) -> str:
    return formats.date_format(value, "DATETIME_FORMAT") + " UTC" if isinstance(value, datetime) else ""


def _span(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None:
        return ""
    since, until = formats.date_format(first, "DATE_FORMAT"), formats.date_format(last, "DATE_FORMAT")
    return since if since == until else f"{since} – {until}"
