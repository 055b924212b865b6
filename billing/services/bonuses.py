"""Tokens given for nothing. They are spent first and are never paid out."""

from uuid import UUID

from billing.models import JournalEntry
from billing.services import amounts, transfers


def grant(*, wallet_id: UUID, amount: int, reference: str, description: str = "") -> bool:
    """Add `amount` bonus tokens. Repeating it with the same `reference` changes nothing and returns False.

    Raises InvalidAmount, ReferenceTaken.
    """
    return transfers.post(
        wallet_id=wallet_id,
        kind=JournalEntry.Kind.BONUS,
        amount=amounts.check(amount),
        reference=f"bonus:{reference}",
        description=description,
    )
