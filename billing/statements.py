"""Statements: the entries of a wallet as a customer downloads them, with all that their hashes cover."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from billing import selectors, verify_statement
from billing.chain import line
from billing.models import JournalEntry, Wallet

COLUMNS = (
    "wallet", "sequence", "created_at", "kind", "reference", "description", "title",
    *verify_statement.WALLET_ACCOUNTS, *verify_statement.SYSTEM_ACCOUNTS,
    "available_after", "held_after", "previous_hash", "hash",
)  # fmt: skip


def titles() -> dict[str, str]:
    """What an entry of each kind is called, in the reader's language."""
    return {
        JournalEntry.Kind.TOP_UP: _("Top-up"),
        JournalEntry.Kind.BONUS: _("Bonus tokens"),
        JournalEntry.Kind.HOLD: _("Set aside for a generation"),
        JournalEntry.Kind.CAPTURE: _("Paid for a generation"),
        JournalEntry.Kind.RELEASE: _("Returned: the generation did not take place"),
        JournalEntry.Kind.REFUND: _("Refund of unused tokens"),
        JournalEntry.Kind.CORRECTION: _("Correction"),
    }


def title(entry: JournalEntry) -> str:
    """What the entry is, in the reader's language: its own description where there is one."""
    return _(entry.description) if entry.description else titles()[JournalEntry.Kind(entry.kind)]


def lines(*, owner_id: UUID, since: datetime | None, until: datetime | None) -> Iterator[dict[str, Any]]:
    """The owner's entries in their order, from `since` to before `until`, read in portions.

    The language is the one of the moment of the call, whenever the lines are read.
    """
    language = translation.get_language()
    chosen = selectors.entries(owner_id, since=since, until=until).order_by("sequence")
    return (_titled(entry, language) for entry in chosen.iterator(chunk_size=500))


def _titled(entry: JournalEntry, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {**line(entry), "title": title(entry)}


def as_json(entries: Iterable[dict[str, Any]], *, owner_id: UUID, asked: dict[str, str | None]) -> Iterator[str]:
    """A JSON object with `entries`, piece by piece, so that a long one needs no memory."""
    wallet = Wallet.objects.filter(owner_id=owner_id).values_list("pk", flat=True).first()
    head = {"format": verify_statement.VERSION, "wallet": wallet and str(wallet), **asked}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "entries": ['
    separator = "\n"
    for entry in entries:
        yield separator + json.dumps(entry, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


class _Echo:
    """A file that hands each line back, for the writer of the csv module."""

    def write(self, text: str) -> str:
        return text


def as_csv(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Comma-separated, with a byte-order mark, so that spreadsheets read Russian."""
    writer = csv.DictWriter(_Echo(), COLUMNS)
    yield "\ufeff" + str(writer.writeheader())
    for entry in entries:
        yield str(writer.writerow(entry))


def verifier() -> str:
    """The program that checks a statement, as served to customers."""
    return Path(verify_statement.__file__).read_text(encoding="utf-8")
