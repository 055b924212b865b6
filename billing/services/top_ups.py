"""Paid tokens."""

from uuid import UUID

from billing.models import JournalEntry
from billing.services import amounts, transfers


def credit(*, wallet_id: UUID, amount: int, reference: str, description: str = "") -> bool:
    """Add `amount` paid tokens for what `reference` names. Repeating it changes nothing and returns False.

    Raises InvalidAmount, ReferenceTaken.
    """
    return transfers.post(
        wallet_id=wallet_id,
        kind=JournalEntry.Kind.TOP_UP,
        amount=amounts.check(amount),
        reference=f"top-up:{reference}",
        description=description,
    )
