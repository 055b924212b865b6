"""What can be ordered now, as code works with it: the terms of a model, read once, with everything compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from jsonschema.protocols import Validator

from generations.catalogue import input_schemas, narrowing, result_types
from generations.catalogue.input_schemas import InputValidator, Schema
from generations.catalogue.price_rules import PriceRule, cost_rule
from generations.models import Model, ModelVersion, Route


@dataclass(frozen=True, slots=True)
class Results:
    """What a generation of the model brings: files of `kind`, each of one of the `types` and of at most `limit_bytes`.

    How many: `count`, or what the field `count_field` of the input says.
    """

    kind: str
    count: int
    limit_bytes: int
    count_field: str = ""
    types: tuple[str, ...] = ()

    def promised(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        """The media types that a result of this input may have: the one that it asks for, or any that is promised."""
        wanted = result_types.asked(given)
        return (wanted,) if wanted in self.types else self.types

    def expected(self, given: Mapping[str, Any]) -> int:
        """How many results this input orders; at least one."""
        wanted = given.get(self.count_field, self.count) if self.count_field else self.count
        return max(int(wanted), 1)


@dataclass(frozen=True, slots=True)
class OfferedRoute:
    """One provider's offer that is in use. `cost_rule` is an amount of `price_rules` in `cost_currency`, or None.

    `input_limits` says which inputs of the model this provider serves; an empty one means all of them.
    """

    id: UUID
    provider: str
    provider_model: str
    priority: int
    cost_rule: Any
    cost_currency: str
    input_limits: Mapping[str, Any]

    def takes(self, given: Mapping[str, Any]) -> bool:
        """Whether the provider offers everything that the accepted input asks for."""
        return input_schemas.takes(self.input_limits, given)

    def refused_fields(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        """The fields that keep the provider from taking the input."""
        limits = self.input_limits.get("properties", {})
        beyond = [
            name for name, change in limits.items() if not input_schemas.takes({"properties": {name: change}}, given)
        ]
        return (*beyond, *(name for name in self.input_limits.get("required", ()) if name not in given))

    def sent(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What of the accepted input goes to the provider: what it allows one value of, it does anyway."""
        changes = self.input_limits.get("properties", {})
        fixed = {name for name, change in changes.items() if change is not False and len(change.get("enum", ())) == 1}
        return {name: value for name, value in given.items() if name not in fixed}


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A model with the terms of one version. Shared between threads: nothing in it may be changed.

    Compared by identity: what was computed for an offer may be kept with it.
    """

    model_id: UUID
    version_id: UUID
    slug: str
    modality: str
    tasks: tuple[str, ...]
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    position: int
    is_enabled: bool
    is_local_only: bool
    results: Results
    typical_seconds: int
    deadline_seconds: int
    routes: tuple[OfferedRoute, ...]
    schema: Schema
    price_rule: PriceRule
    examples: tuple[Mapping[str, Any], ...]
    checked_on: date | None
    validator: Validator = field(repr=False)


def compiled(model: Model, version: ModelVersion, routes: list[Route], *, local: bool) -> Offer:
    """An offer from its rows, unchecked: only what passed the checks of `files` is ever stored."""
    schema = input_schemas.for_mode(version.input_schema, local=local)
    return Offer(
        model_id=model.pk,
        version_id=version.pk,
        slug=model.slug,
        modality=model.modality,
        tasks=tuple(model.tasks),
        names={"ru": model.name_ru, "en": model.name_en},
        descriptions={"ru": model.description_ru, "en": model.description_en},
        position=model.position,
        is_enabled=model.is_enabled,
        is_local_only=model.is_local_only,
        results=results_of(version.results),
        typical_seconds=version.typical_seconds,
        deadline_seconds=version.deadline_seconds,
        routes=tuple(_route(route) for route in routes if route.is_enabled),
        schema=schema,
        price_rule=PriceRule.model_validate(version.price_rule),
        examples=tuple(version.examples),
        checked_on=model.checked_on,
        validator=InputValidator(schema),
    )


@lru_cache(maxsize=512)
def narrowed(offer: Offer, providers: tuple[str, ...]) -> Offer:
    """The offer with a form of what these providers take of it; itself when that is all. Unchanged without any."""
    limits = [route.input_limits for route in offer.routes if route.provider in providers]
    schema = narrowing.narrowed(offer.schema, limits) if limits else offer.schema
    return offer if schema is offer.schema else replace(offer, schema=schema, validator=InputValidator(schema))


def results_of(stored: Mapping[str, Any]) -> Results:
    """Versions of before types were promised have the usual ones of their kind."""
    return Results(**{**stored, "types": tuple(stored.get("types") or result_types.USUAL[stored["kind"]])})


def _route(route: Route) -> OfferedRoute:
    return OfferedRoute(
        id=route.pk,
        provider=route.provider,
        provider_model=route.provider_model,
        priority=route.priority,
        cost_rule=cost_rule(route.cost_rule),
        cost_currency=route.cost_currency,
        input_limits=route.input_limits,
    )
