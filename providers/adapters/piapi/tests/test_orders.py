"""What is sent for our settings, model by model."""

import pytest

from providers.adapters.goapi import models as goapi
from providers.adapters.goapi.adapter import GoapiAdapter
from providers.adapters.piapi.adapter import PiapiAdapter
from providers.adapters.piapi.models import MODELS
from providers.base import Submission, SubmittedFile
from providers.errors import ProviderRejected

ADAPTER = PiapiAdapter()
PICTURE, OTHER = "https://files.example/p.png", "https://files.example/q.png"
ANY = {
    "prompt": "a lighthouse",
    "negative_prompt": "fog",
    "aspect_ratio": "16:9",
    "resolution": "720p",
    "duration": 5,
    "count": 2,
    "seed": 7,
    "steps": 20,
    "guidance": 0.5,
    "strength": 0.4,
    "output_format": "png",
    "speed_tier": "relaxed",
    "with_audio": True,
    "improve_prompt": True,
    "shots": [{"prompt": "one", "duration": 3}, {"prompt": "two", "duration": 2}],
    "images": [{"upload": "p"}],
    "videos": [{"upload": "p"}],
    "audios": [{"upload": "p"}],
    "first_frame": {"upload": "p"},
    "last_frame": {"upload": "q"},
    "upscale_factor": 2,
    "script": "Hello",
    "voice": "oversea_male1",
    "speed": 1.1,
    "lyrics": "la la",
    "instrumental": True,
    "reference_text": "what is said there",
    "source_task": {"task": "t-0", "output": "2"},
}
SPECIAL = {
    "hailuo/video_generation/v2.3": {"resolution": "768p"},
    "gemini/nano-banana-pro": {"resolution": "2K"},
    "gemini/nano-banana-2": {"resolution": "2K"},
}


def a_file(upload_id, url):
    return SubmittedFile(upload_id, "photo of Alice.png", "image/png", 3, url, lambda: None)


FILES = {"p": a_file("p", PICTURE), "q": a_file("q", OTHER)}


def order(model, *, adapter=ADAPTER, webhook_url="", **settings):
    return adapter.build(Submission("ref-1", model, settings, FILES, webhook_url))


def settings_of(model, inputs):
    return {name: {**ANY, **SPECIAL.get(model, {})}[name] for name in inputs}


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_setting_reaches_the_provider(model):
    given = settings_of(model, ADAPTER.models[model].inputs)
    whole = order(model, **given)
    for name in given:
        assert order(model, **{other: value for other, value in given.items() if other != name}) != whole, name
    assert whole["model"] == MODELS[model].model
    assert whole["task_type"] == MODELS[model].task_type
    assert whole["config"] == {"service_mode": "public"}


def test_a_film_of_kling():
    sent = order(
        "kling/video_generation/2.6",
        prompt="a lighthouse",
        duration=10,
        guidance=0.5,
        resolution="1080p",
        with_audio=False,
        first_frame={"upload": "p"},
        last_frame={"upload": "q"},
    )
    assert sent["input"] == {
        "version": "2.6",
        "prompt": "a lighthouse",
        "duration": 10,
        "cfg_scale": 0.5,
        "mode": "pro",
        "enable_audio": False,
        "image_url": PICTURE,
        "image_tail_url": OTHER,
    }


def test_numbers_are_numbers():
    sent = order("kling/video_generation/3.0", prompt="x", duration=5, guidance=1.0)["input"]
    assert (sent["duration"], sent["cfg_scale"]) == (5, 1)
    assert not any(isinstance(sent[name], str) for name in ("duration", "cfg_scale"))


def test_shots_of_kling_3():
    sent = order("kling/video_generation/3.0", prompt="x", shots=ANY["shots"])["input"]
    assert sent["prefer_multi_shots"] is True
    assert sent["multi_shots"] == [{"prompt": "one", "duration": 3}, {"prompt": "two", "duration": 2}]


@pytest.mark.parametrize(
    ("settings", "mode", "images"),
    [
        ({}, "text_to_video", None),
        ({"first_frame": {"upload": "p"}}, "first_last_frames", [PICTURE]),
        ({"last_frame": {"upload": "q"}, "first_frame": {"upload": "p"}}, "first_last_frames", [PICTURE, OTHER]),
        ({"images": [{"upload": "q"}, {"upload": "p"}]}, "omni_reference", [OTHER, PICTURE]),
    ],
)
def test_the_mode_of_seedance_follows_from_the_files(settings, mode, images):
    sent = order("seedance/seedance-2", prompt="x", **settings)["input"]
    assert (sent["mode"], sent.get("image_urls")) == (mode, images)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, "generate"),
        ({"lyrics": "la"}, "user"),
        ({"instrumental": True}, "instrumental"),
        ({"instrumental": False}, "generate"),
        ({"instrumental": True, "lyrics": "la"}, "instrumental"),
    ],
)
def test_the_lyrics_of_a_song(settings, kind):
    assert order("music-u/generate_music", prompt="x", **settings)["input"]["lyrics_type"] == kind


