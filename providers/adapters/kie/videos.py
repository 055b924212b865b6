"""Films: from words, from a first and a last frame, from references; edited, enlarged; faces that speak."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from providers.adapters.kie.orders import JOBS, Order, each_of, in_order, item, spelled, text
from providers.adapters.places import Body, Place, number, one_of, only, plain, refused, several

_WIDE = ("16:9", "9:16", "1:1")
_SIX = (*_WIDE, "4:3", "3:4", "21:9")
_PROMPT: Mapping[str, Place] = {"prompt": plain("prompt")}
_NEGATIVE: Mapping[str, Place] = {"negative_prompt": plain("negative_prompt")}
_SECONDS: Mapping[str, Place] = {"duration": number("duration")}
_SECONDS_AS_TEXT: Mapping[str, Place] = {"duration": text("duration")}
_SEED: Mapping[str, Place] = {"seed": number("seed")}


def _order(
    model: str, places: Mapping[str, Place], finish: Callable[[Body], None] | None = None, **fixed: Any
) -> tuple[str, Order]:
    return model, Order(JOBS, "jobs/createTask", "video", model, places, fixed, finish)


def _ratio(values: Any = _WIDE, name: str = "aspect_ratio") -> Mapping[str, Place]:
    return {"aspect_ratio": one_of(name, values)}


def _resolution(*values: str, name: str = "resolution") -> Mapping[str, Place]:
    return {"resolution": spelled(name, *values)}


def _first(name: str) -> Mapping[str, Place]:
    return {"first_frame": plain(name)}


def _frames(first: str, last: str) -> Mapping[str, Place]:
    return {"first_frame": plain(first), "last_frame": plain(last)}


def _listed_frames(name: str) -> Mapping[str, Place]:
    return {"first_frame": item(name, 0), "last_frame": item(name, 1)}


def _shots(body: Body, shots: list[Mapping[str, Any]]) -> None:
    """Several shots replace the one prompt."""
    each_of("multi_prompt", "prompt", "duration")(body, shots)
    body["multi_shots"] = True


def _frames_or_references(body: Body) -> None:
    frames = {"first_frame_url", "last_frame_url"} & set(body)
    references = {name for name in body if name.startswith("reference_")}
    if frames and references:
        raise refused("unsupported_setting", "frames and references exclude each other")


def _seedance_2(model: str, *resolutions: str) -> tuple[str, Order]:
    places = {
        **_PROMPT,
        **_frames("first_frame_url", "last_frame_url"),
        "images": several("reference_image_urls", at_most=9),
        "videos": several("reference_video_urls", at_most=3),
        "audios": several("reference_audio_urls", at_most=3),
        **_resolution(*resolutions),
        "aspect_ratio": one_of("aspect_ratio", {**{word: word for word in _SIX}, "auto": "adaptive"}),
        **_SECONDS,
        "with_audio": plain("generate_audio"),
    }
    # Their own defaults differ from model to model: sound and search are said always.
    return _order(model, places, _frames_or_references, generate_audio=False, web_search=False)


_KLING_2: Mapping[str, Place] = {**_PROMPT, **_NEGATIVE, **_SECONDS_AS_TEXT, "guidance": number("cfg_scale")}
_KLING_3_MODES: Mapping[str, Place] = {"resolution": one_of("mode", {"720p": "std", "1080p": "pro", "4k": "4K"})}
_MOTION: Mapping[str, Place] = {
    **_PROMPT,
    "images": several("input_urls", at_most=1),
    "videos": several("video_urls", at_most=1),
    **_resolution("720p", "1080p", name="mode"),
    "orientation": one_of("character_orientation", ("image", "video")),
}
_HAILUO: Mapping[str, Place] = {**_PROMPT, "improve_prompt": plain("prompt_optimizer")}
_WAN_2_5: Mapping[str, Place] = {
    **_PROMPT,
    **_NEGATIVE,
    **_SECONDS_AS_TEXT,
    **_resolution("720p", "1080p"),
    **_SEED,
    "improve_prompt": plain("enable_prompt_expansion"),
}
_WAN_2_6: Mapping[str, Place] = {**_PROMPT, **_SECONDS_AS_TEXT, **_resolution("720p", "1080p")}
_WAN_2_6_SHOTS: Mapping[str, Place] = {"multi_shots": plain("multi_shots")}
_WAN_2_7: Mapping[str, Place] = {
    **_PROMPT,
    **_NEGATIVE,
    **_SECONDS,
    **_resolution("720p", "1080p"),
    **_SEED,
    "improve_prompt": plain("prompt_extend"),
}
_HORSE: Mapping[str, Place] = {**_PROMPT, **_SECONDS, **_resolution("720p", "1080p"), **_SEED}
_GROK: Mapping[str, Place] = {**_PROMPT, **_SECONDS, **_resolution("480p", "720p", "1080p")}
_PIXVERSE: Mapping[str, Place] = {
    **_PROMPT,
    **_SECONDS,
    **_resolution("360p", "540p", "720p", "1080p", name="quality"),
}
_SPEAKER: Mapping[str, Place] = {**_PROMPT, "images": only("image_url"), "audios": only("audio_url")}

MODELS: Mapping[str, Order] = MappingProxyType(
    dict(
        (
            # Kling
            _order("kling/v2-1-standard", {**_KLING_2, **_first("image_url")}),
            _order("kling/v2-1-pro", {**_KLING_2, **_frames("image_url", "tail_image_url")}),
            _order("kling/v2-1-master-text-to-video", {**_KLING_2, **_ratio()}),
            _order("kling/v2-1-master-image-to-video", {**_KLING_2, **_first("image_url")}),
            _order("kling/v2-5-turbo-text-to-video-pro", {**_KLING_2, **_ratio()}),
            _order("kling/v2-5-turbo-image-to-video-pro", {**_KLING_2, **_frames("image_url", "tail_image_url")}),
            _order(
                "kling-2.6/text-to-video",
                {**_PROMPT, "with_audio": plain("sound"), **_ratio(), **_SECONDS_AS_TEXT},
                sound=False,
                aspect_ratio="16:9",
                duration="5",
            ),
            _order(
                "kling-2.6/image-to-video",
                {**_PROMPT, "first_frame": item("image_urls", 0), "with_audio": plain("sound"), **_SECONDS_AS_TEXT},
                in_order("image_urls"),
                sound=False,
                duration="5",
            ),
            _order("kling-2.6/motion-control", _MOTION, mode="720p", character_orientation="video"),
            _order("kling-3.0/motion-control", _MOTION, mode="720p", character_orientation="video"),
            _order(
                "kling-3.0/video",
                {
                    **_PROMPT,
                    **_listed_frames("image_urls"),
                    "with_audio": plain("sound"),
                    **_SECONDS_AS_TEXT,
                    **_ratio(),
                    **_KLING_3_MODES,
                    "shots": _shots,
                },
                in_order("image_urls"),
                sound=False,
                duration="5",
                aspect_ratio="16:9",
                mode="pro",
                multi_shots=False,
                multi_prompt=[],
            ),
            _order(
                "kling/v3-turbo-text-to-video",
                {**_PROMPT, **_SECONDS_AS_TEXT, **_ratio(), **_resolution("720p", "1080p")},
                duration="5",
                aspect_ratio="16:9",
                resolution="720p",
            ),
            _order(
                "kling/v3-turbo-image-to-video",
                {**_PROMPT, "first_frame": item("image_urls", 0), **_SECONDS_AS_TEXT, **_resolution("720p", "1080p")},
                in_order("image_urls"),
                duration="5",
                resolution="720p",
            ),
            # Seedance
            _order(
                "bytedance/seedance-1.5-pro",
                {
                    **_PROMPT,
                    **_listed_frames("input_urls"),
                    **_ratio(_SIX),
                    **_resolution("480p", "720p", "1080p"),
                    **_SECONDS,
                    "fixed_camera": plain("fixed_lens"),
                    "with_audio": plain("generate_audio"),
                },
                in_order("input_urls"),
                aspect_ratio="16:9",
                duration=5,
                generate_audio=False,
            ),
            _seedance_2("bytedance/seedance-2", "480p", "720p", "1080p", "4k"),
            _seedance_2("bytedance/seedance-2-fast", "480p", "720p"),
            _seedance_2("bytedance/seedance-2-mini", "480p", "720p"),
            # Wan
            _order("wan/2-5-text-to-video", {**_WAN_2_5, **_ratio()}, duration="5"),
            _order("wan/2-5-image-to-video", {**_WAN_2_5, **_first("image_url")}, duration="5"),
            _order("wan/2-6-text-to-video", {**_WAN_2_6, **_WAN_2_6_SHOTS}),
            _order(
                "wan/2-6-image-to-video",
                {**_WAN_2_6, **_WAN_2_6_SHOTS, "first_frame": item("image_urls", 0)},
                in_order("image_urls"),
            ),
            _order("wan/2-6-video-to-video", {**_WAN_2_6, "videos": several("video_urls", at_most=3)}),
            _order(
                "wan/2-7-text-to-video",
                {**_WAN_2_7, **_ratio((*_WIDE, "4:3", "3:4"), "ratio"), "audios": only("audio_url")},
                watermark=False,
            ),
            _order(
                "wan/2-7-image-to-video",
                {
                    **_WAN_2_7,
                    **_frames("first_frame_url", "last_frame_url"),
                    "audios": only("driving_audio_url"),
                },
                watermark=False,
            ),
            _order(
                "wan/2-7-videoedit",
                {
                    **_PROMPT,
                    **_NEGATIVE,
                    "videos": only("video_url"),
                    "images": only("reference_image"),
                    **_SECONDS,
                    **_resolution("720p", "1080p"),
                    **_SEED,
                },
                watermark=False,
            ),
            _order(
                "wan/2-2-animate-move",
                {"images": only("image_url"), "videos": only("video_url"), **_resolution("480p", "580p", "720p")},
            ),
            _order(
                "wan/2-2-animate-replace",
                {"images": only("image_url"), "videos": only("video_url"), **_resolution("480p", "580p", "720p")},
            ),
            # Hailuo
            _order("hailuo/02-text-to-video-standard", {**_HAILUO, **_SECONDS_AS_TEXT}),
            _order("hailuo/02-text-to-video-pro", _HAILUO),
            _order(
                "hailuo/02-image-to-video-standard",
                {
                    **_HAILUO,
                    **_frames("image_url", "end_image_url"),
                    **_SECONDS_AS_TEXT,
                    **_resolution("512P", "768P"),
                },
            ),
            _order("hailuo/02-image-to-video-pro", {**_HAILUO, **_frames("image_url", "end_image_url")}),
            _order(
                "hailuo/2-3-image-to-video-standard",
                {**_PROMPT, **_first("image_url"), **_SECONDS_AS_TEXT, **_resolution("768P", "1080P")},
            ),
            _order(
                "hailuo/2-3-image-to-video-pro",
                {**_PROMPT, **_first("image_url"), **_SECONDS_AS_TEXT, **_resolution("768P", "1080P")},
            ),
            # Others. Grok's "normal" mode is fixed: its explicit one is not offered.
            _order("grok-imagine/text-to-video", {**_GROK, **_ratio((*_WIDE, "2:3", "3:2"))}, mode="normal"),
            _order(
                "grok-imagine/image-to-video",
                {**_GROK, "images": several("image_urls", at_most=7)},
                mode="normal",
            ),
            _order("happyhorse/text-to-video", {**_HORSE, **_ratio((*_WIDE, "4:3", "3:4"))}),
            _order("happyhorse-1-1/text-to-video", {**_HORSE, **_ratio((*_WIDE, "4:3", "3:4"))}),
            _order(
                "happyhorse-1-1/image-to-video",
                {**_HORSE, "first_frame": item("image_urls", 0)},
                in_order("image_urls"),
            ),
            _order(
                "happyhorse-1-1/reference-to-video",
                {**_HORSE, **_ratio((*_WIDE, "4:3", "3:4")), "images": several("reference_image", at_most=9)},
            ),
            _order(
                "happyhorse/video-edit",
                {
                    **_PROMPT,
                    "videos": only("video_url"),
                    "images": several("reference_image", at_most=5),
                    **_resolution("720p", "1080p"),
                    **_SEED,
                },
            ),
            _order("pixverse-v6/text-to-video", {**_PIXVERSE, **_ratio(_SIX)}, aspect_ratio="16:9"),
            _order(
                "pixverse-v6/image-to-video",
                {**_PIXVERSE, "first_frame": item("image_urls", 0)},
                in_order("image_urls"),
            ),
            _order(
                "pixverse-v6/transition",
                {**_PIXVERSE, **_frames("first_frame_image_url", "last_frame_image_url")},
            ),
            _order(
                "gemini-omni-video",
                {
                    **_PROMPT,
                    **_SECONDS_AS_TEXT,
                    **_ratio(("16:9", "9:16")),
                    **_resolution("720p", "1080p", "4k"),
                },
                duration="4",
            ),
            # Larger, and speaking
            _order(
                "topaz/video-upscale",
                {"videos": only("video_url"), "upscale_factor": text("upscale_factor")},
                upscale_factor="2",
            ),
            _order("kling/ai-avatar-standard", _SPEAKER, prompt=""),
            _order("kling/ai-avatar-pro", _SPEAKER, prompt=""),
            _order("infinitalk/from-audio", {**_SPEAKER, **_resolution("480p", "720p"), **_SEED}, prompt=""),
            _order(
                "omnihuman-1-5",
                {
                    **_SPEAKER,
                    "mask": several("mask_url", at_most=5),
                    **_resolution("720", "1080", name="output_resolution"),
                    "speed_tier": one_of("pe_fast_mode", {"relaxed": False, "fast": True}),
                    **_SEED,
                },
            ),
            _order(
                "wan/2-2-a14b-speech-to-video-turbo",
                {**_SPEAKER, **_NEGATIVE, **_resolution("480p", "580p", "720p"), **_SEED},
            ),
            _order(
                "volcengine/video-to-video-lip-sync",
                {
                    "videos": only("video_url"),
                    "audios": only("audio_url"),
                    "quality": one_of("mode", {"lite": "lite", "basic": "basic"}),
                },
                mode="lite",
            ),
        )
    )
)
