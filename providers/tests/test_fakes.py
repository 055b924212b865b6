"""The stand-ins: real files, real settings, faults that are what they are called."""

import io

import av
import pytest
import requests
from PIL import Image

from providers import fakes, registry
from providers.fakes import samples
from providers.fakes.faults import FAULTS
from providers.fakes.webhooks import Webhook


@pytest.mark.parametrize(("extension", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
@pytest.mark.parametrize(("ratio", "size"), [("16:9", (896, 504)), ("9:16", (504, 896)), ("auto", (896, 896))])
def test_pictures_are_pictures_of_the_ratio_that_was_ordered(extension, kind, ratio, size):
    picture = Image.open(io.BytesIO(samples.make(extension, prompt="sea", ratio=ratio)))
    assert (picture.format, picture.size) == (kind, size)
    assert len(picture.convert("RGB").getcolors(1_000_000)) > 100


@pytest.mark.parametrize(("extension", "streams"), [("mp4", ["video"]), ("mp3", ["audio"]), ("wav", ["audio"])])
def test_films_and_sounds_play_as_long_as_they_say(extension, streams):
    with av.open(io.BytesIO(samples.make(extension, prompt="sea", ratio="16:9", seconds=2))) as played:
        assert [stream.type for stream in played.streams] == streams
        assert 1.8 < played.duration / av.time_base < 2.3
        assert sum(1 for _frame in played.decode(0)) > 20


def test_results_look_different_from_prompt_to_prompt_and_alike_for_one():
    looks = {samples.make("wav", prompt=f"prompt {number}") for number in range(8)}
    assert len(looks) > 4
    assert samples.make("png", prompt="sea") == samples.make("png", prompt="sea")


def test_they_set_all_that_their_providers_need(fake_providers):
    environment = fakes.environment("http://127.0.0.1:1/")
    assert all(value for value in environment.values())
    assert "http://127.0.0.1:1//" not in " ".join(environment.values())
    assert set(fakes.APPS) <= set(registry.configured())


def asked(frame, path, payload=None):
    method = "GET" if payload is None else "POST"
    return requests.request(method, frame.url + path, json=payload, timeout=60).status_code


def test_faults_are_ordered_from_a_shell_too(fake_providers):
    assert asked(fake_providers, "/_/faults", {"fault": "server_error", "path": "/kie/", "times": 2}) == 200
    assert asked(fake_providers, "/suno/api/v1/generate/credit") == 200
    assert [asked(fake_providers, "/kie/api/v1/chat/credit") for _call in range(3)] == [500, 500, 200]


def test_a_fault_that_nobody_knows_is_refused(fake_providers):
    with pytest.raises(ValueError, match="no such fault"):
        fake_providers.fail_next("bad_hair_day")


def test_every_fault_says_what_it_does():
    assert all(meaning and not meaning.endswith(".") for meaning in FAULTS.values())


def test_a_prompt_may_ask_for_a_fault(fake_providers):
    call = {"prompt": "sea [fault:server_error] and sand [fault:nonsense]"}
    assert asked(fake_providers, "/kie/api/v1/veo/generate", call) == 500
    assert fake_providers.calls("/kie/")[0].faults == {"server_error"}


def test_another_prefix_is_nobody(fake_providers):
    assert asked(fake_providers, "/stranger/v1") == 404


def test_webhooks_arrive_in_order_and_their_answers_are_kept(fake_providers):
    url = f"{fake_providers.url}/_/received/x"
    fake_providers.webhooks.send(Webhook(url, {"stage": 1}), Webhook(url, {"stage": 2}))
    fake_providers.webhooks.wait(2)
    assert [call.json["stage"] for call in fake_providers.calls("/_/received/x")] == [1, 2]
    assert fake_providers.webhooks.answers == [200, 200]


def test_a_webhook_to_nobody_is_answered_by_nobody(fake_providers):
    fake_providers.webhooks.send(Webhook("http://127.0.0.1:9/x", {}))
    fake_providers.webhooks.wait(1)
    assert fake_providers.webhooks.answers == [0]


def test_between_tests_everything_is_forgotten(fake_providers):
    asked(fake_providers, "/kie/api/v1/chat/credit")
    fake_providers.fail_next("server_error")
    fake_providers.apps["kie"].credits = 1
    fake_providers.forget()
    assert fake_providers.requests == []
    assert fake_providers.apps["kie"].credits != 1
    assert asked(fake_providers, "/kie/api/v1/chat/credit") == 200
