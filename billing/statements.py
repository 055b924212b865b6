"""Statements: the entries of a wallet as a customer downloads them, with all that their hashes cover."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from billing import verify_statement
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


def line(entry: JournalEntry) -> dict[str, Any]:
    """All that is hashed, under the names that `verify_statement.py` uses, and the hash."""
    return {
        "wallet": str(entry.wallet_id),
        "sequence": entry.sequence,
        "created_at": f"{entry.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        "kind": entry.kind,
        "reference": entry.reference,
        "description": entry.description,
        **{account: getattr(entry, account) for account in verify_statement.WALLET_ACCOUNTS},
        **{account: getattr(entry, account) for account in verify_statement.SYSTEM_ACCOUNTS},
        "available_after": entry.available_after,
        "held_after": entry.held_after,
        "previous_hash": bytes(entry.previous_hash).hex(),
        "hash": bytes(entry.hash).hex(),
    }


def lines(*, owner_id: UUID, since: datetime | None, until: datetime | None) -> Iterator[dict[str, Any]]:
    """The owner's entries in their order, from `since` to before `until`, read in portions."""
    entries = JournalEntry.objects.filter(wallet__owner_id=owner_id)
    if since:
        entries = entries.filter(created_at__gte=since)
    if until:
        entries = entries.filter(created_at__lt=until)
    for entry in entries.order_by("sequence").iterator(chunk_size=500):
        yield {**line(entry), "title": title(entry)}


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
