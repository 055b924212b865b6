"""Every setting of every form has a place in the order that each route's adapter sends."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

import pytest

from generations.catalogue import input_schemas, price_coverage
from generations.catalogue.files import ModelFile, RoutePart, example_input
from generations.catalogue.input_schemas import ANY_ID
from generations.catalogue.offers import OfferedRoute
from generations.tests.fixtures import read_catalogue
from neuralbox.core import ids
from providers import registry
from providers.base import Submission, SubmittedFile

ROUTES = [(one, route) for one in read_catalogue() for route in one.routes]
NAMES = [f"{one.slug}-{route.provider}-{route.provider_model}" for one, route in ROUTES]
FILE = SubmittedFile(ANY_ID, "file", "image/png", 4, "https://site.example/files/1", lambda: BytesIO(b"data"))


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


def sent(route: OfferedRoute, full: dict[str, Any]) -> dict[str, Any]:
    """As it goes out: an earlier result is named by what its provider calls it."""
    given = route.sent(full)
    if "source_task" in given:
        given["source_task"] = {"task": "music:1", "output": "song-1"}
    return given


def placed_by(one: ModelFile, route: RoutePart) -> set[str]:
    """Have the adapter build an order for each input of the route. Returns the settings that had a place in some."""
    adapter, offer = registry.adapter(route.provider), offered(route)
    known = adapter.models[route.provider_model].inputs
    placed: set[str] = set()
    for full in inputs_of(one, offer):
        given = sent(offer, full)
        assert set(given) <= known, route.provider_model
        order = Submission("reference", route.provider_model, given, {ANY_ID: FILE}, "https://site.example/hook")
        assert adapter.build(order)
        placed |= set(given) | (set(full) - set(given))
    assert placed, f"nothing can be ordered by {route.provider_model}"
    return placed


@pytest.mark.parametrize("one", read_catalogue(), ids=lambda one: one.slug)
def test_every_setting_has_a_place_in_every_order_that_it_may_go_into(one):
    placed = set().union(*(placed_by(one, route) for route in one.routes))
    assert placed >= {name for name, field in one.input["properties"].items() if not field.get("x-local-only")}


@pytest.mark.parametrize(("one", "route"), ROUTES, ids=NAMES)
def test_a_route_makes_the_kind_of_result_that_the_model_promises(one, route):
    assert registry.adapter(route.provider).models[route.provider_model].kind == one.results.kind
