"""The catalogue's files: complete in both languages, priced for whatever their forms allow, and checked when read."""

import copy
import tomllib
from decimal import Decimal
from fractions import Fraction

import pytest

from generations.catalogue import files, input_schemas, offers, price_coverage
from generations.catalogue.files import InvalidFile
from generations.catalogue.price_rules import Facts, cost
from generations.media import types
from generations.tests.fixtures import read_catalogue

ENTRIES = {one.slug: one for one in read_catalogue()}
DEMOS = ["demo-avatar", "demo-image", "demo-image-edit", "demo-music", "demo-speech", "demo-text", "demo-video"]


def parsed(slug="demo-image"):
    path = files.FOLDER / f"{slug}.toml"
    return copy.deepcopy(tomllib.loads(path.read_text("utf-8")))


def checked(file):
    return files.checked("a.toml", file, files.read_shared())


def test_the_demonstration_has_a_model_of_every_kind():
    assert set(DEMOS) <= set(ENTRIES)
    assert {ENTRIES[slug].modality for slug in DEMOS} == {"image", "video", "music", "speech", "avatar", "text"}


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_combination_that_the_form_allows_has_a_price(slug):
    one = ENTRIES[slug]
    priced = [one.price.tokens(facts) for facts in price_coverage.combinations(one.input, one.price.fields())]
    assert priced
    assert min(priced) >= 1


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_text_is_there_in_both_languages(slug):
    one = ENTRIES[slug]
    names = [one.name] if one.name.ru != one.name.en else []  # A brand is called the same in both.
    for text in (*names, one.description, *(example.title for example in one.examples)):
        assert text.ru != text.en
        assert any("а" <= letter <= "я" for letter in text.ru.lower())
        assert not any("а" <= letter <= "я" for letter in text.en.lower())
    for language in input_schemas.LANGUAGES:
        for field in input_schemas.localized(one.input, language)["properties"].values():
            assert field["title"]


@pytest.mark.parametrize("slug", ENTRIES)
def test_the_schema_shown_to_one_reader_has_no_other_language(slug):
    shown = str(input_schemas.localized(ENTRIES[slug].input, "ru"))
    assert "_en'" not in shown
    assert "_ru'" not in shown


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_model_promises_types_of_its_kind(slug):
    results = ENTRIES[slug].results
    assert results.promised
    assert {types.BY_MIME[mime].kind for mime in results.promised} == {results.kind}


@pytest.mark.parametrize(
    ("slug", "given", "promised"),
    [
        ("nano-banana", {"output_format": "jpeg"}, ["image/jpeg"]),
        ("nano-banana", {}, ["image/png", "image/jpeg"]),
        ("z-image", {}, ["image/png", "image/jpeg", "image/webp"]),
        ("recraft-remove-background", {}, ["image/png"]),
        ("kling-2-6", {}, ["video/mp4"]),
        ("suno-wav", {}, ["audio/wav"]),
        ("demo-music", {"output_format": "m4a"}, ["audio/mp4"]),
        ("demo-text", {"output_format": "md"}, ["text/plain"]),
    ],
)
def test_an_order_is_promised_the_type_that_it_asks_for_or_any_of_the_model(slug, given, promised):
    stored = ENTRIES[slug].results.stored()
    assert list(offers.results_of(stored).promised(given)) == promised


def test_terms_of_before_types_were_promised_have_the_usual_ones():
    stored = {name: value for name, value in ENTRIES["z-image"].results.stored().items() if name != "types"}
    assert offers.results_of(stored).types == ("image/png", "image/jpeg", "image/webp")


def test_what_serves_only_the_demonstration_stays_in_local_mode():
    schema = ENTRIES["demo-image"].input
    assert "simulate" in input_schemas.for_mode(schema, local=True)["properties"]
    assert "simulate" not in input_schemas.for_mode(schema, local=False)["properties"]


def test_the_order_of_the_form_survives_a_database_that_forgets_it():
    shuffled = {**ENTRIES["demo-image"].input}
    shuffled["properties"] = dict(sorted(shuffled["properties"].items()))
    assert list(input_schemas.for_mode(shuffled, local=False)["properties"])[:2] == ["prompt", "style"]


