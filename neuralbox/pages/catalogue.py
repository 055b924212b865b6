"""The catalogue as pages show it: the representation that the API gives, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from generations import selectors_catalogue
from neuralbox.core.errors import DomainError
from neuralbox.pages import samples, wording

Card = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A modality as a chip or a heading."""

    code: str
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    kind: Kind
    models: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a model, for the table of limits."""

    name: str
    title: str
    description: str
    allowed: str
    default: str
    required: bool


def models() -> list[Card]:
    """Everything that can be ordered now, in the order of the catalogue."""
    return list(selectors_catalogue.cards())


def model(slug: str) -> Card:
    """One model that can be ordered. Raises Http404 for any other slug."""
    try:
        return selectors_catalogue.card(slug)
    except DomainError as refusal:
        raise Http404 from refusal


def kind(code: str) -> Kind:
    return Kind(code, str(wording.MODALITIES[code]), wording.MODALITY_ICONS[code])


def offered_modalities(cards: Sequence[Card]) -> list[Kind]:
    offered = {card["modality"] for card in cards}
    return [kind(code) for code in wording.MODALITIES if code in offered]


def by_modality(cards: Sequence[Card]) -> list[Group]:
    return [
        Group(offered, [card for card in cards if card["modality"] == offered.code])
        for offered in offered_modalities(cards)
    ]


def matching(cards: Sequence[Card], *, query: str, modality: str) -> list[Card]:
    """Cards of that kind whose name, description, slug or provider contains every word of the query."""
    words = query.casefold().split()

    def text(card: Card) -> str:
        providers = " ".join(provider["name"] for provider in card["providers"])
        return f"{card['name']} {card['description']} {card['slug']} {providers}".casefold()

    return [
        card
        for card in cards
        if (not modality or card["modality"] == modality) and all(word in text(card) for word in words)
    ]


def cheapest_by_modality(cards: Sequence[Card]) -> list[tuple[Kind, Card]]:
    """For each kind the model with the lowest price."""
    return [
        (group.kind, min(group.models, key=lambda card: card["pricing"]["from_tokens"])) for group in by_modality(cards)
    ]


def fields(card: Card) -> list[Field]:
    """The inputs of a model in the order of its form."""
    schema = card["input_schema"]
    required = set(schema.get("required", ()))
    return [
        Field(
            name=name,
            title=field.get("title", name),
            description=field.get("description", ""),
            allowed=_allowed(field),
            default=_default(field),
            required=name in required,
        )
        for name, field in sorted(schema["properties"].items(), key=lambda item: item[1].get("x-order", 1000))
        if field.get("type") != "object" or "upload" in field.get("properties", {})
    ]


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(field.get("x-labels", {}).get(str(value), value))


def _allowed(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        labels = field.get("x-labels", {})
        return ", ".join(str(labels.get(str(value), value)) for value in field["enum"])
    if "minimum" in field and "maximum" in field:
        return f"{field['minimum']}–{field['maximum']}"
    if "maxLength" in field:
        return f"≤ {field['maxLength']}"
    return ""


def spoken_examples(card: Card) -> list[dict[str, str]]:
    """Title and words of each example, in the order that `?example=` counts."""
    return [
        {"title": example["title"], "words": example["input"].get("prompt") or example["input"].get("script", "")}
        for example in card["examples"]
    ]


def code_samples(card: Card, *, site_url: str) -> list[samples.Sample]:
    """The same call in three languages, with the input of the model's first example."""
    example = card["examples"][0]["input"] if card["examples"] else {}
    return samples.of(card["slug"], example, site_url=site_url)
