"""Sums of money in words: as the website writes them, in the language of whoever reads."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language

from billing.gateways.money import Money, exponent

_SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸"}


def with_symbol(money: Money) -> str:
    """`1 250 ₽`, `$14.99`: decimals only where there are some, and the code of a currency that has no known sign."""
    value = money.value
    text = number(value, 0 if value == value.to_integral_value() else exponent(money.currency))
    symbol = _SYMBOLS.get(money.currency)
    if symbol and get_language() == "en":
        return f"{symbol}{text}"
    return f"{text}\N{NO-BREAK SPACE}{symbol or money.currency}"


def with_code(money: Money) -> str:
    """`1,250.00 RUB`, `1 250,00 RUB`: always with its decimals, for those who compare with other books."""
    return f"{number(money.value, exponent(money.currency))} {money.currency}"


def number(value: Decimal | float, decimals: int = 0) -> str:
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)
