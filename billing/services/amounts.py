"""What counts as an amount of tokens."""

from billing.errors import InvalidAmount

LARGEST = 10**12


def check(amount: int) -> int:
    """`amount` itself, if it is a whole number from 1 to `LARGEST`. Raises InvalidAmount."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= LARGEST:
        raise InvalidAmount
    return amount
