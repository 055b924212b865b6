"""What the catalogue offers: the models of five providers, what they cost us, and what they are sold for."""

import re
from collections import Counter
from decimal import Decimal

import pytest

from generations.catalogue import input_schemas, price_coverage
from generations.catalogue.files import example_input, listed_facts
from generations.catalogue.input_schemas import with_references
from generations.catalogue.price_rules import Facts, FileFacts, cost
from generations.catalogue.tasks import TASKS
from generations.media.types import BY_MIME
from generations.models import Upload
from generations.services import catalogue, inputs, pricing
from generations.tests.fixtures import read_catalogue
from neuralbox.core import ids

ENTRIES = {one.slug: one for one in read_catalogue()}
REAL = {slug: one for slug, one in ENTRIES.items() if not one.local_only}
# The cheapest token is sold at about 2.5 roubles.
TOKEN_IN_USD = Decimal("0.03")


def test_at_least_forty_models_of_all_five_providers_serve_every_task():
    assert len(REAL) >= 40
    assert {route.provider for one in REAL.values() for route in one.routes} == {
        *("kie", "piapi", "goapi", "suno", "heygen")
    }
    served = {task for one in REAL.values() for task in one.tasks}
    assert served >= {
        *("text_to_image", "image_edit", "upscale", "background_removal"),
        *("text_to_video", "image_to_video", "first_last_frame", "video_edit"),
        *("lip_sync", "avatar_presenter", "video_translation"),
        *("speech", "dialogue", "music", "music_tools", "lyrics"),
    }
    assert served <= set(TASKS)


def test_what_two_providers_sell_has_a_route_to_both():
    sellers = {slug: {route.provider for route in one.routes} for slug, one in REAL.items()}
    several = Counter(len(found) > 1 for found in sellers.values())
    assert several[True] >= 20
    assert sellers["kling-3-0"] == {"kie", "piapi"}
    assert sellers["veo-3-1-fast"] == {"kie", "piapi", "goapi"}
    assert sellers["nano-banana-pro"] == {"kie", "piapi"}
    assert sellers["suno-v5-5"] == {"kie", "suno"}
    assert sellers["midjourney"] == {"goapi"}


@pytest.mark.parametrize("slug", REAL)
def test_facts_have_a_source_and_a_day(slug):
    one = REAL[slug]
    assert one.source.startswith("https://")
    assert one.checked_on.year == 2026
    assert one.deadline_seconds >= 2 * one.typical_seconds


def taking(one, route_provider, given, files=None):
    """What the first route of the provider that takes the input charges for it."""
    measured = {name: FileFacts(**facts) for name, facts in (files or {}).items()}
    full = with_references(one.input, given, measured)
    facts = Facts(input_schemas.with_defaults(one.input, full), measured)
    rules = [
        route.cost
        for route in one.routes
        if route.provider == route_provider and input_schemas.takes(route.input_limits, facts.input)
    ]
    return cost(rules[0], facts)


@pytest.mark.parametrize(
    ("slug", "given", "files", "expected"),
    [
        ("seedance-2", {"resolution": "720p", "duration": 5}, {}, "1.025"),
        ("seedance-2", {"resolution": "720p", "duration": 5}, {"videos": {"seconds": 8}}, "1.625"),
        ("kling-3-0", {"resolution": "1080p", "duration": 10, "with_audio": True}, {}, "1.35"),
        ("wan-2-6", {"resolution": "1080p", "duration": 15}, {}, "1.575"),
        ("elevenlabs-multilingual-v2", {"prompt": "x" * 1234}, {}, "0.07404"),
        ("suno-v5-5", {"prompt": "A song"}, {}, "0.06"),
    ],
)
def test_the_worked_examples_of_providers_costs(slug, given, files, expected):
    assert taking(REAL[slug], "kie", given, files) == Decimal(expected)


def test_four_pictures_in_4k_cost_four_times_one():
    assert 4 * taking(REAL["nano-banana-pro"], "kie", {"resolution": "4K"}) == Decimal("0.48")


def test_one_run_of_suno_is_two_songs_at_one_price():
    one = REAL["suno-v5-5"]
    assert (one.results.count, one.price.tokens(Facts({"prompt": "A song"}))) == (2, 4)


@pytest.mark.parametrize(
    ("slug", "given", "expected"),
    [
        ("kling-3-0", {"resolution": "720p", "duration": 1 + 4}, "0.35"),
        ("kling-3-0", {"resolution": "4k", "duration": 5, "with_audio": True}, "1.675"),
        ("kling-2-6", {"duration": 10, "with_audio": True}, "1.10"),
        ("seedance-1-5-pro", {"resolution": "1080p", "duration": 4, "with_audio": True}, "0.3"),
        ("gemini-omni", {"resolution": "720p", "duration": 6}, "0.60"),
        ("veo-3-1-fast", {"resolution": "4k"}, "0.90"),
        ("veo-3-1-extend", {"speed_tier": "lite"}, "0.15"),
        ("veo-3-1-extend", {"speed_tier": "quality"}, "1.25"),
        ("runway", {"resolution": "1080p", "duration": 5}, "0.15"),
        ("ideogram-v3", {"speed_tier": "quality", "count": 4}, "0.20"),
        ("elevenlabs-dialogue-v3", {"dialogue": [{"voice": "Rachel", "text": "x" * 1000}]}, "0.07"),
    ],
)
def test_costs_follow_the_providers_list(slug, given, expected):
    assert taking(REAL[slug], "kie", given) == Decimal(expected)


