#!/usr/bin/env python3
# ruff: noqa: T201, UP006, UP035, UP045
"""Checks a statement of a NeuralBox wallet. Needs Python 3.8 or later and nothing else.

    python3 verify_statement.py statement.json [later.json ...]

Every entry carries a SHA-256 hash over its content and over the hash of the entry before it. This program computes
all of them again, and that the amounts of each entry sum to zero, that the balances follow from the amounts, and
that no entry is missing. Given several statements of one wallet (JSON or CSV, in any order) it also compares them:
an entry that was rewritten between two downloads is found. Keep your statements to make use of that.

It says OK and exits with 0, or says where the first difference is and exits with 1.
"""

import csv
import hashlib
import json
import sys
from typing import Any, Dict, List, Optional, Tuple

Entry = Dict[str, Any]

VERSION = "neuralbox-ledger-1"
START = "0" * 64
WALLET_ACCOUNTS = ("paid", "bonus", "held")
SYSTEM_ACCOUNTS = ("issued", "granted", "revenue", "refunded", "corrections")
NUMBERS = ("sequence", *WALLET_ACCOUNTS, *SYSTEM_ACCOUNTS, "available_after", "held_after")
TEXTS = ("wallet", "kind", "reference", "description", "created_at", "previous_hash", "hash")


class Difference(Exception):
    """What is wrong, and where."""


def content(entry: Entry) -> str:
    """The text that is hashed: a JSON array of the entry's content, in this order."""
    return json.dumps(
        [
            VERSION,
            entry["wallet"],
            entry["sequence"],
            entry["kind"],
            entry["reference"],
            entry["description"],
            entry["created_at"],
            *(entry[account] for account in WALLET_ACCOUNTS),
            *(entry[account] for account in SYSTEM_ACCOUNTS),
            entry["available_after"],
            entry["held_after"],
            entry["previous_hash"],
        ],
        ensure_ascii=False,
    )


def entry_hash(entry: Entry) -> str:
    return hashlib.sha256(content(entry).encode("utf-8")).hexdigest()


def check_entry(entry: Entry, before: Optional[Entry]) -> None:
    """Raise Difference unless `entry` is sound and follows `before`, the entry before it or None."""
    where = f"entry {entry['sequence']}"
    if sum(entry[account] for account in WALLET_ACCOUNTS + SYSTEM_ACCOUNTS) != 0:
        raise Difference(f"{where}: the amounts do not sum to zero")
    if entry_hash(entry) != entry["hash"]:
        raise Difference(f"{where}: the content does not match its hash")
    if before is None:
        if entry["sequence"] != 1:
            return
        before = {"sequence": 0, "hash": START, "available_after": 0, "held_after": 0}
    if entry["sequence"] != before["sequence"] + 1:
        raise Difference(f"{where}: the entry before it is number {before['sequence']}; some are missing")
    if entry["previous_hash"] != before["hash"]:
        raise Difference(f"{where}: it does not continue the entry before it")
    if entry["available_after"] != before["available_after"] + entry["paid"] + entry["bonus"]:
        raise Difference(f"{where}: the available balance does not follow from the amounts")
    if entry["held_after"] != before["held_after"] + entry["held"]:
        raise Difference(f"{where}: the held balance does not follow from the amounts")


def check_statement(entries: List[Entry]) -> None:
    """Raise Difference unless the entries are one unbroken chain of one wallet."""
    before: Optional[Entry] = None
    for entry in entries:
        if before is not None and entry["wallet"] != before["wallet"]:
            raise Difference(f"entry {entry['sequence']}: it belongs to another wallet")
        check_entry(entry, before)
        before = entry


def compare(statements: List[Tuple[str, List[Entry]]]) -> None:
    """Raise Difference if two statements tell a number differently."""
    seen: Dict[Tuple[str, int], Tuple[str, str]] = {}
    for name, entries in statements:
        for entry in entries:
            key = (entry["wallet"], entry["sequence"])
            other, known = seen.setdefault(key, (name, entry["hash"]))
            if known != entry["hash"]:
                raise Difference(f"entry {entry['sequence']}: {other} and {name} differ")


def read(path: str) -> List[Entry]:
    """The entries of a statement, from JSON or CSV. Raises Difference if it is neither."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            is_json = file.read(1) == "{"
            file.seek(0)
            if is_json:
                rows = json.load(file)["entries"]
            else:
                table = csv.DictReader(file, strict=True)
                rows = list(table)
                if not {*NUMBERS, *TEXTS}.issubset(table.fieldnames or ()):
                    raise Difference("not a statement")
        return [
            {**{name: int(row[name]) for name in NUMBERS}, **{name: str(row[name]) for name in TEXTS}} for row in rows
        ]
    except (csv.Error, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Difference(f"not a statement ({type(error).__name__}: {error})") from error


def main(paths: List[str]) -> int:
    if not paths:
        print(__doc__)
        return 2
    statements: List[Tuple[str, List[Entry]]] = []
    for path in paths:
        try:
            entries = read(path)
            check_statement(entries)
            statements.append((path, entries))
            compare(statements)
        except (Difference, OSError) as difference:
            print(f"{path}: {difference}")
            return 1
        if entries:
            print(f"{path}: OK, entries {entries[0]['sequence']} to {entries[-1]['sequence']}")
        else:
            print(f"{path}: OK, no entries")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
