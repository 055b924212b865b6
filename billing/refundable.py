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


def unused(*, left: int, in_wallet: int, newer: int) -> int:
    """How many of the `left` bought tokens of a payment are unused: what was bought first is spent first.

    `newer`: the tokens that are left of payments made after it.
    """
    return max(0, min(left, in_wallet - newer))


def spent_money(*, amount: int, tokens: int, unused_tokens: int, returned: int, closed: int) -> int:
    """How much of a payment is earned and closed by no receipt yet.

    What can still be asked back is kept whole: its price is rounded up, as it is when it goes back.
    """
    kept = -(-amount * unused_tokens // tokens)
    return max(0, amount - returned - kept - closed)


def reckon(
    *, amount: int, tokens: int, bonus_tokens: int, refunded: Part, wallet_paid: int, wallet_bonus: int, closed: int = 0
) -> Part:
    """The largest part that can go back now; its amount is 0 when there is none.

    `wallet_paid`: the bought tokens that may be of this payment. `closed`: money of it that a closing receipt has said
    to be earned. Rounded up, in the customer's favour, and never above what is left of the payment.
    """
    left_tokens = tokens - refunded.tokens
    left_bonus = bonus_tokens - refunded.bonus_tokens
    unused = min(left_tokens, wallet_paid)
    bonus_back = min(left_bonus, wallet_bonus)
    used_bonus = left_bonus - bonus_back
    paid_back = max(0, unused - used_bonus)
    left_amount = max(0, amount - refunded.amount - closed)
    money = min(left_amount, -(-amount * paid_back // tokens))
    if not money:
        return Part(0, 0, 0, used_bonus)
    return Part(money, unused, bonus_back, used_bonus)


def share(*, amount: int, of: int, tokens: int) -> int:
    """How many of `tokens` belong to `amount` of a payment of `of`: rounded up, since the money is gone."""
    return min(tokens, -(-tokens * amount // of))
