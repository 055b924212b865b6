"""What the crypto gateways have in common: what came in, in the currency of the price, and whether it is enough."""

from decimal import ROUND_DOWN, Decimal

from billing.gateways.base import Money

# A payer's wallet may keep a rounding of the last digits; below this part of the price a person has to look.
TOLERANCE = Decimal("0.005")
_ABSURD = Decimal(1_000_000)


def received(price: Money, asked: Decimal | None, paid: Decimal | None) -> Money | None:
    """The sum that came in, rounded down; None when it is the price (within the tolerance) or is not told."""
    if asked is None or paid is None or not asked.is_finite() or not paid.is_finite() or asked <= 0 or paid < 0:
        return None
    share = _ABSURD if paid.adjusted() - asked.adjusted() > _ABSURD.adjusted() else paid / asked
    if abs(share - 1) <= TOLERANCE:
        return None
    return Money(int((share * price.minor).to_integral_value(ROUND_DOWN)), price.currency)


def is_too_little(price: Money, came: Money | None) -> bool:
    """Whether a person has to look before this counts as the price."""
    return came is not None and came.minor < price.minor
