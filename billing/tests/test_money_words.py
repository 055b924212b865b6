"""Sums as the reader writes them."""

import pytest
from django.utils import translation

from billing.gateways.money import Money
from billing.money_words import with_code, with_symbol


@pytest.mark.parametrize(
    ("minor", "currency", "language", "short", "long"),
    [
        (125000, "RUB", "ru", "1 250 ₽", "1 250,00 RUB"),
        (125050, "RUB", "ru", "1 250,50 ₽", "1 250,50 RUB"),
        (125000, "RUB", "en", "₽1,250", "1,250.00 RUB"),
        (1499, "USD", "ru", "14,99 $", "14,99 USD"),
        (1499, "USD", "en", "$14.99", "14.99 USD"),
        (1499, "JPY", "en", "1,499 JPY", "1,499 JPY"),
    ],
)
def test_a_sum_is_written_in_the_readers_way(minor, currency, language, short, long):
    with translation.override(language):
        written = with_symbol(Money(minor, currency)), with_code(Money(minor, currency))
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in written] == [short, long]
