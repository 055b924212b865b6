"""The catalogue as people and programs read it: the same dicts for pages and API, in one language.

Everything comes from the memory of `services.catalogue`. What is returned is shared: nobody may change it.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from generations.catalogue import input_schemas, offers, result_types
from generations.catalogue.files import example_input, listed_facts
from generations.catalogue.input_schemas import Schema
from generations.catalogue.offers import Offer
from generations.errors import ModelUnavailable
from generations.services import catalogue
from providers import registry

Card = Mapping[str, Any]

PROVIDER_NAMES = {
    "offline": gettext_lazy("This machine (demonstration)"),
    "kie": "Kie.ai",
    "piapi": "PiAPI",
    "goapi": "GoAPI",
    "suno": "Suno",
    "heygen": "HeyGen",
}


def cards(language: str = "", *, modalities: Collection[str] = (), query: str = "") -> list[Card]:
    """What can be ordered now, in the order of the catalogue.

    Of all `modalities` or only of those named; every word of `query` must occur in name, description or slug.
    Without `language`, that of the request.
    """
    words = query.casefold().split()
    spoken = _spoken(language)
    found = [_card(offer, spoken, catalogue.providers_of(offer)) for offer in catalogue.listed()]
    return [
        card
        for card in found
        if (not modalities or card["modality"] in modalities)
        and all(word in f"{card['slug']} {card['name']} {card['description']}".casefold() for word in words)
    ]


def card(slug: str, language: str = "") -> Card:
    """One model that can be ordered now. Raises UnknownModel, ModelUnavailable."""
    found = any_card(slug, language)
    if not found["is_available"]:
        raise ModelUnavailable
    return found


def any_card(slug: str, language: str = "") -> Card:
    """One model, also when it cannot be ordered now (`is_available` says so). Raises UnknownModel."""
    offer = catalogue.known(slug)
    return _card(offer, _spoken(language), catalogue.providers_of(offer))


def provider(slug: str) -> dict[str, str]:
    """Who receives a prompt that goes there, in the language of the request. Empty is what it does not say itself."""
    facts = registry.adapter(slug).facts
    return {
        "slug": slug,
        "name": str(PROVIDER_NAMES.get(slug, facts.name)),
        "company": facts.company,
        "country": facts.country,
        "privacy_policy": facts.privacy_policy,
    }


def _spoken(language: str) -> str:
    return "ru" if (language or get_language() or "ru").startswith("ru") else "en"


@lru_cache(maxsize=512)
def _card(offer: Offer, language: str, providers: tuple[str, ...]) -> Card:
    """With the form, prices and examples of what these providers take; of all of it where none is there."""
    form = offers.narrowed(offer, providers).schema
    with override(language):
        return {
            "slug": offer.slug,
            "name": offer.names[language],
            "modality": offer.modality,
            "tasks": list(offer.tasks),
            "description": offer.descriptions[language],
            "is_available": offer.is_enabled and bool(providers),
            "input_schema": {
                "$schema": input_schemas.DIALECT,
                **input_schemas.localized(form, language),
            },
            "pricing": _pricing(offer, form, language),
            "providers": [provider(slug) for slug in providers],
            "results": {
                "kind": offer.results.kind,
                "count": offer.results.count,
                "types": list(offer.results.types),
                "formats": result_types.names(offer.results.types),
            },
            "typical_seconds": offer.typical_seconds,
            "deadline_seconds": offer.deadline_seconds,
            "examples": [
                _example(one, language)
                for one in offer.examples
                if form is offer.schema or _is_possible(form, example_input(one, language))
            ],
        }


def _is_possible(form: Schema, given: Mapping[str, Any]) -> bool:
    """Whether the form takes these values, whatever it requires besides them."""
    validator = input_schemas.InputValidator(input_schemas.without_requirements(form))
    return bool(validator.is_valid(input_schemas.with_defaults(form, given)))


def _pricing(offer: Offer, form: Schema, language: str) -> dict[str, Any]:
    """The rows of the price list for what the form takes, computed by the rule that holds now."""
    rule = offer.price_rule
    listed = [row for row in rule.rows if form is offer.schema or _is_possible(form, row.input)] or rule.rows
    rows: list[dict[str, Any]] = [
        {
            "label": row.label.in_language(language),
            "tokens": rule.tokens(listed_facts(offer.schema, row)),
        }
        for row in listed
    ]
    lowest, highest = min(row["tokens"] for row in rows), max(row["tokens"] for row in rows)
    if lowest == highest:
        summary = ngettext("%(count)d token", "%(count)d tokens", lowest) % {"count": lowest}
    else:
        summary = ngettext("from %(count)d token", "from %(count)d tokens", lowest) % {"count": lowest}
    return {
        "summary": summary,
        "from_tokens": lowest,
        "rows": rows,
        "rounding": _("The price is rounded up once, to whole tokens; at least 1."),
    }


def _example(example: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {"title": example["title"][language], "input": example_input(example, language)}
