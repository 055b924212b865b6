"""Tokens set aside for something, then taken or given back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import ngettext

from billing.errors import InsufficientTokens, SpendCapReached
from neuralbox.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class PlacedHold:
    """The hold, and the wallet's balances after it, in tokens."""

    hold_id: UUID
    available: int
    held: int


def place(
    *,
    owner_id: UUID,
    hold_id: UUID,
    amount: int,
    reference: str,
    spender: str = "",
    caps: Mapping[str, int] | None = None,
) -> PlacedHold:
    """Set `amount` tokens of the owner's wallet aside for `reference`. Asking twice gives the same hold.

    `spender` is who spends (an API key), `caps` are its limits by window, beside the wallet's own.
    Raises InsufficientTokens, SpendCapReached; nothing is changed then. One round trip.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM billing_hold_place(%s, %s, %s, %s, %s, %s)",
            [owner_id, hold_id, amount, reference, spender, json.dumps(dict(caps)) if caps else None],
        )
        outcome, placed_id, available, held, window, limit, used = cursor.fetchone()
    if outcome in {"placed", "known"}:
        return PlacedHold(placed_id, available, held)
    if outcome == "capped":
        raise SpendCapReached(window=window, limit=limit, used=used)
    if outcome == "no_wallet":
        raise NotFound
    raise InsufficientTokens(_shortage(amount, available), needed=amount, available=available)


def _shortage(needed: int, available: int) -> str:
    text = ngettext(
        "It costs %(needed)d token, and %(available)d are available.",
        "It costs %(needed)d tokens, and %(available)d are available.",
        needed,
    )
    return text % {"needed": needed, "available": available}


def capture(hold_id: UUID, amount: int | None = None) -> bool:
    """Take `amount` held tokens (None: all) for good and give the rest back. False: it was settled before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_hold_capture(%s, %s)", [hold_id, amount])
        return bool(cursor.fetchone()[0])


def release(hold_id: UUID) -> bool:
    """Give all held tokens back. False: it was settled before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_hold_release(%s)", [hold_id])
        return bool(cursor.fetchone()[0])
