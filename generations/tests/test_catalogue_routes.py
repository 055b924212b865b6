"""Every setting of every form has a place in the order that each route's adapter sends."""

from io import BytesIO
from typing import Any

import pytest

from generations.catalogue.files import ModelFile, RoutePart
from generations.catalogue.input_schemas import ANY_ID
from generations.catalogue.offers import OfferedRoute
from generations.tests.fixtures import read_catalogue
from generations.tests.route_inputs import inputs_of, offered
from providers import registry
from providers.base import Submission, SubmittedFile

ROUTES = [(one, route) for one in read_catalogue() for route in one.routes]
NAMES = [f"{one.slug}-{route.provider}-{route.provider_model}" for one, route in ROUTES]
FILE = SubmittedFile(ANY_ID, "file", "image/png", 4, "https://site.example/files/1", lambda: BytesIO(b"data"))


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
