"""What the Suno family is asked for: two forms, each with its own rules."""

import pytest

from providers.adapters.suno_wire.orders import ORDERS, STEMS, TWIN_ORDERS, VERSIONS
from providers.errors import ProviderRejected
from providers.tests.ordering import named, submission, uploaded

CALLED = "https://example.com/webhooks/providers/suno/token"
FILE = uploaded(mime="audio/mpeg", name="song.mp3")
EARLIER = {"task": "music:0123", "output": "song-1"}


def body(name, **given):
    order = submission(name, webhook_url=CALLED, files=[FILE], **given)
    return {**ORDERS, **TWIN_ORDERS}[name].body(order, {FILE.upload_id: FILE.url})


def test_an_idea_alone_is_the_simple_form():
    assert body("generate/V5", prompt="a song about rain") == {
        "model": "V5",
        "customMode": False,
        "instrumental": False,
        "prompt": "a song about rain",
        "callBackUrl": CALLED,
    }


def test_style_title_and_lyrics_are_the_custom_form():
    given = {
        "style": "indie folk",
        "title": "Rain",
        "lyrics": "[Verse]\nRain",
        "vocal_gender": "f",
        "negative_prompt": "drums",
        "style_weight": 0.654,
        "weirdness": 0.3,
        "audio_weight": 1,
    }
    assert body("generate/V4_5PLUS", **given) == {
        "model": "V4_5PLUS",
        "customMode": True,
        "instrumental": False,
        "prompt": "[Verse]\nRain",
        "style": "indie folk",
        "title": "Rain",
        "vocalGender": "f",
        "negativeTags": "drums",
        "styleWeight": 0.65,
        "weirdnessConstraint": 0.3,
        "audioWeight": 1.0,
        "callBackUrl": CALLED,
    }


def test_an_instrumental_needs_no_words():
    made = body("generate/V5", style="ambient", title="Fog", instrumental=True)
    assert made["customMode"] is True
    assert "prompt" not in made


def test_a_title_is_demanded_so_one_is_given():
    assert body("generate/V5", style="ambient", instrumental=True)["title"] == "Untitled"
    assert body("generate/V5", lyrics="la")["style"] == ""


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"style": "folk", "title": "Rain"},
        {"style": "folk", "prompt": "a song about rain"},
        {"style": "folk", "lyrics": "la", "prompt": "a song about rain"},
        {"style": "folk", "lyrics": "la", "instrumental": True},
        {"prompt": "a song", "vocal_gender": "f"},
        {"prompt": "a song", "negative_prompt": "drums"},
        {"prompt": "a song", "vocal_gender": "x"},
        {"prompt": "a song", "spicy": True},
    ],
)
def test_what_cannot_be_expressed_is_refused(given):
    with pytest.raises(ProviderRejected):
        body("generate/V5", **given)


def test_a_song_goes_on_as_it_was_or_with_settings_of_its_own():
    plain = body("extend/V5", source_task=EARLIER)
    assert plain == {"model": "V5", "audioId": "song-1", "defaultParamFlag": False, "callBackUrl": CALLED}
    own = body("extend/V5", source_task=EARLIER, continue_at=60, lyrics="la", style="folk")
    assert (own["defaultParamFlag"], own["continueAt"], own["prompt"], own["title"]) == (True, 60, "la", "Untitled")
    with pytest.raises(ProviderRejected):
        body("extend/V5", source_task=EARLIER, lyrics="la", prompt="idea")


def test_a_recording_is_covered_and_continued():
    cover = body("upload-cover/V5", audios=[named(FILE)], prompt="as a waltz")
    assert (cover["uploadUrl"], cover["customMode"], cover["prompt"]) == (FILE.url, False, "as a waltz")
    more = body("upload-extend/V5", audios=[named(FILE)], continue_at=30)
    assert (more["uploadUrl"], more["defaultParamFlag"], more["continueAt"]) == (FILE.url, True, 30)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("wav", {}),
        ("mp4", {}),
        *((f"vocal-removal/{variant}", {"type": variant}) for variant in STEMS),
    ],
)
def test_tools_name_the_task_and_the_song(name, more):
    expected = {"taskId": "0123", "audioId": "song-1", "callBackUrl": CALLED, **more}
    assert body(name, source_task=EARLIER) == expected


def test_lyrics_take_an_idea():
    assert body("lyrics", prompt="rain") == {"prompt": "rain", "callBackUrl": CALLED}


def test_the_twin_has_calls_of_its_own():
    assert body("cover-picture", source_task=EARLIER) == {"taskId": "0123", "callBackUrl": CALLED}
    vocals = body("add-vocals", audios=[named(FILE)], lyrics="la", style="folk")
    assert (vocals["prompt"], vocals["style"], vocals["title"], vocals["negativeTags"]) == (
        "la",
        "folk",
        "Untitled",
        "",
    )
    assert body("add-instrumental", audios=[named(FILE)], style="folk")["tags"] == "folk"
    assert body("mashup", audios=[named(FILE), named(FILE)], prompt="both")["uploadUrlList"] == [FILE.url] * 2
    assert body("sounds", prompt="rain on a roof", loop=True)["soundLoop"] is True


def test_every_version_has_the_four_calls_that_name_one():
    for version in VERSIONS:
        for call in ("generate", "extend", "upload-cover", "upload-extend"):
            assert f"{call}/{version}" in ORDERS
