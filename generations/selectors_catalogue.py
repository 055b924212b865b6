"""The catalogue as the API and the pages show it, in one language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from generations.catalogue import schemas
from generations.catalogue.terms import Part
from generations.services import catalogue, inputs, pricing
from generations.services.catalogue import Offer

PROVIDER_NAMES = {
    "kie": "Kie.ai",
    "piapi": "PiAPI",
    "goapi": "GoAPI",
    "suno": "Suno",
    "heygen": "HeyGen",
    "offline": "NeuralBox Demo",
}


def cards(*, modality: str = "", q: str = "") -> list[dict[str, Any]]:
    """Everything that can be ordered now, in the catalogue's order, in the language that is active."""
    language = _language()
    words = q.casefold().split()
    return [
        _card(offer, language)
        for offer in catalogue.all_offered()
        if (not modality or offer.modality == modality) and _mentions(offer, words)
    ]


def card(slug: str) -> dict[str, Any]:
    """One model. Raises UnknownModel, ModelUnavailable."""
    return _card(catalogue.offered(slug), _language())


def _language() -> str:
    return "ru" if get_language() == "ru" else "en"


def _mentions(offer: Offer, words: list[str]) -> bool:
    text = " ".join([offer.slug, *offer.name.values(), *offer.description.values()]).casefold()
    return all(word in text for word in words)


def _card(offer: Offer, language: str) -> dict[str, Any]:
    return {
        "slug": offer.slug,
        "name": offer.name[language],
        "modality": offer.modality,
        "description": offer.description[language],
        "input_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **schemas.in_language(offer.schema, language),
        },
        "pricing": _pricing(offer, language),
        "providers": [
            {"slug": slug, "name": PROVIDER_NAMES.get(slug, slug)}
            for slug in dict.fromkeys(route.provider for route in offer.routes)
        ],
        "typical_seconds": offer.typical_seconds,
        "deadline_seconds": offer.deadline_seconds,
        "examples": [
            {"title": example.title.in_language(language), "input": _localised(example.input, language)}
            for example in offer.examples
        ],
    }


def _localised(given: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Examples may give a text in both languages, as a table."""
    return {
        name: value[language] if isinstance(value, Mapping) and set(value) == {"ru", "en"} else value
        for name, value in given.items()
    }


def _pricing(offer: Offer, language: str) -> dict[str, Any]:
    """The rule in words, and the least that an order can cost."""
    least = _least(offer)
    summary = ngettext("from %(tokens)d token", "from %(tokens)d tokens", least) % {"tokens": least}
    rows = [_row(part, language) for part in offer.price_rule.parts]
    return {"summary": summary, "from_tokens": least, "rows": rows, "rounding": gettext("Rounded up once, at the end.")}


def _least(offer: Offer) -> int:
    """The price of the cheapest of the examples and the defaults."""
    found = []
    for example in offer.examples:
        try:
            complete = inputs.complete_without_uploads(offer, _localised(example.input, "en"))
            found.append(pricing.by_rule(offer.price_rule, complete, {}).tokens)
        except (pricing.NoPrice, KeyError):
            continue  # An example that needs an upload to be priced.
    return min(found, default=offer.price_rule.minimum)


def _row(part: Part, language: str) -> dict[str, Any]:
    amounts = [part.amount]
    for factor in part.by:
        amounts = [amount * value for amount in amounts for value in factor.values.values()]
    low, high = min(amounts), max(amounts)
    tokens = _plain(low) if low == high else f"{_plain(low)}–{_plain(high)}"
    return {"label": part.label.in_language(language), "tokens": tokens}


def _plain(value: Decimal) -> str:
    text = f"{value.normalize():f}"
    return text.replace(".", ",") if get_language() == "ru" else text
