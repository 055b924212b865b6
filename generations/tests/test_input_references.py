"""Earlier results that an input goes on from, sums over rows, and what the connected providers offer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Asset, Generation, Model
from generations.services import catalogue, inputs
from generations.tests import rows
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_catalogue")]

NOBODY = ids.new()


@pytest.fixture(autouse=True)
def _providers(settings):
    settings.SUNO_API_KEY = str(ids.new())
    settings.PIAPI_API_KEY = str(ids.new())


def accepted(slug, user_id=NOBODY, **raw):
    return inputs.accept(catalogue.offered(slug), raw, user_id=user_id)


def errors_of(slug, user_id=NOBODY, **raw):
    with pytest.raises(InvalidInput) as caught:
        accepted(slug, user_id, **raw)
    return {error.pointer: error.code for error in caught.value.errors}


@pytest.fixture
def song(alice):
    """A finished song of alice, made by Suno at sunoapi.org."""
    return song_of(alice)


def song_of(user, *, slug="suno-v5", provider="suno", days_ago=1):
    model = Model.objects.get(slug=slug)
    hold = rows.hold_of(user)
    made = Generation.objects.create(
        user=user, model=model, version=model.current_version, hold_id=hold, modality="music",
        status=Generation.Status.SUCCEEDED, provider=provider, input={"prompt": "A song"}, tokens_quoted=4,
        deadline=timezone.now(),
    )  # fmt: skip
    Generation.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return Asset.objects.create(
        generation=made, position=0, kind="audio", mime="audio/mpeg", bytes=1, sha256="0" * 64, storage_key="x"
    )


def test_a_song_of_ones_own_is_taken(alice, song):
    found = accepted("suno-wav", alice.pk, source_task={"asset": str(song.pk)})
    assert found.input == {"source_task": {"asset": str(song.pk)}}


def test_anothers_song_looks_like_none(mallory, song):
    assert errors_of("suno-wav", mallory.pk, source_task={"asset": str(song.pk)}) == {
        "/input/source_task": "result_not_found"
    }
    assert errors_of("suno-wav", mallory.pk, source_task={"asset": str(ids.new())}) == {
        "/input/source_task": "result_not_found"
    }
    assert errors_of("suno-wav", mallory.pk, source_task={"asset": "x" * 36}) == {
        "/input/source_task": "result_not_found"
    }


def test_what_another_model_made_is_refused(alice):
    asset = song_of(alice, slug="udio", provider="piapi")
    assert errors_of("suno-wav", alice.pk, source_task={"asset": str(asset.pk)}) == {
        "/input/source_task": "result_of_another_model"
    }


@pytest.mark.parametrize("resolution", ["1080p", None])
def test_what_was_ordered_with_other_settings_than_can_be_gone_on_from_is_refused(alice, settings, resolution):
    settings.KIE_API_KEY = str(ids.new())
    asset = song_of(alice, slug="veo-3-1-fast", provider="kie")
    Generation.objects.update(input={"prompt": "A boat", "resolution": resolution})
    raw = {"source_task": {"asset": str(asset.pk)}, "prompt": "It sinks"}
    assert errors_of("veo-3-1-extend", alice.pk, **raw) == {"/input/source_task": "result_made_otherwise"}
    Generation.objects.update(input={"prompt": "A boat", "resolution": "720p"})
    assert accepted("veo-3-1-extend", alice.pk, **raw).input["speed_tier"] == "fast"


def test_a_song_that_the_provider_has_forgotten_is_refused(alice):
    asset = song_of(alice, days_ago=14)
    assert errors_of("suno-wav", alice.pk, source_task={"asset": str(asset.pk)}) == {
        "/input/source_task": "result_too_old"
    }


def test_a_song_of_a_provider_that_is_not_connected_is_refused(alice):
    asset = song_of(alice, provider="kie")
    assert errors_of("suno-wav", alice.pk, source_task={"asset": str(asset.pk)}) == {
        "/input/source_task": "result_elsewhere"
    }


@pytest.mark.parametrize("raw", [{}, {"asset": 7}, {"generation": "x"}, "x" * 36, None])
def test_a_result_is_named_in_one_way_only(raw):
    assert errors_of("suno-wav", source_task=raw)


def test_what_only_others_offer_is_refused_with_the_fields(settings):
    assert accepted("kling-3-0", prompt="A boat", resolution="1080p").input["resolution"] == "1080p"
    assert errors_of("kling-3-0", prompt="A boat", resolution="4k") == {"/input/resolution": "not_offered_here"}
    settings.KIE_API_KEY = str(ids.new())
    assert accepted("kling-3-0", prompt="A boat", resolution="4k").input["resolution"] == "4k"


def test_shots_last_as_long_as_the_clip():
    shots = [{"prompt": "A boat leaves", "duration": 3}, {"prompt": "The sea", "duration": 4}]
    assert accepted("kling-3-0", shots=shots, duration=7).input["shots"] == shots
    assert errors_of("kling-3-0", shots=shots, duration=5) == {"/input/shots": "wrong_sum"}
    assert errors_of("kling-3-0", shots=shots[:1], duration=3) == {"/input/shots": "too_few"}
    assert errors_of("kling-3-0", shots=shots, duration=7, prompt="A boat") == {"/input/prompt": "not_allowed_together"}


def test_the_texts_of_a_dialogue_have_one_limit_together(settings):
    settings.KIE_API_KEY = str(ids.new())
    line = {"voice": "Rachel", "text": "x" * 2500}
    found = accepted("elevenlabs-dialogue-v3", dialogue=[line, line])
    assert found.prompt.count("x") == 5000
    assert errors_of("elevenlabs-dialogue-v3", dialogue=[line, line, {"voice": "Bill", "text": "x"}]) == {
        "/input/dialogue": "text_too_long"
    }


def test_a_lyric_is_what_history_shows():
    found = accepted("suno-v5-song", lyrics="[Verse] Rain", style="folk", title="Rain")
    assert found.prompt == "[Verse] Rain"
    assert accepted("suno-v5-song", instrumental=True, style="folk", title="Rain").prompt == "folk"