def refused(change, *, slug="demo-image"):
    file = parsed(slug)
    change(file)
    with pytest.raises(InvalidFile) as caught:
        checked(file)
    return caught.value


def put(path, value):
    def change(file):
        *way, last = path
        for step in way:
            file = file[step]
        file[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "pointer", "reason"),
    [
        (["position"], "first", "/position", "integer"),
        (["surprise"], 1, "/surprise", "not permitted"),
        (["input", "additionalProperties"], True, "/input/additionalProperties", "false"),
        (["input", "properties", "prompt", "pattern"], "^(a+)+$", "/input/properties/prompt/pattern", "not allowed"),
        (
            ["input", "properties", "prompt", "$ref"],
            "https://example.com",
            "/input/properties/prompt/$ref",
            "not allowed",
        ),
        (["input", "properties", "size", "enum"], ["512", 3.5], "/input/properties/size/x-labels_ru", "every value"),
        (["input", "properties", "size", "default"], "4096", "/input/properties/size/default", "not one of"),
        (["input", "required"], ["prompt", "mood"], "/input/required", "mood"),
        (["shared_fields"], ["nothing"], "/shared_fields", "nothing"),
        (["results", "count_field"], "size", "/results/count_field", "whole number"),
        (["results", "types"], ["video/mp4"], "/results/types", "no type of that kind"),
        (["results", "types"], ["image/png"], "/results/types", "offers webp"),
        (["deadline_seconds"], 5, "/deadline_seconds", "greater than or equal to 30"),
        (["price", "rows", 0, "tokens"], 3, "/price/rows/0/tokens", "gives 2"),
        (["price", "rows", 0, "input"], {"size": "4096"}, "/price/rows/0/input/size", "not one of"),
        (["examples", 0, "input"], {"size": "4096"}, "/examples/0/input/size", "not one of"),
        (["price", "amount", "amount", "factors", 0, "rows", 0, "amount"], 2.5, "/price/amount", "as text"),
        (["price", "amount", "amount", "factors", 0, "by"], ["size", "style"], "/price/amount", "every row"),
        (["price", "amount", "amount", "factors", 1, "of"], "pieces", "/price", "pieces"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_the_reason(path, value, pointer, reason):
    error = refused(put(path, value))
    assert error.name == "a.toml"
    assert error.pointer.startswith(pointer)
    assert reason in error.reason


def test_a_choice_without_a_price_is_found():
    def change(file):
        del file["price"]["amount"]["amount"]["factors"][0]["rows"][3]

    error = refused(change)
    assert error.pointer == "/price"
    assert "2048" in error.reason


def test_a_field_without_its_other_language_is_found():
    def change(file):
        del file["input"]["properties"]["prompt"]["title_en"]

    assert refused(change).pointer == "/input/properties/prompt"


def test_a_number_without_bounds_and_a_text_without_a_limit_are_found():
    def unbounded(file):
        del file["input"]["properties"]["duration"]["maximum"]

    def endless(file):
        del file["input"]["properties"]["prompt"]["maxLength"]

    assert "maximum" in refused(unbounded, slug="demo-video").reason
    assert "maxLength" in refused(endless).reason


def test_a_condition_may_only_hide_narrow_and_require():
    def free(file):
        file["input"]["allOf"][0]["then"] = {"anyOf": []}

    def stranger(file):
        file["input"]["allOf"][0]["then"] = {"properties": {"mood": False}}

    assert refused(free).pointer == "/input/allOf/0/then/anyOf"
    assert "mood" in refused(stranger).reason


def test_a_file_must_be_called_like_its_model(tmp_path):
    text = (files.FOLDER / "demo-text.toml").read_text("utf-8")
    (tmp_path / "other.toml").write_text(text.replace('shared_fields = ["seed", "simulate"]', ""), "utf-8")
    with pytest.raises(InvalidFile, match=r"other\.toml: /slug"):
        files.read_all(tmp_path)


def test_what_is_no_toml_is_named(tmp_path):
    (tmp_path / "broken.toml").write_text("slug = ", "utf-8")
    with pytest.raises(InvalidFile, match=r"broken\.toml: /: is not TOML"):
        files.read_all(tmp_path)


def test_the_digest_changes_with_the_content_and_not_with_the_layout():
    file = parsed()
    assert checked(file).digest() == ENTRIES["demo-image"].digest()
    put(["name", "en"], "Another name")(file)
    assert checked(file).digest() != ENTRIES["demo-image"].digest()


# --- What a file says in short -----------------------------------------------------------------------


def test_a_shared_field_takes_what_the_model_says_otherwise():
    field = ENTRIES["nano-banana-pro"].input["properties"]["aspect_ratio"]
    assert field["default"] == "1:1"
    assert set(field["x-labels_ru"]) == set(field["enum"])
    images = ENTRIES["nano-banana-pro"].input["properties"]["images"]
    assert (images["maxItems"], images["items"]["x-max-bytes"]) == (8, 30 * 1024 * 1024)
    assert images["items"]["x-accept"] == ["image"]


def test_rows_of_a_list_keep_their_order():
    row = ENTRIES["elevenlabs-dialogue-v3"].input["properties"]["dialogue"]["items"]["properties"]
    assert sorted(row, key=lambda name: row[name]["x-order"]) == ["voice", "text"]


def test_a_price_follows_from_the_cost_at_the_first_provider():
    one = ENTRIES["nano-banana-pro"]
    (label, amount), *rest = one.price.lines(Facts({"resolution": "4K"}))
    assert (label.en, amount, rest) == ("Picture {resolution}", Fraction("0.12") * 60, [])
    costs = {route.provider: cost(route.cost, Facts({"resolution": "4K"})) for route in one.routes}
    assert costs == {"kie": Decimal("0.12"), "piapi": Decimal("0.18")}


def test_a_model_may_have_a_margin_of_its_own():
    file = parsed("z-image")
    file["price"]["tokens_per_usd"] = "1000"
    file["price"]["rows"][0]["tokens"] = 4
    assert checked(file).price.tokens(Facts({})) == 4


@pytest.mark.parametrize(
    ("limits", "pointer", "reason"),
    [
        ({"properties": {"colour": False}}, "/routes/0/input_limits", "unknown field colour"),
        ({"properties": {"prompt": {"pattern": "a"}}}, "/routes/0/input_limits/properties/prompt", "narrow"),
        ({"if": {}}, "/routes/0/input_limits/if", "not allowed"),
        ({"required": ["images"]}, "/routes", "no route takes"),
    ],
)
def test_limits_of_a_route_that_make_no_sense_are_found(limits, pointer, reason):
    file = parsed("nano-banana")
    file["routes"] = [{**file["routes"][0], "input_limits": limits}]
    with pytest.raises(InvalidFile) as caught:
        checked(file)
    assert caught.value.pointer.startswith(pointer)
    assert reason in caught.value.reason


def test_a_route_must_have_a_cost_for_what_it_takes_only():
    file = parsed("kling-3-0")
    second = file["routes"][1]
    assert second["input_limits"]["properties"]["resolution"]["enum"] == ["720p", "1080p"]
    del second["input_limits"]
    with pytest.raises(InvalidFile) as caught:
        checked(file)
    assert caught.value.pointer == "/routes/1/cost"
    assert "4k" in caught.value.reason


@pytest.mark.parametrize(
    ("slug", "path", "value", "reason"),
    [
        ("heygen-avatar", ["avatar"], {"x-choices": {"provider": "heygen"}}, "`setting`"),
        ("suno-wav", ["source_task"], {"x-from": []}, "`x-from`"),
        ("suno-wav", ["source_task"], {"x-made-with": {"resolution": "720p"}}, "settings of the earlier order"),
        ("kling-3-0", ["shots"], {"x-adds-up": {"member": "duration"}}, "`member`"),
        ("kling-3-0", ["shots"], {"x-max-characters": 9}, "`text`"),
    ],
)
def test_fields_that_are_filled_from_elsewhere_say_from_where(slug, path, value, reason):
    file = parsed(slug)
    field = file["input"]["properties"][path[0]]
    field.update(value)
    with pytest.raises(InvalidFile, match=reason):
        checked(file)


def test_a_task_that_nobody_knows_is_refused():
    assert refused(put(["tasks"], ["cooking"])).pointer == "/tasks/0"
