"""What models are given: completed, in one normal form, or refused field by field with what would be accepted."""

import tomllib

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.catalogue import files
from generations.catalogue.files import example_input
from generations.catalogue.input_schemas import with_references
from generations.models import Upload
from generations.services import catalogue as catalogue_service
from generations.services import catalogue_loading, inputs, pricing
from generations.tests.fixtures import read_catalogue
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

ENTRIES = {one.slug: one for one in read_catalogue("demo-*.toml")}
NOBODY = ids.new()


def accepted(slug="demo-image", *, user_id=NOBODY, **raw):
    return inputs.accept(catalogue_service.offered(slug), raw, user_id=user_id)


def errors_of(slug="demo-image", *, user_id=NOBODY, raw=None, **fields):
    with pytest.raises(InvalidInput) as caught:
        inputs.accept(catalogue_service.offered(slug), fields if raw is None else raw, user_id=user_id)
    return {error.pointer: error for error in caught.value.errors}


def upload_of(user, **changes):
    facts = {"kind": "image", "mime": "image/png", "bytes": 1000, "width": 640, "height": 480, "seconds": None}
    return Upload.objects.create(user=user, sha256="0" * 64, storage_key="uploads/x.png", **{**facts, **changes})


def test_defaults_are_filled_in():
    assert accepted(prompt="A lake").input == {
        "prompt": "A lake",
        "size": "1024",
        "output_format": "png",
        "aspect_ratio": "1:1",
        "count": 1,
    }


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("slug", ENTRIES)
def test_every_example_is_accepted_and_priced(alice, slug, language):
    offer = catalogue_service.offered(slug)
    for example in offer.examples:
        raw = with_references(offer.schema, example_input(example, language))
        raw = {name: {"upload": str(upload_of(alice).pk)} if name in {"image"} else raw[name] for name in raw}
        price = pricing.price(offer, inputs.accept(offer, raw, user_id=alice.pk))
        assert price.tokens >= 1
        assert sum(line.tokens for line in price.breakdown) == price.tokens


@pytest.mark.parametrize("raw", [None, [], "a prompt", 7, True])
def test_an_input_is_an_object(raw):
    with pytest.raises(InvalidInput) as caught:
        inputs.accept(catalogue_service.offered("demo-image"), raw, user_id=NOBODY)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/input", "wrong_type")]


def test_an_unknown_field_is_refused_with_the_known_ones():
    error = errors_of(prompt="A lake", steps=20)["/input/steps"]
    assert error.code == "unknown_field"
    assert error.allowed[:3] == ["prompt", "style", "size"]


def test_an_unknown_value_is_refused_with_the_allowed_ones():
    error = errors_of(prompt="A lake", size="4096")["/input/size"]
    assert (error.code, error.allowed) == ("not_allowed", ["512", "1024", "1536", "2048"])


def test_every_wrong_field_is_named_in_the_order_of_the_form():
    errors = errors_of(size=512, count=9, aspect_ratio="5:1", prompt="")
    assert list(errors) == ["/input/prompt", "/input/size", "/input/aspect_ratio", "/input/count"]
    assert [error.code for error in errors.values()] == ["required", "wrong_type", "not_allowed", "too_large"]


def test_a_missing_prompt_and_one_of_spaces_are_both_missing():
    assert errors_of(raw={})["/input/prompt"].code == "required"
    assert errors_of(prompt=" \n\t ")["/input/prompt"].code == "required"


@pytest.mark.parametrize(
    ("count", "code"),
    [
        (True, "wrong_type"),
        ("2", "wrong_type"),
        (2.5, "wrong_type"),
        (0, "too_small"),
        (5, "too_large"),
        (None, "wrong_type"),
    ],
)
def test_a_count_is_a_whole_number_in_its_bounds(count, code):
    assert errors_of(prompt="A lake", count=count)["/input/count"].code == code


def test_a_whole_number_may_be_written_with_a_point():
    found = accepted(prompt="A lake", count=2.0).input["count"]
    assert (found, type(found)) == (2, int)


def test_steps_are_decimal():
    assert accepted("demo-speech", prompt="Hi", speed=1.15).input["speed"] == 1.15
    assert errors_of("demo-speech", prompt="Hi", speed=1.151)["/input/speed"].code == "wrong_step"


def test_texts_are_composed_trimmed_and_counted_in_characters():
    prompt = accepted(prompt="  cafe\u0301\r\nna\u00efve \U0001f994  ").input["prompt"]
    assert prompt == "café\nnaïve 🦔"
    assert accepted(prompt="🦔" * 2000).prompt == "🦔" * 2000
    error = errors_of(prompt="🦔" * 2001)["/input/prompt"]
    assert (error.code, error.limits) == ("text_too_long", {"max_length": 2000, "length": 2001})


