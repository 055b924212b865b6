"""Reads of billing."""

from dataclasses import dataclass
from uuid import UUID

from billing.models import Wallet


@dataclass(frozen=True, slots=True)
class Balance:
    """In tokens. `available` is `paid` and `bonus` together; `held` is set aside for what runs."""

    available: int
    held: int
    paid: int
    bonus: int


def balance(owner_id: UUID) -> Balance:
    """What a user has. A user without a wallet has nothing."""
    row = Wallet.objects.filter(owner_id=owner_id).values_list("paid", "bonus", "held").first()
    paid, bonus, held = row or (0, 0, 0)
    return Balance(available=paid + bonus, held=held, paid=paid, bonus=bonus)
