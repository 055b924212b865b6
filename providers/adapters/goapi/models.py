"""What can be ordered at GoAPI: names as at PiAPI, and `mj/v2/…` through the older Midjourney interface.

Sources: GoAPI's documentation, list of models (2026); its pages of Midjourney API v2 (2024). What it lists without
a readable description of the fields (Suno) is not offered.
"""

from collections.abc import Mapping
from types import MappingProxyType

from providers.adapters.goapi.messages import PREFIX
from providers.adapters.piapi import models as piapi
from providers.adapters.piapi.models import Model
from providers.adapters.places import Body, Place, one_of, plain, refused
from providers.base import ModelFacts

LEGACY = "mj/v2"
_SPEEDS = {"relaxed": "relax", "fast": "fast", "turbo": "turbo"}


def _midjourney(task_type: str) -> Model:
    """Fast unless asked otherwise: that is what its price is planned for."""
    if task_type == "imagine":
        places: dict[str, Place] = {
            "prompt": plain("prompt"),
            "aspect_ratio": plain("aspect_ratio"),
            "speed_tier": one_of("process_mode", _SPEEDS),
        }
        return Model("image", "midjourney", task_type, places, {"skip_prompt_check": False, "process_mode": "fast"})
    return Model(
        "image",
        "midjourney",
        task_type,
        {"source_task": _origin(older=False, is_numbered=task_type != "reroll"), "prompt": plain("prompt")},
    )


def _origin(*, older: bool, is_numbered: bool = True) -> Place:
    """An earlier order, and which of its four pictures. Each interface knows only what was made through it."""

    def write(body: Body, source: Mapping[str, str]) -> None:
        task, picture = source["task"], source["output"]
        if task.startswith(PREFIX) is not older:
            raise refused("unsupported_value", "the earlier picture was made through the other interface")
        body["origin_task_id"] = task.removeprefix(PREFIX)
        if is_numbered:
            if not picture.isdecimal():
                raise refused("unsupported_value", "the earlier picture is not one of four")
            body["index"] = picture

    return write


# Listed at both. The fields are those of the one interface that both answer.
_SHARED = (
    "gemini/nano-banana-2",
    "seedance/seedance-2",
    "seedance/seedance-2-fast",
    "veo3.1/veo3.1-video",
    "veo3.1/veo3.1-video-fast",
    "sora2/sora2-video",
    "music-u/generate_music",
)

MODELS: Mapping[str, Model] = MappingProxyType(
    {name: piapi.MODELS[name] for name in _SHARED}
    | {f"midjourney/{one}": _midjourney(one) for one in ("imagine", "upscale", "variation", "reroll")}
    | {
        f"{LEGACY}/imagine": Model(
            "image",
            LEGACY,
            "imagine",
            {
                "prompt": plain("prompt"),
                "aspect_ratio": plain("aspect_ratio"),
                "speed_tier": one_of("process_mode", _SPEEDS),
            },
            {"skip_prompt_check": False, "process_mode": "fast"},
        ),
        f"{LEGACY}/upscale": Model("image", LEGACY, "upscale", {"source_task": _origin(older=True)}),
        f"{LEGACY}/variation": Model(
            "image",
            LEGACY,
            "variation",
            {"source_task": _origin(older=True), "prompt": plain("prompt")},
        ),
    }
)
FACTS: Mapping[str, ModelFacts] = MappingProxyType({name: model.facts for name, model in MODELS.items()})
