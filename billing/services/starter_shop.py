"""What a new installation sells until staff decide otherwise."""

from django.db import transaction

from billing.models import Package, TokenRate
from billing.services import products

_REASON = "First prices of a new installation"
# Slug, tokens, bonus tokens, whether recommended, price by currency in minor units.
_PACKAGES = (
    ("start", 200, 0, False, {"RUB": 500_00, "USD": 5_99, "EUR": 5_49}),
    ("base", 500, 25, True, {"RUB": 1250_00, "USD": 14_99, "EUR": 13_99}),
    ("studio", 1500, 150, False, {"RUB": 3600_00, "USD": 42_99, "EUR": 39_99}),
    ("team", 5000, 750, False, {"RUB": 11500_00, "USD": 137_99, "EUR": 127_99}),
)
# Currency, price of 1,000 tokens, smallest and largest payment.
_RATES = (
    ("RUB", 2500_00, 100_00, 100_000_00),
    ("USD", 29_99, 3_00, 2000_00),
    ("EUR", 27_99, 3_00, 2000_00),
)


@transaction.atomic
def load() -> bool:
    """Fill an empty shop. False when it has packages or prices already: then nothing is changed."""
    if Package.objects.exists() or TokenRate.objects.exists():
        return False
    for position, (slug, tokens, bonus_tokens, is_featured, prices) in enumerate(_PACKAGES):
        package = Package.objects.create(slug=slug, position=position, is_featured=is_featured)
        products.publish_package(
            package, tokens=tokens, bonus_tokens=bonus_tokens, prices=prices, reason=_REASON, by=None
        )
    for currency, per_thousand, minimum, maximum in _RATES:
        products.set_rate(
            currency=currency, per_thousand=per_thousand, minimum=minimum, maximum=maximum, reason=_REASON, by=None
        )
    return True
