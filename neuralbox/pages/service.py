"""How the service does, as its page shows it: the figures of `GET /status` beside what they are of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generations.api import status
from neuralbox.pages import catalogue
from neuralbox.pages.catalogue import Card, Kind


@dataclass(frozen=True, slots=True)
class Figures:
    """`success` in per cent, waits in whole seconds; None where too little was done to tell."""

    success: int | None
    typical: int | None
    long: int | None


@dataclass(frozen=True, slots=True)
class Provider:
    """`state` is ok, degraded or out."""

    slug: str
    name: str
    state: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Group:
    """The models of one kind, each with its figures of the last day."""

    kind: Kind
    models: Sequence[tuple[Card, Figures]]


@dataclass(frozen=True, slots=True)
class Service:
    """`is_well`: nobody is out, and nothing fails unusually often."""

    is_well: bool
    providers: Sequence[Provider]
    groups: Sequence[Group]


def now() -> Service:
    """The present state, half a minute old at most."""
    current = status.current()
    of_models = {row["slug"]: _figures(row) for row in current["models"]}
    groups = [
        Group(group.kind, [(card, of_models[card["slug"]]) for card in group.models if card["slug"] in of_models])
        for group in catalogue.by_modality(catalogue.models())
    ]
    providers = [Provider(row["slug"], row["name"], row["state"], _figures(row)) for row in current["providers"]]
    return Service(current["status"] == "ok", providers, groups)


def _figures(row: Mapping[str, Any]) -> Figures:
    rate = row["success_rate"]
    return Figures(
        success=None if rate is None else round(100 * rate),
        typical=_whole(row["typical_seconds"]),
        long=_whole(row["long_seconds"]),
    )


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds))
