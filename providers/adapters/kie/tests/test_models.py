"""Each model of Kie.ai: what it needs reaches it, in its own words and types."""

from dataclasses import replace

import pytest

from providers import registry
from providers.adapters.kie.models import FACTS, MODELS, SUNO
from providers.base import TaskStatus
from providers.errors import ProviderRejected
from providers.tests.ordering import named, submission, uploaded

adapter = registry.adapter("kie")
FILE = uploaded()
EARLIER = {"task": "veo:0123", "output": "song-1"}
SAMPLES = {
    "prompt": "a quiet sea",
    "negative_prompt": "text",
    "seed": 20000,
    "steps": 20,
    "guidance": 0.5,
    "images": [named(FILE)],
    "videos": [named(FILE)],
    "audios": [named(FILE)],
    "mask": [named(FILE)],
    "first_frame": named(FILE),
    "last_frame": named(FILE),
    "source_task": EARLIER,
    "count": 2,
    "translate_prompt": False,
    "fixed_camera": True,
    "output_format": "png",
    "voice": "Aria",
    "stability": 0.5,
    "similarity": 0.7,
    "style_strength": 0.1,
    "speed": 1.1,
    "language": "ru",
    "previous_text": "Before.",
    "next_text": "After.",
    "dialogue": [{"text": "Hello", "voice": "Aria"}, {"text": "Hi", "voice": "Liam"}],
    "shots": [{"prompt": "dawn", "duration": 2}, {"prompt": "noon", "duration": 3}],
}
# The first of these that a model knows, and that is not what it is sent anyway, is given.
CHOICES = {
    "aspect_ratio": ("1:1", "9:16", "3:2"),
    "resolution": ("720p", "1080p", "768p", "1K", "2K", "4K"),
    "quality": ("high", "basic"),
    "speed_tier": ("fast", "balanced"),
    "style": ("GENERAL",),
    "orientation": ("image",),
    "multi_shots": (True,),
    "duration": (5, 6),
    "upscale_factor": (2, 4),
    "with_audio": (True, False),
    "improve_prompt": (True, False),
}


# With a picture, Runway's format is that of the picture.
NEEDED_BY_OTHERS = {"runway": {"aspect_ratio"}}


def full_input(model, name):
    """Every setting of a model that goes with the others."""
    wanted = set(model.places)
    if name.startswith(("bytedance/seedance-2", "veo3")):
        wanted -= {"images", "videos", "audios"}  # excluded by frames
    return {setting: telling_value(model, setting) for setting in sorted(wanted)}


def telling_value(model, setting):
    for value in CHOICES.get(setting, (SAMPLES.get(setting),)):
        body = {}
        try:
            model.places[setting](body, value)
        except ProviderRejected:
            continue
        if any(model.fixed.get(name) != written for name, written in body.items()):
            return value
    raise AssertionError(f"{model.model}: no value for {setting}")


def order(name, model=None):
    return submission(name, files=[FILE], **full_input(model or MODELS[name], name))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_setting_of_a_model_reaches_the_order(name):
    complete = order(name)
    whole = adapter.build(complete)
    for setting in set(complete.input) - NEEDED_BY_OTHERS.get(name, set()):
        given = {key: value for key, value in complete.input.items() if key != setting}
        if setting == "first_frame":
            given.pop("last_frame", None)
        without = replace(complete, input=given)
        assert adapter.build(without) != whole, setting


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_stand_in_takes_every_model_and_makes_what_it_promises(fake_providers, name):
    complete = order(name)
    if "source_task" in complete.input:
        earlier = adapter.submit(submission("veo3_fast", prompt="a first part"))
        complete.input["source_task"] = {"task": earlier.external_id, "output": ""}
    accepted = adapter.submit(complete)
    assert accepted.status is TaskStatus.RUNNING
    done = adapter.fetch(accepted.external_id)
    assert done.status is TaskStatus.SUCCEEDED
    assert {output.kind for output in done.outputs} == {FACTS[name].kind}
    assert len(done.outputs) == complete.input.get("count", 1)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_unknown_setting_is_refused_and_not_dropped(name):
    with pytest.raises(ProviderRejected) as refused:
        adapter.build(submission(name, spicy=True))
    assert refused.value.failure.code == "unsupported_setting"


def test_no_model_bears_two_names():
    assert set(FACTS) == set(MODELS) | set(SUNO)
    assert len(FACTS) == len(MODELS) + len(SUNO)
    assert {facts.kind for facts in FACTS.values()} == {"image", "video", "audio", "text"}
