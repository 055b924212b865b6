"""The audit of the books: everything is computed again from the journal and compared with what is kept."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import connection

from billing import verify_statement
from billing.chain import line
from billing.models import JournalEntry

# Each query answers the differences of one rule; the first column names the thing.
_RULES: tuple[tuple[str, str], ...] = (
    (
        "a wallet's balance is not the sum of its entries",
        """
        SELECT wallet.id, wallet.paid, wallet.bonus, wallet.held, coalesce(books.paid, 0) AS paid_in_books,
               coalesce(books.bonus, 0) AS bonus_in_books, coalesce(books.held, 0) AS held_in_books
        FROM billing_wallet AS wallet LEFT JOIN (
            SELECT wallet_id, sum(paid) AS paid, sum(bonus) AS bonus, sum(held) AS held
            FROM billing_journalentry GROUP BY wallet_id
        ) AS books ON books.wallet_id = wallet.id
        WHERE (wallet.paid, wallet.bonus, wallet.held)
              IS DISTINCT FROM (coalesce(books.paid, 0), coalesce(books.bonus, 0), coalesce(books.held, 0))
        ORDER BY wallet.id
        """,
    ),
    (
        "a wallet's held tokens are not those of its active holds",
        """
        SELECT wallet.id, wallet.held, coalesce(sum(hold.amount), 0) AS in_holds
        FROM billing_wallet AS wallet
        LEFT JOIN billing_hold AS hold ON hold.wallet_id = wallet.id AND hold.status = 'active'
        GROUP BY wallet.id HAVING wallet.held <> coalesce(sum(hold.amount), 0) ORDER BY wallet.id
        """,
    ),
    (
        "an entry does not sum to zero",
        """
        SELECT entry_id, sum(amount) AS sum FROM billing_posting
        GROUP BY entry_id HAVING sum(amount) <> 0 ORDER BY entry_id
        """,
    ),
    (
        "a hold and its entries tell different stories",
        """
        SELECT hold.id, hold.status, hold.amount, hold.captured, told.placed, told.settlements, told.revenue,
               told.given_up
        FROM billing_hold AS hold LEFT JOIN (
            SELECT hold_id, sum(held) FILTER (WHERE kind = 'hold') AS placed,
                   count(*) FILTER (WHERE kind <> 'hold') AS settlements,
                   max(kind) FILTER (WHERE kind <> 'hold') AS settled_by,
                   sum(revenue) AS revenue, sum(refunded + granted) AS given_up, sum(held) AS open
            FROM billing_journalentry WHERE hold_id IS NOT NULL GROUP BY hold_id
        ) AS told ON told.hold_id = hold.id
        WHERE told.placed IS DISTINCT FROM hold.amount
           OR told.revenue IS DISTINCT FROM CASE hold.purpose WHEN 'spend' THEN hold.captured ELSE 0 END
           OR told.given_up IS DISTINCT FROM CASE hold.purpose WHEN 'spend' THEN 0 ELSE hold.captured END
           OR told.open IS DISTINCT FROM CASE hold.status WHEN 'active' THEN hold.amount ELSE 0 END
           OR told.settlements IS DISTINCT FROM CASE hold.status WHEN 'active' THEN 0 ELSE 1 END
           OR told.settled_by IS DISTINCT FROM
              CASE WHEN hold.status = 'released' THEN 'release' WHEN hold.status = 'active' THEN NULL
                   WHEN hold.purpose = 'spend' THEN 'capture' ELSE 'refund' END
        ORDER BY hold.id
        """,
    ),
    (
        "a spend cap counts something else than its holds",
        """
        SELECT usage.wallet_id, usage.spender, usage.window, usage.starts_at, usage.used,
               billing_spent(usage.wallet_id, usage.spender, usage.starts_at) AS in_holds
        FROM billing_spendusage AS usage
        WHERE usage.used <> billing_spent(usage.wallet_id, usage.spender, usage.starts_at) ORDER BY usage.id
        """,
    ),
    (
        "a spend cap is not counted",
        """
        SELECT cap.wallet_id, cap.window FROM billing_spendcap AS cap
        WHERE NOT EXISTS (
            SELECT FROM billing_spendusage AS usage
            WHERE usage.wallet_id = cap.wallet_id AND usage.spender = '' AND usage.window = cap.window)
        ORDER BY cap.id
        """,
    ),
)


def differences() -> Iterator[str]:
    """Every difference between the books and what is kept, one line each; none if all is well."""
    with connection.cursor() as cursor:
        for rule, query in _RULES:
            cursor.execute(query)
            names = [column.name for column in cursor.description]
            for row in cursor.fetchall():
                yield f"{rule}: " + ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
    yield from _broken_chains()


def _broken_chains() -> Iterator[str]:
    """Recompute the hash of every entry, and that each wallet ends with the entry that its row names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, entries_count, last_hash FROM billing_wallet")
        ends: dict[str, tuple[int, str]] = {
            str(wallet): (count, bytes(last).hex()) for wallet, count, last in cursor.fetchall()
        }
    entries = JournalEntry.objects.order_by("wallet_id", "sequence").iterator(chunk_size=2000)
    for wallet, lines in groupby(map(line, entries), key=lambda entry: entry["wallet"]):
        try:
            last = _follow(lines)
        except verify_statement.Difference as difference:
            ends.pop(wallet, None)
            yield f"the chain of wallet {wallet} is broken: {difference}"
        else:
            if ends.pop(wallet, None) != (last["sequence"], last["hash"]):
                yield f"the chain of wallet {wallet} does not end with the entry that the wallet names"
    for wallet, (count, _last) in ends.items():
        if count:
            yield f"the chain of wallet {wallet} is gone: {count} entries are missing"


def _follow(lines: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Check one wallet's chain from its start. Returns the last entry."""
    before: dict[str, Any] = {"sequence": 0, "hash": verify_statement.START, "available_after": 0, "held_after": 0}
    for entry in lines:
        verify_statement.check_entry(entry, before)
        before = entry
    return before
