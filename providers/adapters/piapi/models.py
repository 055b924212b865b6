"""What can be ordered at PiAPI, by `<model>/<task_type>` and, where one task type serves several, the version.

Sources: piapi.ai/docs, pages of the models, and the list in its official command-line client, both of 2026. Midjourney
and Suno are missing: its front page says that it no longer provides them (2026).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from providers.adapters.places import (
    Body,
    Place,
    constant,
    number,
    one_of,
    only,
    plain,
    refused,
    seconds,
    several,
    together,
    written,
)
from providers.base import ModelFacts, Submission


@dataclass(frozen=True, slots=True)
class Model:
    """What is ordered under one name: their `model` and `task_type`, and the place of each setting of ours.

    `fixed` is sent always. `finish` completes the input from what stands in it.
    """

    kind: str
    model: str
    task_type: str
    places: Mapping[str, Place]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[Body], None] | None = None

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts(self.kind, frozenset(self.places))

    def input(self, submission: Submission, links: Mapping[str, str]) -> Body:
        """Their `input`. Raises ProviderRejected for what cannot be expressed."""
        body = written(self.places, submission, links, self.fixed)
        if self.finish:
            self.finish(body)
        return body


# At most 1024 x 1024 pixels in all, sides of whole steps of 16.
_SIZES = {
    "1:1": (1024, 1024),
    "4:3": (1024, 768),
    "3:4": (768, 1024),
    "3:2": (1008, 672),
    "2:3": (672, 1008),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
}
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_VIDEO_RATIOS = ("16:9", "9:16", "1:1")


def _size(body: Body, ratio: str) -> None:
    if ratio not in _SIZES:
        raise refused("unsupported_value", f"aspect_ratio cannot be {ratio}")
    body["width"], body["height"] = _SIZES[ratio]


def _flux(model: str, *, edit: bool) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "negative_prompt": plain("negative_prompt"),
        "aspect_ratio": _size,
        "guidance": number("guidance_scale"),
    }
    if model.endswith("schnell"):
        places["count"] = number("batch_size")
    if edit:
        places |= {"images": only("image"), "strength": number("denoise")}
    return Model("image", model, "img2img" if edit else "txt2img", places)


def _gemini(task_type: str, *, sizes: bool) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "images": several("image_urls", at_most=14),
        "aspect_ratio": one_of("aspect_ratio", _RATIOS),
        "output_format": one_of("output_format", {"png": "png", "jpeg": "jpeg", "jpg": "jpeg"}),
    }
    if sizes:
        places["resolution"] = one_of("resolution", ("1K", "2K", "4K"))
    return Model("image", "gemini", task_type, places)


def _shots(body: Body, shots: list[Mapping[str, object]]) -> None:
    body["prefer_multi_shots"] = True
    body["multi_shots"] = [{"prompt": shot["prompt"], "duration": shot["duration"]} for shot in shots]


def _kling(version: str) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "negative_prompt": plain("negative_prompt"),
        "guidance": number("cfg_scale"),
        "duration": number("duration"),
        "aspect_ratio": one_of("aspect_ratio", _VIDEO_RATIOS),
        "resolution": one_of("mode", {"720p": "std", "1080p": "pro"}),
        "first_frame": plain("image_url"),
        "last_frame": plain("image_tail_url"),
    }
    if version in {"2.6", "3.0"}:
        places["with_audio"] = plain("enable_audio")
    if version == "3.0":
        places["shots"] = _shots
    return Model("video", "kling", "video_generation", places, {"version": version})


def _earlier(body: Body, source: Mapping[str, str]) -> None:
    body["origin_task_id"] = source["task"]


def _kling_omni() -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "duration": number("duration"),
        "aspect_ratio": one_of("aspect_ratio", _VIDEO_RATIOS),
        "resolution": one_of("resolution", ("720p", "1080p")),
        "with_audio": plain("enable_audio"),
        "images": several("images", at_most=4),
        "shots": _shots,
    }
    return Model("video", "kling", "omni_video_generation", places, {"version": "3.0"})


def _kling_turbo() -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "negative_prompt": plain("negative_prompt"),
        "duration": number("duration"),
        "aspect_ratio": one_of("aspect_ratio", _VIDEO_RATIOS),
        "resolution": one_of("mode", {"720p": "std", "1080p": "pro"}),
        "first_frame": plain("image_url"),
    }
    return Model("video", "kling-turbo", "video_generation", places, {"version": "2.5-turbo"})


def _seedance(task_type: str) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "duration": number("duration"),
        "aspect_ratio": plain("aspect_ratio"),
        "first_frame": _frame(0),
        "last_frame": _frame(1),
        "images": together(several("image_urls", at_most=12), constant("mode", "omni_reference")),
    }
    return Model("video", "seedance", task_type, places, {}, _seedance_mode)


def _frame(place: int) -> Place:
    """The first frame before the last, in whatever order they are written."""

    def write(body: Body, link: str) -> None:
        body.setdefault("image_urls", []).insert(place, link)
        body.setdefault("mode", "first_last_frames")

    return write


def _seedance_mode(body: Body) -> None:
    body.setdefault("mode", "text_to_video")


def _hailuo(version: str) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "first_frame": plain("image_url"),
        "duration": number("duration"),
        "resolution": one_of("resolution", {"768p": 768, "1080p": 1080}),
        "improve_prompt": plain("expand_prompt"),
    }
    return Model("video", "hailuo", "video_generation", places, {"model": version})


def _luma() -> Model:
    def first_frame(body: Body, link: str) -> None:
        body["key_frames"] = {"frame0": {"type": "image", "url": link}}

    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "duration": number("duration"),
        "aspect_ratio": plain("aspect_ratio"),
        "first_frame": first_frame,
    }
    return Model("video", "luma", "video_generation", places)


def _veo(model: str, task_type: str) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "negative_prompt": plain("negative_prompt"),
        "first_frame": plain("image_url"),
        "aspect_ratio": one_of("aspect_ratio", ("16:9", "9:16")),
        "duration": seconds("duration"),
        "resolution": one_of("resolution", ("720p", "1080p")),
        "with_audio": plain("generate_audio"),
    }
    if model == "veo3.1":
        places["last_frame"] = plain("tail_image_url")
    return Model("video", model, task_type, places)


def _sora(task_type: str) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "duration": number("duration"),
        "aspect_ratio": one_of("aspect_ratio", ("16:9", "9:16")),
        "first_frame": plain("image_url"),
    }
    return Model("video", "sora2", task_type, places)


def _wan(task_type: str) -> Model:
    places: dict[str, Place] = {
        "prompt": plain("prompt"),
        "duration": number("duration"),
        "resolution": one_of("resolution", {"720p": "720P", "1080p": "1080P"}),
    }
    if task_type.endswith("img2video"):
        places["first_frame"] = plain("image")
    else:
        places["aspect_ratio"] = plain("aspect_ratio")
    return Model("video", "Wan", task_type, places)


def _udio() -> Model:
    places: dict[str, Place] = {
        "prompt": plain("gpt_description_prompt"),
        "lyrics": plain("lyrics"),
        "instrumental": plain("lyrics_type"),
        "negative_prompt": plain("negative_tags"),
        "seed": number("seed"),
    }
    return Model("audio", "music-u", "generate_music", places, {}, _udio_lyrics)


def _udio_lyrics(body: Body) -> None:
    """No voice when none is wanted, whatever else is given."""
    if body.pop("lyrics_type", False):
        body["lyrics_type"] = "instrumental"
    else:
        body["lyrics_type"] = "user" if body.get("lyrics") else "generate"


def _songs(model: str, task_type: str) -> Model:
    places: dict[str, Place] = {"prompt": plain("style_prompt"), "lyrics": plain("lyrics")}
    if task_type == "txt2audio":
        places["duration"] = number("duration")
    else:
        places["audios"] = only("style_audio")
    return Model("audio", model, task_type, places)


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        # Pictures
        "Qubico/flux1-schnell/txt2img": _flux("Qubico/flux1-schnell", edit=False),
        "Qubico/flux1-schnell/img2img": _flux("Qubico/flux1-schnell", edit=True),
        "Qubico/flux1-dev/txt2img": _flux("Qubico/flux1-dev", edit=False),
        "Qubico/flux1-dev/img2img": _flux("Qubico/flux1-dev", edit=True),
        "Qubico/flux1-dev-advanced/kontext": Model(
            "image",
            "Qubico/flux1-dev-advanced",
            "kontext",
            {
                "prompt": plain("prompt"),
                "images": only("image"),
                "aspect_ratio": _size,
                "seed": number("seed"),
                "steps": number("steps"),
            },
        ),
        "gemini/gemini-2.5-flash-image": _gemini("gemini-2.5-flash-image", sizes=False),
        "gemini/nano-banana-pro": _gemini("nano-banana-pro", sizes=True),
        "gemini/nano-banana-2": _gemini("nano-banana-2", sizes=True),
        "Qubico/image-toolkit/background-remove": Model(
            "image", "Qubico/image-toolkit", "background-remove", {"images": only("image")}
        ),
        "Qubico/image-toolkit/upscale": Model(
            "image",
            "Qubico/image-toolkit",
            "upscale",
            {"images": only("image"), "upscale_factor": number("scale")},
        ),
        # Films
        "kling/video_generation/2.1": _kling("2.1"),
        "kling/video_generation/2.5": _kling("2.5"),
        "kling/video_generation/2.6": _kling("2.6"),
        "kling/video_generation/3.0": _kling("3.0"),
        "kling/omni_video_generation/3.0": _kling_omni(),
        "kling-turbo/video_generation/2.5-turbo": _kling_turbo(),
        "seedance/seedance-2": _seedance("seedance-2"),
        "seedance/seedance-2-fast": _seedance("seedance-2-fast"),
        "hailuo/video_generation/v2.3": _hailuo("v2.3"),
        "luma/video_generation": _luma(),
        "veo3/veo3-video": _veo("veo3", "veo3-video"),
        "veo3/veo3-video-fast": _veo("veo3", "veo3-video-fast"),
        "veo3.1/veo3.1-video": _veo("veo3.1", "veo3.1-video"),
        "veo3.1/veo3.1-video-fast": _veo("veo3.1", "veo3.1-video-fast"),
        "sora2/sora2-video": _sora("sora2-video"),
        "sora2/sora2-pro-video": _sora("sora2-pro-video"),
        "Wan/wan26-txt2video": _wan("wan26-txt2video"),
        "Wan/wan26-img2video": _wan("wan26-img2video"),
        "Qubico/video-toolkit/upscale": Model("video", "Qubico/video-toolkit", "upscale", {"videos": only("video")}),
        # Talking faces
        "kling/lip_sync": Model(
            "video",
            "kling",
            "lip_sync",
            {
                "source_task": _earlier,
                "videos": only("video_url"),
                "audios": only("local_dubbing_url"),
                "script": plain("tts_text"),
                "voice": plain("tts_timbre"),
                "speed": number("tts_speed"),
            },
        ),
        "kling/avatar": Model(
            "video",
            "kling",
            "avatar",
            {
                "prompt": plain("prompt"),
                "images": only("image_url"),
                "audios": only("local_dubbing_url"),
                "resolution": one_of("mode", {"720p": "std", "1080p": "pro"}),
            },
        ),
        "omni-human/omni-human-1.5": Model(
            "video",
            "omni-human",
            "omni-human-1.5",
            {"prompt": plain("prompt"), "images": only("image_url"), "audios": only("audio_url")},
        ),
        # Sound
        "music-u/generate_music": _udio(),
        "Qubico/ace-step/txt2audio": _songs("Qubico/ace-step", "txt2audio"),
        "Qubico/diffrhythm/txt2audio-base": _songs("Qubico/diffrhythm", "txt2audio-base"),
        "Qubico/diffrhythm/txt2audio-full": _songs("Qubico/diffrhythm", "txt2audio-full"),
        "Qubico/tts/zero-shot": Model(
            "audio",
            "Qubico/tts",
            "zero-shot",
            {"prompt": plain("gen_text"), "audios": only("ref_audio"), "reference_text": plain("ref_text")},
        ),
        "Qubico/mmaudio/video2audio": Model(
            "audio",
            "Qubico/mmaudio",
            "video2audio",
            {
                "prompt": plain("prompt"),
                "negative_prompt": plain("negative_prompt"),
                "videos": only("video"),
            },
        ),
    }
)
FACTS: Mapping[str, ModelFacts] = MappingProxyType({name: model.facts for name, model in MODELS.items()})
