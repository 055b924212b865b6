"""What an accepted input costs: the user in tokens, us in the provider's currency."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from generations.catalogue import input_schemas
from generations.catalogue.offers import Offer, OfferedRoute
from generations.catalogue.price_rules import Facts, PriceRule, Text, cost, filled_label
from generations.services.inputs import AcceptedInput

OTHER = Text(ru="Генерация", en="Generation")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price, named in both languages."""

    label_ru: str
    label_en: str
    tokens: int

    def stored(self) -> dict[str, Any]:
        return {"label_ru": self.label_ru, "label_en": self.label_en, "tokens": self.tokens}


@dataclass(frozen=True, slots=True)
class Price:
    """Whole tokens, at least one."""

    tokens: int
    _offer: Offer
    _facts: Facts

    @property
    def breakdown(self) -> tuple[Line, ...]:
        """The lines of the price, which add up to it. Worked out when asked for: most orders do not."""
        return tuple(_breakdown(self._offer, self._offer.price_rule, self._facts, self.tokens))


def price(offer: Offer, accepted: AcceptedInput) -> Price:
    """What the offer asks for this input. Every accepted input has a price (see `price_coverage`)."""
    return Price(offer.price_rule.tokens(accepted.facts), offer, accepted.facts)


def provider_cost(route: OfferedRoute, accepted: AcceptedInput) -> Decimal | None:
    """What the route's provider is expected to charge us, in `route.cost_currency`; None when that is not known."""
    return cost(route.cost_rule, accepted.facts) if route.cost_rule is not None else None


def _breakdown(offer: Offer, rule: PriceRule, facts: Facts, tokens: int) -> list[Line]:
    """The exact lines in whole tokens: each rounded down, and what that left given to those who lost most.

    What the minimum adds stands on the last line.
    """
    exact = rule.lines(facts) or [(None, Fraction(0))]
    whole = [int(amount // 1) for _label, amount in exact]
    most_lost = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place][1])
    rounded_up = -(-sum((amount for _label, amount in exact), Fraction(0)) // 1)
    for place in most_lost[: rounded_up - sum(whole)]:
        whole[place] += 1
    whole[-1] += tokens - sum(whole)
    shown = {language: _shown(offer, facts, language) for language in input_schemas.LANGUAGES}
    return [
        Line(
            label_ru=filled_label((label or OTHER).ru, shown["ru"]),
            label_en=filled_label((label or OTHER).en, shown["en"]),
            tokens=amount,
        )
        for (label, _exact), amount in zip(exact, whole, strict=True)
        if amount
    ]


def _shown(offer: Offer, facts: Facts, language: str) -> dict[str, str]:
    """How the values of the input are shown, for the labels of the breakdown."""
    properties = offer.schema["properties"]
    return {
        name: input_schemas.shown_value(properties[name], value, language)
        for name, value in facts.input.items()
        if name in properties and isinstance(value, str | int | float) and len(str(value)) <= 40
    }
