"""The catalogue as pages show it: the representation that the API gives, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import Http404
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from generations import selectors_catalogue, selectors_status
from generations.catalogue import tasks
from neuralbox.core.errors import DomainError
from neuralbox.pages import samples, wording

Card = Mapping[str, Any]
UNDIVIDED = 6
PRICE_LIMITS = (2, 5, 20, 60)
WAITS_KEY = "pages:waits"
WAITS_KEPT_SECONDS = 60
MIB = 1024 * 1024
FILE_TYPES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "audio/mpeg": "MP3",
    "audio/wav": "WAV",
    "audio/aac": "AAC",
    "audio/mp4": "M4A",
    "audio/ogg": "OGG",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A modality as a chip or a heading."""

    code: str
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class Part:
    """The models of a kind that serve one task first."""

    code: str
    name: str
    models: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Group:
    kind: Kind
    models: Sequence[Card]

    @property
    def parts(self) -> list[Part]:
        """By their first task, in the order of tasks. A few models are one part without a name."""
        if len(self.models) <= UNDIVIDED:
            return [Part("", "", self.models)]
        return [
            Part(task, str(tasks.NAMES[task]), [card for card in self.models if card["tasks"][0] == task])
            for task in tasks.TASKS
            if any(card["tasks"][0] == task for card in self.models)
        ]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. Empty filters let everything through."""

    query: str = ""
    modality: str = ""
    task: str = ""
    provider: str = ""
    price: str = ""

    @property
    def most_tokens(self) -> int | None:
        return int(self.price) if self.price in {str(limit) for limit in PRICE_LIMITS} else None

    @property
    def narrows(self) -> bool:
        """Whether anything but the kind is filtered."""
        return bool(self.query or self.task or self.provider or self.most_tokens)


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


def matching(cards: Sequence[Card], wanted: Wanted) -> list[Card]:
    """Cards that pass every filter. Each word of the query is in name, purpose, description, slug or provider."""
    words = wanted.query.casefold().split()
    most = wanted.most_tokens
    return [
        card
        for card in cards
        if (not wanted.modality or card["modality"] == wanted.modality)
        and (not wanted.task or wanted.task in card["tasks"])
        and (not wanted.provider or wanted.provider in {provider["slug"] for provider in card["providers"]})
        and (most is None or card["pricing"]["from_tokens"] <= most)
        and all(word in searchable(card) for word in words)
    ]


def searchable(card: Card) -> str:
    """What a search looks at."""
    providers = " ".join(provider["name"] for provider in card["providers"])
    purposes = " ".join(str(tasks.NAMES[task]) for task in card["tasks"])
    return f"{card['name']} {purposes} {card['description']} {card['slug']} {providers}".casefold()


def task_options(cards: Iterable[Card]) -> list[Option]:
    offered = {task for card in cards for task in card["tasks"]}
    return [Option(task, str(tasks.NAMES[task])) for task in tasks.TASKS if task in offered]


def provider_options(cards: Iterable[Card]) -> list[Option]:
    names = {provider["slug"]: provider["name"] for card in cards for provider in card["providers"]}
    return [Option(slug, name) for slug, name in sorted(names.items(), key=lambda item: item[1])]


def price_options() -> list[Option]:
    return [
        Option(str(limit), ngettext("up to %(count)d token", "up to %(count)d tokens", limit) % {"count": limit})
        for limit in PRICE_LIMITS
    ]


def brief(card: Card) -> dict[str, Any]:
    """What a picker shows of a model; its form is fetched when it is chosen."""
    return {
        **{name: card[name] for name in ("slug", "name", "modality", "tasks", "description", "typical_seconds")},
        "pricing": {name: card["pricing"][name] for name in ("summary", "from_tokens")},
        "providers": [provider["slug"] for provider in card["providers"]],
        "takes": _takes(card),
    }


def _takes(card: Card) -> list[str]:
    """The kinds of files that the form has a place for."""
    fields = card["input_schema"]["properties"].values()
    return sorted({kind for field in fields for kind in (field.get("items", field).get("x-accept") or ())})


def ideas(cards: Sequence[Card], most: int) -> list[dict[str, Any]]:
    """An example with words of each kind, for whoever does not know where to begin."""
    found = []
    for group in by_modality(cards):
        spoken = (
            (card, place, one["words"]) for card in group.models for place, one in enumerate(spoken_examples(card))
        )
        first = next((idea for idea in spoken if idea[2]), None)
        if first:
            card, place, words = first
            found.append({"slug": card["slug"], "modality": card["modality"], "example": place, "words": words})
    return found[:most]


def provider_names(cards: Sequence[Card]) -> dict[str, str]:
    return {option.value: option.name for option in provider_options(cards)}


def who(card: Card) -> list[dict[str, str]]:
    """Who may receive the prompt, in the order in which they are asked, with the country in words."""
    return [{**one, "country": str(wording.COUNTRIES.get(one["country"], ""))} for one in card["providers"]]


def measured_seconds(slug: str) -> int | None:
    """How long the model usually takes, from our own jobs of the last day; None when they are too few."""
    figures = waits().get(slug)
    return round(figures) if figures else None


def waits() -> Mapping[str, float]:
    """The same for all models that have enough jobs. Counted once a minute."""
    try:
        found: Mapping[str, float] = cache.get_or_set(WAITS_KEY, _count_waits, WAITS_KEPT_SECONDS) or {}
    except RedisError:
        return {}
    return found


def _count_waits() -> dict[str, float]:
    figures = selectors_status.models().items()
    return {slug: one["typical_seconds"] for slug, one in figures if one["typical_seconds"] is not None}


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
        if field.get("type") != "object" or set(field.get("properties", {})) & {"upload", "asset"}
    ]


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(field.get("x-labels", {}).get(str(value), value))


def _allowed(field: Mapping[str, Any]) -> str:
    if file := _allowed_files(field):
        return file
    if field.get("type") == "array":
        return _("%(least)s to %(most)s rows") % {"least": field.get("minItems", 0), "most": field["maxItems"]}
    if "x-choices" in field:
        return _("from the provider's list")
    if "enum" in field:
        labels = field.get("x-labels", {})
        return ", ".join(str(labels.get(str(value), value)) for value in field["enum"])
    if "minimum" in field and "maximum" in field:
        return f"{field['minimum']}–{field['maximum']}"
    if "maxLength" in field and "upload" not in field.get("properties", {}):
        length = field["maxLength"]
        return ngettext("up to %(count)s character", "up to %(count)s characters", length) % {
            "count": number_format(length, force_grouping=True)
        }
    return ""


def _allowed_files(field: Mapping[str, Any]) -> str:
    """Types, size and number of the files that the field takes; empty when it takes none."""
    file = field.get("items", field)
    if "x-accept-types" not in file:
        return ""
    names = ", ".join(FILE_TYPES.get(mime, mime) for mime in file["x-accept-types"])
    said = [names, _("up to %(count)d MB") % {"count": file["x-max-bytes"] // MIB}]
    if "x-max-seconds" in file:
        limits = {"least": file.get("x-min-seconds", 0), "most": file["x-max-seconds"]}
        said.append(_("%(least)s to %(most)s s") % limits)
    if field.get("maxItems", 1) > 1:
        said.append(
            ngettext("at most %(count)d file", "at most %(count)d files", field["maxItems"])
            % {"count": field["maxItems"]}
        )
    return ", ".join(said)


def spoken_examples(card: Card) -> list[dict[str, str]]:
    """Title and words of each example, in the order that `?example=` counts."""
    return [{"title": example["title"], "words": _words_of(example["input"])} for example in card["examples"]]


def _words_of(given: Mapping[str, Any]) -> str:
    if "dialogue" in given:
        return " — ".join(str(line["text"]) for line in given["dialogue"])
    return next((str(given[name]) for name in ("prompt", "script", "lyrics", "style") if name in given), "")


def code_samples(card: Card, *, site_url: str) -> list[samples.Sample]:
    """The same call in three languages, with the input of the model's first example."""
    example = card["examples"][0]["input"] if card["examples"] else {}
    return samples.of(card["slug"], example, site_url=site_url)
