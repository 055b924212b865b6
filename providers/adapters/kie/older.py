"""The older families, each with a call and a record of its own: 4o image, Flux Kontext, Veo 3.1, Runway and Aleph."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from providers.adapters.kie.orders import Order, in_order, item, spelled
from providers.adapters.places import Body, Place, number, one_of, only, plain, refused, several, together
from providers.adapters.suno_wire.orders import task_of

GPT_4O, FLUX, VEO, RUNWAY, ALEPH = "4o", "flux", "veo", "runway", "aleph"
# Larger versions of a finished film of Veo, each by a call of its own.
FULL_HD, ULTRA_HD = "veo-1080p", "veo-4k"
_SIX = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")


def _gpt_4o() -> Order:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "images": several("filesUrl", at_most=5),
        "aspect_ratio": one_of("size", ("1:1", "3:2", "2:3")),
        "improve_prompt": plain("isEnhance"),
    }
    # Another model than the one that was ordered is no help to anybody.
    fixed = {"size": "1:1", "isEnhance": False, "enableFallback": False}
    return Order(GPT_4O, "gpt4o-image/generate", "image", "gpt4o-image", places, fixed)


def _flux(model: str) -> Order:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "images": only("inputImage"),
        "aspect_ratio": one_of("aspectRatio", _SIX),
        "output_format": one_of("outputFormat", {"png": "png", "jpeg": "jpeg", "jpg": "jpeg"}),
        "improve_prompt": plain("promptUpsampling"),
        "translate_prompt": plain("enableTranslation"),
    }
    # 2 is the most that is allowed with and without an input image.
    return Order(FLUX, "flux/kontext/generate", "image", model, places, {"model": model, "safetyTolerance": 2})


def _ratio_of_veo(body: Body, value: Any) -> None:
    """Their page names `aspectRatio`, its example sends `aspect_ratio`: both are sent."""
    together(
        one_of("aspectRatio", {"16:9": "16:9", "9:16": "9:16", "auto": "Auto"}),
        one_of("aspect_ratio", {"16:9": "16:9", "9:16": "9:16", "auto": "Auto"}),
    )(body, value)


def _type_of_veo(body: Body) -> None:
    in_order("imageUrls")(body)
    references = body.pop("references", [])
    if references and body.get("imageUrls"):
        raise refused("unsupported_setting", "frames and references exclude each other")
    if references:
        body["imageUrls"] = references
    frames = "FIRST_AND_LAST_FRAMES_2_VIDEO" if body.get("imageUrls") else "TEXT_2_VIDEO"
    body["generationType"] = "REFERENCE_2_VIDEO" if references else frames


def _veo(model: str) -> Order:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "first_frame": item("imageUrls", 0),
        "last_frame": item("imageUrls", 1),
        "images": several("references", at_most=3),
        "aspect_ratio": _ratio_of_veo,
        "resolution": spelled("resolution", "720p", "1080p", "4k"),
        "duration": number("duration"),
        "translate_prompt": plain("enableTranslation"),
    }
    return Order(VEO, "veo/generate", "video", model, places, {"model": model}, _type_of_veo)


def _source(body: Body, value: Mapping[str, str]) -> None:
    body["taskId"] = task_of(value)


def _veo_extension(tier: str) -> Order:
    places: dict[str, Place] = {"prompt": plain("prompt"), "source_task": _source, "seed": number("seeds")}
    return Order(VEO, "veo/extend", "video", f"veo/extend/{tier}", places, {"model": tier})


def _veo_upgrade(family: str, path: str, model: str) -> Order:
    # A task of Veo has one film: the first.
    return Order(family, path, "video", model, {"source_task": _source}, {"index": 0})


def _runway_rules(body: Body) -> None:
    if body["duration"] == 10 and body["quality"] == "1080p":
        raise refused("unsupported_value", "ten seconds are not made in 1080p")
    if "imageUrl" in body:
        body.pop("aspectRatio", None)


def _runway() -> Order:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "duration": number("duration"),
        "resolution": spelled("quality", "720p", "1080p"),
        "first_frame": plain("imageUrl"),
        "aspect_ratio": one_of("aspectRatio", ("16:9", "4:3", "1:1", "3:4", "9:16")),
    }
    fixed = {"duration": 5, "quality": "720p", "waterMark": ""}
    return Order(RUNWAY, "runway/generate", "video", "runway", places, fixed, _runway_rules)


def _runway_extension() -> Order:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "source_task": _source,
        "resolution": spelled("quality", "720p", "1080p"),
    }
    fixed = {"quality": "720p", "waterMark": ""}
    return Order(RUNWAY, "runway/extend", "video", "runway/extend", places, fixed)


def _aleph() -> Order:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "videos": only("videoUrl"),
        "images": only("referenceImage"),
        "aspect_ratio": one_of("aspectRatio", _SIX),
        "seed": number("seed"),
    }
    return Order(ALEPH, "aleph/generate", "video", "runway/aleph", places, {"waterMark": ""})


_ORDERS = (
    _gpt_4o(),
    _flux("flux-kontext-pro"),
    _flux("flux-kontext-max"),
    _veo("veo3"),
    _veo("veo3_fast"),
    _veo("veo3_lite"),
    _veo_extension("fast"),
    _veo_extension("quality"),
    _veo_extension("lite"),
    _veo_upgrade(FULL_HD, "veo/get-1080p-video", "veo/1080p"),
    _veo_upgrade(ULTRA_HD, "veo/get-4k-video", "veo/4k"),
    _runway(),
    _runway_extension(),
    _aleph(),
)
MODELS: Mapping[str, Order] = MappingProxyType({order.model: order for order in _ORDERS})