def test_null_characters_are_refused_wherever_they_are():
    assert errors_of(prompt="a\x00b")["/input"].code == "null_character"
    assert errors_of(prompt="a", simulate={"outcome": "\x00"})["/input"].code == "null_character"


@pytest.mark.parametrize(
    "raw",
    [
        {"prompt": "x" * 1_000_000},
        {"x" * 300_000: 1},
        {"prompt": ["a"] * 10_000},
        {"simulate": [[[[[[[[[["deep"]]]]]]]]]]},
    ],
)
def test_what_is_too_large_is_refused_before_it_is_looked_at(raw):
    assert errors_of(raw=raw)["/input"].code == "too_large"


def test_large_numbers_are_just_wrong():
    assert errors_of(prompt="a", seed=1e308)["/input/seed"].code == "too_large"
    assert errors_of(prompt="a", seed=float("inf"))["/input/seed"].code in {"wrong_type", "too_large"}
    assert errors_of("demo-speech", prompt="a", speed=float("inf"))["/input/speed"].code == "too_large"


def test_names_that_are_no_plain_words_are_pointed_at_correctly():
    assert "/input/a~1b~0c" in errors_of(raw={"prompt": "x", "a/b~c": 1})


def test_many_unknown_fields_are_not_all_told():
    assert len(errors_of(raw={f"field_{number}": 1 for number in range(500)})) <= 20


def test_a_choice_may_narrow_another():
    assert accepted(prompt="x", size="2048", count=2).input["count"] == 2
    error = errors_of(prompt="x", size="2048", count=3)["/input/count"]
    assert (error.code, error.limits) == ("too_large", {"maximum": 2})


def test_a_file_may_replace_a_field_and_its_default(alice):
    frame = {"upload": str(upload_of(alice).pk)}
    found = accepted("demo-video", user_id=alice.pk, first_frame=frame)
    assert "aspect_ratio" not in found.input
    assert found.prompt == ""
    assert accepted("demo-video", prompt="x").input["aspect_ratio"] == "1:1"
    assert errors_of("demo-video", raw={})["/input/prompt"].code == "required"
    error = errors_of("demo-video", user_id=alice.pk, first_frame=frame, aspect_ratio="1:1")["/input/aspect_ratio"]
    assert error.code == "not_allowed_together"
    with translation.override("ru"):
        error = errors_of("demo-video", user_id=alice.pk, first_frame=frame, aspect_ratio="1:1")["/input/aspect_ratio"]
        assert "Первый кадр" in error.detail


def test_simulated_endings_exist_in_local_mode_only(settings):
    assert accepted(prompt="x", simulate={"outcome": "fail"}).input["simulate"] == {"outcome": "fail"}
    assert errors_of(prompt="x", simulate={"outcome": "explode"})["/input/simulate/outcome"].code == "not_allowed"
    assert errors_of(prompt="x", simulate={"mood": 1})["/input/simulate/mood"].code == "unknown_field"


def test_refusals_speak_the_callers_language():
    with translation.override("ru"):
        assert errors_of(raw={})["/input/prompt"].detail == "Обязательное поле."
        error = errors_of(prompt="x" * 2001)["/input/prompt"]
        assert error.detail == "Не больше 2000 знаков, а здесь 2001."
    with translation.override("en"):
        assert errors_of(raw={})["/input/prompt"].detail == "This field is required."


def test_an_own_upload_is_taken(alice, django_assert_num_queries):
    upload = upload_of(alice)
    accepted(prompt="what the catalogue says is in memory now")
    with django_assert_num_queries(1):
        found = accepted("demo-image-edit", user_id=alice.pk, prompt="x", image={"upload": str(upload.pk).upper()})
    assert found.uploads == (upload,)
    assert found.input["image"] == {"upload": str(upload.pk)}
    assert found.facts.files["image"].width == 640


def test_without_uploads_nothing_is_asked(alice, django_assert_num_queries):
    accepted(prompt="what the catalogue says is in memory now")
    with django_assert_num_queries(0):
        accepted(prompt="x", user_id=alice.pk)


def test_anothers_upload_looks_like_none(alice, mallory):
    foreign = errors_of("demo-image-edit", user_id=mallory.pk, prompt="x", image={"upload": str(upload_of(alice).pk)})
    missing = errors_of("demo-image-edit", user_id=mallory.pk, prompt="x", image={"upload": str(ids.new())})
    nonsense = errors_of("demo-image-edit", user_id=mallory.pk, prompt="x", image={"upload": "x" * 36})
    told = [
        (error.pointer, error.code, str(error.detail)) for one in (foreign, missing, nonsense) for error in one.values()
    ]
    assert told == [told[0]] * 3
    assert told[0][:2] == ("/input/image", "upload_not_found")


