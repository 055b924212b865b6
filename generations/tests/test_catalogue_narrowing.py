"""Where only some of a model's providers are connected, forms, prices and refusals are of what these take."""

import pytest

from generations import selectors_catalogue
from generations.catalogue import input_schemas, narrowing
from generations.services import catalogue, inputs
from generations.tests import roads
from generations.tests.fixtures import read_catalogue
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput

ENTRIES = {one.slug: one for one in read_catalogue()}
FIELDS = {
    "size": {"type": "string", "enum": ["a", "b", "c"], "default": "a", "x-labels_en": {"a": "A", "b": "B", "c": "C"}},
    "length": {"type": "integer", "minimum": 1, "maximum": 15, "default": 10},
    "sound": {"type": "boolean", "default": True},
    "images": {"type": "array", "maxItems": 9},
}
FORM = {"type": "object", "properties": FIELDS, "required": ["size"]}
EVERYTHING = {}


def field(name, *limits):
    return narrowing.narrowed(FORM, [{"properties": {name: limit}} for limit in limits])["properties"].get(name)


def test_a_route_that_takes_everything_leaves_the_form_as_it_is():
    assert narrowing.narrowed(FORM, [EVERYTHING]) is FORM
    assert narrowing.narrowed(FORM, [{"properties": {"size": {"enum": ["a"]}, "images": False}}, EVERYTHING]) is FORM


def test_a_choice_keeps_what_any_route_takes_with_its_labels_and_a_default_that_is_left():
    assert field("size", {"enum": ["c"]}, {"enum": ["b"]}) == {
        "type": "string",
        "enum": ["b", "c"],
        "default": "b",
        "x-labels_en": {"b": "B", "c": "C"},
    }
    assert field("size", {"enum": ["c"]}, False)["enum"] == ["c"]


def test_a_number_keeps_the_widest_bounds_and_a_default_within_them():
    assert field("length", {"maximum": 5}, {"maximum": 8}) == {**FIELDS["length"], "maximum": 8, "default": 8}
    assert field("length", {"enum": [10, 5]})["enum"] == [10, 5]


def test_a_switch_that_goes_one_way_only_says_so():
    assert field("sound", {"enum": [False]}) == {"type": "boolean", "default": False, "enum": [False]}
    assert field("sound", {"enum": [False]}, {"enum": [True]}) == FIELDS["sound"]


def test_what_no_route_takes_is_gone_and_what_all_need_is_required():
    assert field("images", False, False) is None
    assert field("images", False, {"maxItems": 2})["maxItems"] == 2
    assert narrowing.narrowed(FORM, [{"required": ["images"]}] * 2)["required"] == ["size", "images"]
    assert narrowing.narrowed(FORM, [{"required": ["images"]}, EVERYTHING]) is FORM


@pytest.mark.parametrize("slug", ENTRIES)
def test_each_provider_alone_leaves_a_whole_form(slug):
    one = ENTRIES[slug]
    for provider in {route.provider for route in one.routes}:
        limits = [route.input_limits for route in one.routes if route.provider == provider]
        form = narrowing.narrowed(one.input, limits)
        assert set(one.input.get("required", ())) <= set(form["properties"])
        for name, left in form["properties"].items():
            assert left.get("enum", ["any"]), name
            if "default" in left:
                assert input_schemas.InputValidator(left).is_valid(left["default"]), name


@pytest.fixture
def two_alone(db, offered, settings):
    """Kling 3.0 where PiAPI alone is connected: it makes no 4K. PiAPI's Veo neither has references nor translates."""
    roads.only(settings, "piapi")
    settings.PIAPI_API_KEY, settings.PIAPI_BASE_URL = "a-key", "https://piapi.example"
    offered("kling-3-0", "veo-3-1")


def refusal(model, **given):
    with pytest.raises(InvalidInput) as caught:
        inputs.accept(catalogue.offered(model), given, user_id=ids.new())
    (error,) = caught.value.errors
    return error


def test_the_form_and_the_prices_show_what_is_offered_here_only(two_alone, settings):
    properties = selectors_catalogue.card("kling-3-0", "en")["input_schema"]["properties"]
    assert "4k" not in properties["resolution"]["enum"]
    assert "4k" not in properties["resolution"]["x-labels"]
    assert "images" not in selectors_catalogue.card("veo-3-1", "en")["input_schema"]["properties"]
    labels = [row["label"] for row in selectors_catalogue.card("veo-3-1", "en")["pricing"]["rows"]]
    assert labels == ["720p, up to 8 s", "1080p, up to 8 s"]
    settings.KIE_API_KEY = settings.KIE_BASE_URL = settings.KIE_UPLOAD_BASE_URL = "https://kie.example"
    assert "images" in selectors_catalogue.card("veo-3-1", "en")["input_schema"]["properties"]


def test_what_only_others_offer_is_refused_with_what_is_allowed(two_alone):
    error = refusal("veo-3-1", prompt="A boat", resolution="4k")
    assert (error.pointer, error.code, error.allowed) == ("/input/resolution", "not_offered_here", ["720p", "1080p"])
    error = refusal("veo-3-1", prompt="A boat", images=[{"upload": str(ids.new())}])
    assert (error.pointer, error.code) == ("/input/images", "not_offered_here")
    assert "images" not in error.allowed
    error = refusal("veo-3-1", prompt="A boat", resolution="8k")
    assert (error.code, error.allowed) == ("not_allowed", ["720p", "1080p"])


def test_defaults_are_what_is_offered_here(two_alone):
    taken = inputs.accept(catalogue.offered("veo-3-1"), {"prompt": "A boat"}, user_id=ids.new())
    assert taken.input["translate_prompt"] is False


def test_narrowing_costs_no_query(two_alone, django_assert_num_queries):
    catalogue.offered("veo-3-1")
    with django_assert_num_queries(0):
        inputs.accept(catalogue.offered("veo-3-1"), {"prompt": "A boat"}, user_id=ids.new())
        selectors_catalogue.card("veo-3-1", "en")
