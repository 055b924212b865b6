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
    places = {"source_task": plain("origin_task_id"), "prompt": plain("prompt")}
    if task_type != "reroll":
        places["index"] = plain("index")
    return Model("image", "midjourney", task_type, places)


def _origin(body: Body, task: str) -> None:
    """An earlier picture of the same interface: those of the other one are not known here."""
    if not task.startswith(PREFIX):
        raise refused("unsupported_value", "source_task must be a picture of the older interface")
    body["origin_task_id"] = task.removeprefix(PREFIX)


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
        f"{LEGACY}/upscale": Model("image", LEGACY, "upscale", {"source_task": _origin, "index": plain("index")}),
        f"{LEGACY}/variation": Model(
            "image",
            LEGACY,
            "variation",
            {"source_task": _origin, "index": plain("index"), "prompt": plain("prompt")},
        ),
    }
)
FACTS: Mapping[str, ModelFacts] = MappingProxyType({name: model.facts for name, model in MODELS.items()})