@pytest.mark.parametrize("value", ["an id", {"upload": 7}, {"file": "x"}, {}, {"upload": "short"}])
def test_an_upload_is_named_in_one_way_only(value):
    errors = errors_of("demo-image-edit", prompt="x", image=value)
    assert all(pointer.startswith("/input/image") for pointer in errors)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "audio", "mime": "audio/mpeg"}, "unsupported_file_type"),
        ({"bytes": 10 * 1024 * 1024 + 1}, "file_too_large"),
        ({"width": 63}, "picture_too_small"),
        ({"height": 9000}, "picture_too_large"),
    ],
)
def test_an_upload_must_fit_where_it_is_named(alice, facts, code):
    upload = upload_of(alice, **facts)
    errors = errors_of("demo-image-edit", user_id=alice.pk, prompt="x", image={"upload": str(upload.pk)})
    assert errors["/input/image"].code == code


def upload_field(*types, **limits):
    texts = {"title_ru": "Файл", "title_en": "File", "x-control": "upload", "x-max-bytes": 10**7}
    kinds = sorted({one.split("/")[0] for one in types})
    only = {"properties": {"upload": {"type": "string", "minLength": 36, "maxLength": 36}}, "required": ["upload"]}
    accepted = {"x-accept": kinds, "x-accept-types": list(types)}
    return {"type": "object", "additionalProperties": False, **only, **texts, **accepted, **limits}


@pytest.fixture
def films():
    """A model that takes several films and one sound, and asks for a token per second of film."""
    file = tomllib.loads((files.FOLDER / "demo-text.toml").read_text("utf-8"))
    del file["shared_fields"]
    file["input"]["properties"] |= {
        "videos": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "title_ru": "Ролики",
            "title_en": "Films",
            "items": upload_field("video/mp4"),
        },
        "sound": upload_field("audio/mpeg", **{"x-min-seconds": 1, "x-max-seconds": 60}),
    }
    file["price"] = {
        "amount": {
            "kind": "per_unit",
            "measure": "seconds",
            "of": "videos",
            "absent": 1,
            "rate": {"kind": "fixed", "amount": "1"},
        },
        "rows": [{"label": {"ru": "Текст", "en": "Text"}, "input": {}, "tokens": 1}],
    }
    catalogue_loading.load([files.checked("demo-text.toml", file)])
    catalogue_service.forget()
    return catalogue_service.offered("demo-text")


def test_several_files_are_priced_by_their_length_together(alice, films, django_assert_num_queries):
    film = {"kind": "video", "mime": "video/mp4"}
    two = [upload_of(alice, seconds=2.5, **film), upload_of(alice, seconds=3.1, **film)]
    raw = {"prompt": "x", "videos": [{"upload": str(two[place].pk)} for place in (0, 1, 0)]}
    with django_assert_num_queries(1):
        found = inputs.accept(films, raw, user_id=alice.pk)
    assert found.uploads == tuple(two)
    assert pricing.price(films, found).tokens == 9


@pytest.mark.parametrize(("seconds", "code"), [(0.5, "too_short"), (None, "too_short"), (61, "too_long")])
def test_sounds_have_a_length_to_keep(alice, films, seconds, code):
    sound = upload_of(alice, kind="audio", mime="audio/mpeg", width=None, height=None, seconds=seconds)
    with pytest.raises(InvalidInput) as caught:
        inputs.accept(films, {"prompt": "x", "sound": {"upload": str(sound.pk)}}, user_id=alice.pk)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/input/sound", code)]


def test_the_place_of_a_wrong_file_in_a_list_is_named(alice, films):
    film = upload_of(alice, kind="video", mime="video/mp4", seconds=1)
    raw = {"prompt": "x", "videos": [{"upload": str(film.pk)}, {"upload": str(ids.new())}]}
    with pytest.raises(InvalidInput) as caught:
        inputs.accept(films, raw, user_id=alice.pk)
    assert [error.pointer for error in caught.value.errors] == ["/input/videos/1"]
    with pytest.raises(InvalidInput) as caught:
        inputs.accept(films, {"prompt": "x", "videos": []}, user_id=alice.pk)
    assert [error.code for error in caught.value.errors] == ["too_few"]


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(sorted({name for one in ENTRIES.values() for name in one.input["properties"]})) | st.text(
    max_size=8
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(slug=st.sampled_from(sorted(ENTRIES)), raw=st.dictionaries(NAMES, WILD, max_size=5))
def test_whatever_comes_is_accepted_with_a_price_or_refused_with_places(slug, raw):
    offer = catalogue_service.offered(slug)
    try:
        found = inputs.accept(offer, raw, user_id=NOBODY)
    except InvalidInput as error:
        refusal = error
    else:
        assert set(raw) <= set(found.input)
        assert pricing.price(offer, found).tokens >= 1
        return
    assert refusal.errors
    assert all(error.pointer.startswith("/input") and str(error.detail) for error in refusal.errors)
