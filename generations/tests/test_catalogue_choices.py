"""Voices and avatars that a provider lists: asked for rarely, kept for long, and checked."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation
from redis.exceptions import ConnectionError as RedisDown

from generations.errors import ChoicesUnavailable, UnknownSetting
from generations.services import catalogue, catalogue_choices, inputs
from generations.tests import roads
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput
from providers.base import Choice

pytestmark = pytest.mark.django_db

SARA = Choice("v-1", "Sara", language="English", gender="female")
IGOR = Choice("v-2", "Игорь", language="Russian", gender="male")
NOBODY = ids.new()


class Lister:
    """The stand-in of HeyGen, by what a test wants of its lists."""

    def __init__(self, frame):
        self.frame = frame

    def asked(self):
        """How often its voices were asked for."""
        return len(self.frame.calls("/v3/voices"))

    def go_away(self):
        self.frame.fail_next("server_error", path="/heygen/", times=100)

    def lists_voices(self, *numbers):
        self.frame.apps["heygen"].voices_listed = numbers


@pytest.fixture
def lister(fake_providers, settings):
    roads.only(settings, "heygen")
    return Lister(fake_providers)


@pytest.fixture
def hours_later(time_machine):
    """Makes whatever was kept too old to be believed without asking."""
    return lambda: time_machine.move_to(timezone.now() + timedelta(hours=2))


def listed(setting="voice"):
    return [choice.value for choice in catalogue_choices.listed("heygen", setting)]


def test_a_list_is_asked_for_once_an_hour(lister, hours_later):
    lister.lists_voices(0, 1)
    assert listed() == listed() == ["voice_000", "voice_001"]
    assert lister.asked() == 1
    hours_later()
    lister.lists_voices(1)
    assert listed() == ["voice_001"]


def test_the_last_good_answer_holds_while_the_provider_is_away(lister, hours_later):
    lister.lists_voices(0, 1)
    listed()
    lister.go_away()
    hours_later()
    assert listed() == listed() == ["voice_000", "voice_001"]
    assert lister.asked() == 2  # and nobody else waits for it in the next minute


def test_without_any_answer_nothing_is_made_up(lister):
    lister.lists_voices()
    with pytest.raises(ChoicesUnavailable):
        listed()
    lister.go_away()
    with pytest.raises(ChoicesUnavailable):
        listed()


def test_without_the_cache_the_provider_is_asked(lister, monkeypatch):
    def down(*_arguments, **_more):
        raise RedisDown

    for call in ("get", "add", "set"):
        monkeypatch.setattr(type(cache._connections["default"]), call, down)
    lister.lists_voices(0)
    assert listed() == ["voice_000"]


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ({}, ["v-1", "v-2"]),
        ({"query": "игорь"}, ["v-2"]),
        ({"query": "english FEMALE"}, ["v-1"]),
        ({"language": "russian"}, ["v-2"]),
        ({"gender": "male"}, ["v-2"]),
        ({"query": "nobody"}, []),
    ],
)
def test_choices_are_searched_by_name_language_and_gender(wanted, values):
    assert [one.value for one in catalogue_choices.matching((SARA, IGOR), **wanted)] == values


def test_at_most_a_hundred_are_shown():
    many = tuple(Choice(str(number), "A voice") for number in range(500))
    assert len(catalogue_choices.matching(many)) == 100


def test_the_api_lists_them_for_everybody(client, lister, whole_catalogue):
    answer = client.get("/api/v1/models/heygen-avatar/choices/voice", {"q": "vera spanish"})
    names = [(one["name"], one["language"], one["gender"]) for one in answer.json()["results"]]
    assert names == [(f"Vera {number}", "Spanish", "female") for number in (9, 21, 33)]
    assert set(answer.json()["results"][0]) == {"value", "name", "language", "gender"}
    lister.go_away()
    refused = client.get("/api/v1/models/heygen-avatar/choices/avatar")
    assert (refused.status_code, refused.json()["code"], refused.json()["retryable"]) == (
        503,
        "choices_unavailable",
        True,
    )


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("heygen-avatar/choices/resolution", 404, "unknown_setting"),
        ("no-such-model/choices/voice", 404, "unknown_model"),
        ("kling-3-0/choices/voice", 409, "model_unavailable"),
    ],
)
def test_what_is_no_such_setting_is_refused(client, lister, whole_catalogue, path, status, code):
    answer = client.get(f"/api/v1/models/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_value_must_be_in_the_list(lister, whole_catalogue):
    offer = catalogue.offered("heygen-speech")
    taken = inputs.accept(offer, {"prompt": "Hello", "voice": "voice_007"}, user_id=NOBODY)
    assert taken.input["voice"] == "voice_007"
    with pytest.raises(InvalidInput) as caught, translation.override("ru"):
        inputs.accept(offer, {"prompt": "Hello", "voice": "voice_999"}, user_id=NOBODY)
    (error,) = caught.value.errors
    assert (error.pointer, error.code) == ("/input/voice", "not_in_list")
    lister.go_away()
    given = {"script": "Hello", "avatar": "look_001", "voice": "voice_007"}
    with pytest.raises(ChoicesUnavailable):
        inputs.accept(catalogue.offered("heygen-avatar"), given, user_id=NOBODY)


def test_a_field_without_a_list_has_none(lister, whole_catalogue):
    with pytest.raises(UnknownSetting):
        catalogue_choices.of_field(catalogue.known("heygen-avatar"), "script")
