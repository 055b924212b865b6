"""Unused paid tokens that go back as money."""

from uuid import UUID

from billing.models import JournalEntry
from billing.services import amounts, transfers


def take_back(*, wallet_id: UUID, amount: int, reference: str, description: str = "") -> bool:
    """Take `amount` unused paid tokens out of the wallet. Repeating it changes nothing and returns False.

    Raises InsufficientTokens, InvalidAmount, ReferenceTaken.
    """
    return transfers.post(
        wallet_id=wallet_id,
        kind=JournalEntry.Kind.REFUND,
        amount=-amounts.check(amount),
        reference=f"refund:{reference}",
        description=description,
    )
