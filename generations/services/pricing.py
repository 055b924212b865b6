"""What an order costs, in tokens. Exact to the end, rounded up once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.utils.translation import get_language

from generations.catalogue.terms import Factor, Part, PriceRule, Quantity, Text
from generations.models import Upload
from generations.services.catalogue import Offer
from generations.services.inputs import AcceptedInput


class NoPrice(Exception):
    """The rule does not cover a combination that the form allows: a fault of the catalogue, found by its tests."""


@dataclass(frozen=True, slots=True)
class PricePart:
    label: Text
    tokens: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """`tokens` is what is held; the parts add up to it before rounding up."""

    tokens: int
    parts: tuple[PricePart, ...]

    @property
    def breakdown(self) -> list[dict[str, Any]]:
        """For storage: the labels in both languages."""
        return [{"label": part.label.model_dump(), "tokens": str(part.tokens.normalize())} for part in self.parts]


def price(offer: Offer, accepted: AcceptedInput) -> Price:
    """The price of an accepted input under these terms. Raises NoPrice."""
    uploads = {str(upload.pk): upload for upload in accepted.uploads}
    return by_rule(offer.price_rule, accepted.input, uploads)


def by_rule(rule: PriceRule, given: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Price:
    """Evaluate a rule over an input and the measured uploads in it. Raises NoPrice."""
    parts = tuple(PricePart(part.label, _amount(part, given, uploads)) for part in rule.parts if _applies(part, given))
    exact = sum((part.tokens for part in parts), Decimal(0))
    tokens = max(rule.minimum, int(exact.to_integral_value(ROUND_CEILING)))
    return Price(tokens, parts)


def shown_breakdown(stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A stored breakdown in the reader's language."""
    language = "ru" if get_language() == "ru" else "en"
    return [{"label": row["label"][language], "tokens": float(row["tokens"])} for row in stored]


def _applies(part: Part, given: Mapping[str, Any]) -> bool:
    return all(given.get(name) == value for name, value in part.when.items())


def _amount(part: Part, given: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Decimal:
    amount = part.amount
    for quantity in part.per:
        amount *= _measured(quantity, given, uploads)
    for factor in part.by:
        amount *= _factor(factor, given)
    return amount


def _factor(factor: Factor, given: Mapping[str, Any]) -> Decimal:
    choice = given.get(factor.field)
    name = str(choice).lower() if isinstance(choice, bool) else str(choice)
    if name not in factor.values:
        raise NoPrice(f"{factor.field} = {name}")
    return factor.values[name]


def _measured(quantity: Quantity, given: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Decimal:
    value = given.get(quantity.field)
    if value is None:
        raise NoPrice(quantity.field)
    match quantity.measure:
        case "value":
            number = Decimal(str(value))
        case "characters":
            number = Decimal(len(value))
        case "seconds":
            number = Decimal(str(uploads[value["upload"]].seconds or 0))
        case "megapixels":
            upload = uploads[value["upload"]]
            number = Decimal((upload.width or 0) * (upload.height or 0)) / 1_000_000
    units = number / quantity.step
    return units.to_integral_value(ROUND_CEILING) if quantity.whole else units
