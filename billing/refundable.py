"""What of a payment can be returned: the unused part of it, in tokens and in money. Pure reckoning."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """`tokens` and `bonus_tokens` are taken from the wallet, `amount` (minor units) goes back.

    `used_bonus`: tokens that were given with the purchase and have been spent. As many bought ones are taken and not
    paid for.
    """

    amount: int
    tokens: int
    bonus_tokens: int
    used_bonus: int


def reckon(*, amount: int, tokens: int, bonus_tokens: int, refunded: Part, wallet_paid: int, wallet_bonus: int) -> Part:
    """The largest part that can go back now; its amount is 0 when there is none.

    Rounded up, in the customer's favour, and never above what is left of the payment.
    """
    left_tokens = tokens - refunded.tokens
    left_bonus = bonus_tokens - refunded.bonus_tokens
    unused = min(left_tokens, wallet_paid)
    bonus_back = min(left_bonus, wallet_bonus)
    used_bonus = left_bonus - bonus_back
    paid_back = max(0, unused - used_bonus)
    left_amount = amount - refunded.amount
    money = min(left_amount, -(-amount * paid_back // tokens))
    if not money:
        return Part(0, 0, 0, used_bonus)
    return Part(money, unused, bonus_back, used_bonus)


def share(*, amount: int, of: int, tokens: int) -> int:
    """How many of `tokens` belong to `amount` of a payment of `of`: rounded up, since the money is gone."""
    return min(tokens, -(-tokens * amount // of))
