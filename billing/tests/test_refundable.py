"""What of a payment can go back: 100 tokens and 10 given ones were bought for 1,000 kopecks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.refundable import Part, reckon, share

NOTHING = Part(0, 0, 0, 0)


def part(*, paid, bonus, refunded=NOTHING, tokens=100, given_tokens=10, amount=1000):
    return reckon(
        amount=amount, tokens=tokens, bonus_tokens=given_tokens, refunded=refunded, wallet_paid=paid, wallet_bonus=bonus
    )


@pytest.mark.parametrize(
    ("paid", "bonus", "expected"),
    [
        (100, 10, Part(1000, 100, 10, 0)),
        (500, 90, Part(1000, 100, 10, 0)),
        (100, 4, Part(940, 100, 4, 6)),
        (100, 0, Part(900, 100, 0, 10)),
        (60, 0, Part(500, 60, 0, 10)),
        (10, 0, Part(0, 0, 0, 10)),
        (0, 10, Part(0, 0, 0, 0)),
    ],
    ids=["untouched", "other-tokens-too", "some-given-used", "all-given-used", "bought-used", "little-left", "spent"],
)
def test_unused_tokens_go_back_at_their_price_and_used_gifts_are_paid_for(paid, bonus, expected):
    assert part(paid=paid, bonus=bonus) == expected


def test_what_went_back_does_not_go_back_again():
    assert part(paid=100, bonus=10, refunded=Part(600, 60, 6, 0)) == Part(400, 40, 4, 0)
    assert part(paid=100, bonus=10, refunded=Part(1000, 100, 10, 0)).amount == 0


def test_a_fraction_of_a_kopeck_is_the_customers():
    assert part(paid=1, bonus=0, tokens=3, given_tokens=0, amount=100).amount == 34


@given(
    tokens=st.integers(1, 10**6), given_tokens=st.integers(0, 10**5), amount=st.integers(1, 10**8),
    paid=st.integers(0, 10**6), bonus=st.integers(0, 10**5),
)  # fmt: skip
def test_never_more_than_was_paid_or_is_there(tokens, given_tokens, amount, paid, bonus):
    found = part(paid=paid, bonus=bonus, tokens=tokens, given_tokens=given_tokens, amount=amount)
    assert 0 <= found.amount <= amount
    assert 0 <= found.tokens <= min(paid, tokens)
    assert 0 <= found.bonus_tokens <= min(bonus, given_tokens)
    assert (found.amount == 0) == (found.tokens == 0)


@given(amount=st.integers(1, 10**8), of=st.integers(1, 10**8), tokens=st.integers(0, 10**6))
def test_the_share_of_a_part_of_the_money_is_within_the_tokens(amount, of, tokens):
    amount = min(amount, of)
    found = share(amount=amount, of=of, tokens=tokens)
    assert tokens * amount / of <= found + 1e-6
    assert 0 <= found <= tokens
