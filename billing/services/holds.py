"""Tokens set aside for something, then taken or given back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import ngettext

from billing.errors import CaptureExceedsHold, InsufficientTokens, ReferenceTaken, SpendCapReached
from billing.models import SpendCap
from billing.services import amounts
from neuralbox.core.errors import NotFound

_WINDOWS = frozenset(SpendCap.Window.values)


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

    `spender` is who spends (an API key), `caps` are its limits by window, beside the wallet's own. One round trip. The
    wallet is locked until the caller's transaction ends: place the hold as late in it as possible.
    Raises InsufficientTokens, SpendCapReached, InvalidAmount, and ReferenceTaken when the reference has a hold of
    another amount or wallet; nothing is changed then.
    """
    if caps and not (spender and _WINDOWS.issuperset(caps)):
        raise ValueError("caps belong to a spender and to the windows hour, day, month and total")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM billing_hold_place(%s, %s, %s, %s, %s, %s)",
            [owner_id, hold_id, amounts.check(amount), reference, spender, json.dumps(dict(caps)) if caps else None],
        )
        outcome, placed_id, available, held, window, limit, used = cursor.fetchone()
    if outcome in {"placed", "known"}:
        return PlacedHold(placed_id, available, held)
    if outcome == "capped":
        raise SpendCapReached(window=window, limit=limit, used=used)
    if outcome == "taken":
        raise ReferenceTaken
    raise InsufficientTokens(_shortage(amount, available), needed=amount, available=available)


def _shortage(needed: int, available: int) -> str:
    text = ngettext(
        "It costs %(needed)d token, and %(available)d are available.",
        "It costs %(needed)d tokens, and %(available)d are available.",
        needed,
    )
    return text % {"needed": needed, "available": available}


def capture(hold_id: UUID, amount: int | None = None) -> bool:
    """Take `amount` held tokens (None: all) for good and give the rest back. False: it was settled before.

    One round trip. Raises CaptureExceedsHold, InvalidAmount below zero, NotFound; nothing is changed then.
    """
    if amount:
        amounts.check(amount)
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_hold_capture(%s, %s)", [hold_id, amount])
        return _settled(cursor.fetchone()[0])


def release(hold_id: UUID) -> bool:
    """Give all held tokens back to where they came from. False: it was settled before.

    One round trip. Raises NotFound.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_hold_release(%s)", [hold_id])
        return _settled(cursor.fetchone()[0])


def _settled(outcome: str) -> bool:
    if outcome == "too_much":
        raise CaptureExceedsHold
    if outcome == "no_hold":
        raise NotFound
    return outcome == "settled"