def test_sizes_of_flux_stay_within_a_megapixel():
    for ratio in ("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16"):
        sent = order("Qubico/flux1-schnell/txt2img", prompt="x", aspect_ratio=ratio)["input"]
        width, height = (int(side) for side in ratio.split(":"))
        assert sent["width"] * sent["height"] <= 1024 * 1024
        assert abs(sent["width"] / sent["height"] - width / height) < 0.01


def test_a_film_of_veo_has_its_seconds_as_text():
    assert order("veo3.1/veo3.1-video-fast", prompt="x", duration=8)["input"]["duration"] == "8s"


def test_the_webhook_has_a_secret_of_its_own(settings):
    settings.PIAPI_WEBHOOK_SECRET = "of this installation"
    config = order("gemini/nano-banana-2", prompt="x", webhook_url="https://site.example/w")["config"]
    assert config["webhook_config"]["endpoint"] == "https://site.example/w"
    assert config["webhook_config"]["secret"].startswith("ref-1.")
    assert "of this installation" not in str(config)


def test_without_a_secret_no_webhook_is_asked_for(settings):
    settings.PIAPI_WEBHOOK_SECRET = ""
    assert "webhook_config" not in order("gemini/nano-banana-2", prompt="x", webhook_url="https://s.example")["config"]


@pytest.mark.parametrize(
    ("model", "given", "code"),
    [
        ("nobody/nothing", {}, "unknown_model"),
        ("gemini/nano-banana-2", {"prompt": "x", "steps": 3}, "unsupported_setting"),
        ("kling/video_generation/3.0", {"prompt": "x", "resolution": "4k"}, "unsupported_value"),
        ("Qubico/flux1-dev/img2img", {"prompt": "x", "images": []}, "unsupported_value"),
        ("Qubico/flux1-dev/txt2img", {"prompt": "x", "aspect_ratio": "21:9"}, "unsupported_value"),
        ("gemini/nano-banana-2", {"prompt": "x", "images": [{"upload": "p"}] * 15}, "unsupported_value"),
    ],
)
def test_what_cannot_be_expressed_is_refused(model, given, code):
    with pytest.raises(ProviderRejected) as raised:
        order(model, **given)
    assert raised.value.failure.code == code


# --- GoAPI ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", sorted(goapi.MODELS))
def test_every_setting_reaches_goapi(model):
    adapter = GoapiAdapter()
    given = settings_of(model, adapter.models[model].inputs)
    if model.startswith(goapi.LEGACY) and "source_task" in given:
        given["source_task"] = {"task": "mj:t-0", "output": "2"}
    whole = order(model, adapter=adapter, **given)
    for name in given:
        assert order(model, adapter=adapter, **{n: v for n, v in given.items() if n != name}) != whole, name


def test_an_older_order_of_goapi_is_flat(settings):
    settings.GOAPI_WEBHOOK_SECRET = "s"
    sent = order(
        "mj/v2/imagine", adapter=GoapiAdapter(), prompt="x", speed_tier="relaxed", webhook_url="https://s.example"
    )
    assert sent["webhook_secret"].startswith("ref-1.")
    assert {name: value for name, value in sent.items() if name != "webhook_secret"} == {
        "prompt": "x",
        "process_mode": "relax",
        "skip_prompt_check": False,
        "webhook_endpoint": "https://s.example",
        "notify_progress": True,
    }


@pytest.mark.parametrize(
    ("model", "source", "sent"),
    [
        ("midjourney/upscale", {"task": "t-0", "output": "3"}, {"origin_task_id": "t-0", "index": "3"}),
        ("midjourney/reroll", {"task": "t-0", "output": ""}, {"origin_task_id": "t-0"}),
    ],
)
def test_goapi_goes_on_from_one_of_four_pictures(model, source, sent):
    assert order(model, adapter=GoapiAdapter(), source_task=source)["input"] == sent


def test_the_older_interface_of_goapi_knows_its_own_pictures():
    sent = order("mj/v2/upscale", adapter=GoapiAdapter(), source_task={"task": "mj:t-0", "output": "3"})
    assert sent == {"origin_task_id": "t-0", "index": "3"}


@pytest.mark.parametrize(
    ("model", "source"),
    [
        ("mj/v2/upscale", {"task": "t-0", "output": "1"}),
        ("midjourney/upscale", {"task": "mj:t-0", "output": "1"}),
        ("midjourney/upscale", {"task": "t-0", "output": ""}),
    ],
)
def test_goapi_refuses_pictures_that_it_does_not_know(model, source):
    with pytest.raises(ProviderRejected):
        order(model, adapter=GoapiAdapter(), source_task=source)
