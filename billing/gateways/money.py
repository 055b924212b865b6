"""An exact sum: a whole number of the currency's minor unit (kopecks, cents, yen), with the currency."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# ISO 4217, list one: currencies whose minor unit is not a hundredth.
_WHOLE = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_MOST_DIGITS = 18


def exponent(currency: str) -> int:
    """How many decimals the currency has."""
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`, whose code is in upper case."""

    minor: int
    currency: str

    @classmethod
    def of(cls, value: Decimal | str | int, currency: str) -> "Money":
        """From main units, `Money.of("123.450000", "RUB")`. Raises ValueError when it is not an exact sum of money."""
        currency = currency.upper()
        try:
            scaled = Decimal(value).scaleb(exponent(currency))
            if scaled.adjusted() >= _MOST_DIGITS:
                raise ValueError("more than there is")
            minor = int(scaled)
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise ValueError(f"{value!r} is not a sum of money") from error
        if minor != scaled:
            raise ValueError(f"{value!r} has more decimals than {currency}")
        return cls(minor, currency)

    @property
    def value(self) -> Decimal:
        """In main units, with the currency's decimals: `Decimal("123.45")`."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.value} {self.currency}"
