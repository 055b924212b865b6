"""The registry of personal data: what each app holds about people, and how it is shown, exported, erased and purged.

An app subclasses `Holder`, overrides what applies to it, and registers one instance in its AppConfig's `ready`.
`legal` does the rest without importing any app above it. A test fails for a table with a path to a person, and for a
folder of the store, that no holder declares.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, QuerySet

from neuralbox.core.errors import Text

Record = Mapping[str, Any]
Counts = Mapping[str, int]


class NotYet(Exception):
    """Raised by `erase` when something must end first; the erasure is asked for again later."""


@dataclass(frozen=True, slots=True)
class StoredCopy:
    """A file of a person for their export: called `name` there, from `key` of the store."""

    name: str
    key: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Folder:
    """One thing of a person with its files, as a folder of their export. `id` is where reading can go on after it."""

    id: str
    record: Record
    copies: Sequence[StoredCopy] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of data about one person: `title` and `purpose` (why it is held) are shown to them.

    `records` gives JSON-ready values, read in portions. `within` is the time of the oldest and of the newest one.
    Where things have files of their own, `folders(after)` gives those behind the id `after`, in the order of ids.
    """

    name: str
    title: Text
    purpose: Text
    count: Callable[[], int]
    records: Callable[[], Iterator[Record]]
    within: Callable[[], tuple[datetime | None, datetime | None]] = lambda: (None, None)
    folders: Callable[[str], Iterator[Folder]] | None = None


def section_of(
    queryset: QuerySet[Any],
    *columns: str,
    name: str,
    title: Text,
    purpose: Text,
    moment: str = "created_at",
    change: Callable[[dict[str, Any]], Record] = dict,
    **more: Any,
) -> Section:
    """A section that shows `columns` of the rows of `queryset`, oldest first; `change` may rewrite each record."""
    rows = queryset.order_by(moment, "pk").values(*columns)

    def within() -> tuple[datetime | None, datetime | None]:
        found = queryset.order_by().aggregate(first=Min(moment), last=Max(moment))
        return found["first"], found["last"]

    return Section(
        name=name,
        title=title,
        purpose=purpose,
        count=queryset.order_by().count,
        records=lambda: (change(row) for row in rows.iterator(chunk_size=500)),
        within=within,
        **more,
    )


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a kind of data is kept, and how it is purged.

    `default`, `shortest` and `longest` are periods: staff choose within these limits, and the law or the product sets
    the limits. `due(before)` are the rows whose period began before that moment; `owner` leads from such a row to the
    person's id ("" where rows belong to nobody). `purge(keys)` removes the rows with these primary keys and what
    belongs to them, in one transaction of its own, and returns counts; it may be repeated. `age_from` names the column
    that the period counts from. People are warned `warned` before; None: nobody needs to be. `models` are the tables
    that it takes rows from, or what tells of people in them.
    """

    kind: str
    title: Text
    effect: Text
    ground: Text
    default: timedelta
    shortest: timedelta
    longest: timedelta
    models: Sequence[str]
    due: Callable[[datetime], QuerySet[Any]]
    purge: Callable[[Sequence[Any]], Counts]
    owner: str = "user_id"
    age_from: str = "created_at"
    warned: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What a recipient got of a person: `recipient` is its name in `neuralbox.core.recipients`."""

    recipient: str
    what: Text
    count: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A member of staff looked at content of a person. `who` is a role, never a name."""

    at: datetime
    what: Text
    why: str
    who: Text
    id: str = ""


class Holder:
    """What one app holds about people. Tables are named "app_label.Model".

    `models` are those with a person's data. `impersonal` are those that lead to a person and still hold nothing about
    customers, each with the reason. `folders` are the top folders of the store that the app writes to. `retention`
    says what is purged by age, and `kept` which of `models` are not, each with what ends it. Everything else describes
    one person.
    """

    name: str
    models: Iterable[str] = ()
    impersonal: Mapping[str, str] = {}
    kept: Mapping[str, str] = {}
    folders: Iterable[str] = ()

    def retention(self) -> Iterable[Retention]:
        """What is purged by age."""
        return ()

    def sections(self, user: Any) -> Iterable[Section]:
        """All that is held about `user`."""
        return ()

    def received(self, user: Any) -> Iterable[Received]:
        """Which recipients got something of `user`."""
        return ()

    def opened(self, user: Any) -> Iterable[Opened]:
        """When staff looked at content of `user`, newest first."""
        return ()

    def erase(self, user: Any) -> Counts:
        """Remove or pseudonymise all of it; what was done, in numbers. May be repeated. Raises NotYet."""
        return {}

    def orphans(self, older_than: timedelta) -> Iterator[str]:
        """Keys of stored files of this app that no row names, if they are older than that."""
        return iter(())

    def export(self, user: Any) -> dict[str, list[Record]]:
        """All sections at once, for tests and small amounts: an archive reads them one by one."""
        return {section.name: list(section.records()) for section in self.sections(user)}


_holders: list[Holder] = []


def register(holder: Holder) -> None:
    _holders.append(holder)


def holders() -> tuple[Holder, ...]:
    """All holders, lowest app first: erase in reverse, so that what points down goes first."""
    return tuple(_holders)


def rules() -> dict[str, Retention]:
    """Every retention of every holder, by its kind."""
    return {rule.kind: rule for holder in _holders for rule in holder.retention()}


def folders() -> set[str]:
    """The top folders of the store that somebody declares."""
    return {folder for holder in _holders for folder in holder.folders}
