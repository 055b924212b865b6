"""Voices and avatars that a provider lists: asked for rarely, kept for long, and checked."""

import pytest
from django.core.cache import cache
from django.utils import translation
from redis.exceptions import ConnectionError as RedisDown

from generations.errors import ChoicesUnavailable, UnknownSetting
from generations.services import catalogue, catalogue_choices, inputs
from neuralbox.core import ids
from neuralbox.core.errors import InvalidInput
from providers import registry
from providers.base import Choice
from providers.errors import ProviderUnavailable

pytestmark = pytest.mark.django_db

SARA = Choice("v-1", "Sara", language="English", gender="female")
IGOR = Choice("v-2", "Игорь", language="Russian", gender="male")
NOBODY = ids.new()


class Lister:
    """A provider that lists what it is told to, or is away."""

    def __init__(self):
        self.choices_of = {"voice": (SARA, IGOR), "avatar": (Choice("a-1", "Anna"),)}
        self.asked = []
        self.is_away = False

    def __call__(self, setting):
        self.asked.append(setting)
        if self.is_away:
            raise ProviderUnavailable("away")
        return self.choices_of.get(setting, ())


@pytest.fixture
def lister(monkeypatch, settings):
    """HeyGen with a list of our own instead of one from the network."""
    settings.HEYGEN_API_KEY = str(ids.new())
    for setting in ("voice", "avatar"):
        cache.delete_many([f"catalogue:choices:heygen:{setting}", f"catalogue:choices:heygen:{setting}:asked"])
    found = Lister()
    monkeypatch.setattr(type(registry.adapter("heygen")), "choices", lambda _self, setting: found(setting))
    return found


@pytest.fixture
def hours_later(monkeypatch):
    """Makes whatever was kept too old to be believed without asking."""
    return lambda: monkeypatch.setattr(catalogue_choices, "FRESH_SECONDS", -1)


def test_a_list_is_asked_for_once_an_hour(lister, hours_later):
    assert catalogue_choices.listed("heygen", "voice") == (SARA, IGOR)
    assert catalogue_choices.listed("heygen", "voice") == (SARA, IGOR)
    assert lister.asked == ["voice"]
    hours_later()
    lister.choices_of["voice"] = (IGOR,)
    assert catalogue_choices.listed("heygen", "voice") == (IGOR,)


def test_the_last_good_answer_holds_while_the_provider_is_away(lister, hours_later):
    catalogue_choices.listed("heygen", "voice")
    lister.is_away = True
    hours_later()
    assert catalogue_choices.listed("heygen", "voice") == (SARA, IGOR)
    assert catalogue_choices.listed("heygen", "voice") == (SARA, IGOR)
    assert len(lister.asked) == 2  # and nobody else waits for it in the next minute


def test_without_any_answer_nothing_is_made_up(lister):
    lister.is_away = True
    with pytest.raises(ChoicesUnavailable):
        catalogue_choices.listed("heygen", "voice")
    lister.is_away, lister.choices_of = False, {}
    with pytest.raises(ChoicesUnavailable):
        catalogue_choices.listed("heygen", "voice")


def test_without_the_cache_the_provider_is_asked(lister, monkeypatch):
    def down(*_arguments, **_more):
        raise RedisDown

    for call in ("get", "add", "set"):
        monkeypatch.setattr(type(cache._connections["default"]), call, down)
    assert catalogue_choices.listed("heygen", "voice") == (SARA, IGOR)


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
    answer = client.get("/api/v1/models/heygen-avatar/choices/voice", {"q": "sara"})
    assert answer.json() == {
        "next": None,
        "previous": None,
        "results": [{"value": "v-1", "name": "Sara", "language": "English", "gender": "female"}],
    }
    lister.is_away = True
    cache.delete_many(["catalogue:choices:heygen:avatar"])
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
    taken = inputs.accept(offer, {"prompt": "Hello", "voice": "v-2"}, user_id=NOBODY)
    assert taken.input["voice"] == "v-2"
    with pytest.raises(InvalidInput) as caught, translation.override("ru"):
        inputs.accept(offer, {"prompt": "Hello", "voice": "v-3"}, user_id=NOBODY)
    (error,) = caught.value.errors
    assert (error.pointer, error.code) == ("/input/voice", "not_in_list")
    lister.is_away = True
    with pytest.raises(ChoicesUnavailable):
        inputs.accept(
            catalogue.offered("heygen-avatar"), {"script": "Hello", "avatar": "a-1", "voice": "v-1"}, user_id=NOBODY
        )


def test_a_field_without_a_list_has_none(lister, whole_catalogue):
    with pytest.raises(UnknownSetting):
        catalogue_choices.of_field(catalogue.known("heygen-avatar"), "script")
