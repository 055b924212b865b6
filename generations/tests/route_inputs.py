"""Inputs that a route takes: the examples of its model, and each value of each field in the company it needs."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from generations.catalogue import input_schemas, price_coverage
from generations.catalogue.files import ModelFile, RoutePart, example_input
from generations.catalogue.offers import OfferedRoute
from neuralbox.core import ids


def offered(route: RoutePart) -> OfferedRoute:
    return OfferedRoute(
        ids.new(), route.provider, route.provider_model, route.priority, None, route.currency, dict(route.input_limits)
    )


def is_allowed(one: ModelFile, route: OfferedRoute, full: dict[str, Any]) -> bool:
    return (
        input_schemas.satisfies_conditions(one.input, full)
        and {*one.input.get("required", ()), *input_schemas.needed(one.input, full)} <= set(full)
        and route.takes(full)
    )


def completed(one: ModelFile, route: OfferedRoute, given: dict[str, Any]) -> dict[str, Any]:
    """The input as it is accepted, with a file in every place that the route wants one."""
    names = route.input_limits.get("required", ())
    full = input_schemas.with_defaults(one.input, input_schemas.with_references(one.input, given, names))
    for name, change in route.input_limits.get("properties", {}).items():
        if change and "enum" in change and name in full and name not in given:
            full[name] = change["enum"][0]
    return full


def values_of(field: dict[str, Any]) -> list[Any]:
    return [value for value, _file in price_coverage.values(field)]


def inputs_of(one: ModelFile, route: OfferedRoute) -> Iterator[dict[str, Any]]:
    """Accepted inputs that the route takes: the examples, and each value of each field in the company it needs."""
    examples = [
        example_input(example.model_dump(mode="json"), language)
        for example in one.examples
        for language in ("ru", "en")
    ]
    properties = {name: field for name, field in one.input["properties"].items() if not field.get("x-local-only")}
    companies = [{}, *({name: value} for name, field in properties.items() for value in values_of(field)[:2])]
    for example in examples:
        full = completed(one, route, example)
        if is_allowed(one, route, full):
            yield full
    for name, field in properties.items():
        for value in values_of(field):
            tried = (
                without_forbidden(one, completed(one, route, {**example, **company, name: value}), keep=name)
                for example in examples
                for company in companies
            )
            yield from islice((full for full in tried if is_allowed(one, route, full)), 1)


def without_forbidden(one: ModelFile, full: dict[str, Any], *, keep: str) -> dict[str, Any]:
    effects = (input_schemas.effect(rule, full).get("properties", {}) for rule in one.input.get("allOf", ()))
    forbidden = {name for effect in effects for name, change in effect.items() if change is False} - {keep}
    return {name: value for name, value in full.items() if name not in forbidden}