@pytest.mark.parametrize("slug", REAL)
def test_nothing_is_sold_below_what_any_of_its_routes_charges(slug):
    one = REAL[slug]
    for route in one.routes:
        if route.cost is None:
            continue
        names = price_coverage.fields_of(route.cost) | one.price.fields()
        for facts in price_coverage.combinations(one.input, names, route.input_limits):
            assert one.price.tokens(facts) * TOKEN_IN_USD >= cost(route.cost, facts), (route.provider, facts.input)


@pytest.mark.parametrize("slug", REAL)
def test_from_so_many_tokens_is_not_beaten_by_the_untouched_form(slug):
    one = REAL[slug]
    listed = [one.price.tokens(listed_facts(one.input, row)) for row in one.price.rows]
    defaults = input_schemas.with_defaults(one.input, with_references(one.input, {}))
    if one.price.fields() <= set(defaults) and not one.price.fields() & {"images", "videos", "audios"}:
        assert min(listed) <= one.price.tokens(Facts(defaults))


@pytest.mark.parametrize("slug", REAL)
def test_labels_name_fields_of_the_form_only(slug):
    one = REAL[slug]
    for label, _amount in one.price.lines(listed_facts(one.input, one.price.rows[-1])):
        for language in input_schemas.LANGUAGES:
            named = set(re.findall(r"\{(\w+)\}", label.in_language(language) if label else ""))
            assert named <= set(one.input["properties"])


def test_files_that_a_form_takes_can_be_uploaded(settings):
    for slug, one in ENTRIES.items():
        for name, field in one.input["properties"].items():
            file = field.get("items", field)
            for mime in file.get("x-accept-types", ()):
                limits = settings.UPLOAD_LIMITS[BY_MIME[mime].kind]
                assert file["x-max-bytes"] <= limits["bytes"], (slug, name)
                assert file.get("x-max-seconds", 0) <= limits.get("seconds", 0), (slug, name)


FILES = {
    "image": {"mime": "image/jpeg", "width": 1024, "height": 1024, "seconds": None},
    "video": {"mime": "video/mp4", "width": 1280, "height": 720, "seconds": 5.0},
    "audio": {"mime": "audio/mpeg", "width": None, "height": None, "seconds": 10.0},
}


@pytest.fixture
def uploads_of_alice(alice):
    """One file of each kind that fits everywhere."""
    return {
        kind: Upload.objects.create(
            user=alice, sha256="0" * 64, storage_key=f"uploads/{kind}", kind=kind, bytes=1000, **facts
        )
        for kind, facts in FILES.items()
    }


@pytest.fixture
def all_providers(settings):
    """Keys of all five, which call nobody."""
    for name in ("KIE", "PIAPI", "GOAPI", "SUNO", "HEYGEN"):
        setattr(settings, f"{name}_API_KEY", str(ids.new()))


def with_own_files(one, raw, uploads):
    """The placeholders of an example replaced by real uploads of the kind that the field takes."""
    full = dict(raw)
    for name, field in one.input["properties"].items():
        kind = (field.get("items", field).get("x-accept") or [""])[0]
        if name in full and kind:
            upload = {"upload": str(uploads[kind].pk)}
            full[name] = [upload] if field["type"] == "array" else upload
    return full


def test_every_example_is_accepted_and_priced(whole_catalogue, all_providers, alice, uploads_of_alice):
    for slug, one in REAL.items():
        offer = catalogue.known(slug)
        needs_a_provider = any(
            "x-choices" in field or input_schemas.is_result(field) for field in one.input["properties"].values()
        )
        for example in offer.examples:
            for language in () if needs_a_provider else input_schemas.LANGUAGES:
                raw = with_own_files(
                    one, with_references(offer.schema, example_input(example, language)), uploads_of_alice
                )
                price = pricing.price(offer, inputs.accept(offer, raw, user_id=alice.pk))
                assert sum(line.tokens for line in price.breakdown) == price.tokens >= 1, slug


def test_a_model_of_no_configured_provider_is_not_offered(whole_catalogue):
    offered = {offer.slug for offer in catalogue.listed()}
    assert offered == {slug for slug, one in ENTRIES.items() if one.local_only}
    assert not catalogue.is_available(catalogue.known("kling-3-0"))


def test_one_key_brings_the_models_of_its_provider(whole_catalogue, settings):
    settings.SUNO_API_KEY = str(ids.new())
    offered = {offer.slug for offer in catalogue.listed()}
    assert {"suno-v5-5", "suno-wav"} <= offered
    assert "kling-3-0" not in offered
    assert catalogue.providers_of(catalogue.known("suno-v5-5")) == ("suno",)
