"""What tokens are in money, as the first page says it: about, in the currency of the reader's language."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language

from billing import selectors_payments
from billing.gateways.money import exponent
from billing.models import TokenRate
from neuralbox.pages.wording import NO_BREAK

# The currency that readers of a language think in.
_CURRENCIES = {"ru": "RUB", "en": "USD"}
# Where the sign stands: before the number in English texts, after it in Russian ones.
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€"}
_EXACT_BELOW = Decimal(10)


class TokenPrices:
    """The prices of free amounts, read once. `about` is empty where nothing is sold for money."""

    def __init__(self) -> None:
        self._rate = _rate()

    def about(self, tokens: int) -> str:
        """«10 ₽»: what so many tokens cost when one buys a free amount, without discounts."""
        if self._rate is None:
            return ""
        currency = self._rate.currency
        decimals = exponent(currency)
        amount = Decimal(self._rate.per_thousand * tokens).scaleb(-3 - decimals)
        decimals = 0 if amount >= _EXACT_BELOW or amount == amount.to_integral_value() else decimals
        # Rounded here: the formatter cuts off.
        number = number_format(round(amount, decimals), decimals, use_l10n=True, force_grouping=True)
        sign = _SIGNS.get(currency, currency)
        return f"{sign}{number}" if sign in "$€" and get_language() == "en" else f"{number}{NO_BREAK}{sign}"


def _rate() -> TokenRate | None:
    rates = selectors_payments.rates()
    return rates.get(_CURRENCIES.get(get_language() or "", "")) or next(iter(rates.values()), None)
