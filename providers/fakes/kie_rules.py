"""What Kie.ai demands of each model's `input`: what is required, and which numbers are text.

Source: docs.kie.ai, the schemas of the Market index as of 1 October 2026.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_PROMPT = "prompt"
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "bytedance/seedance-1.5-pro": ("aspect_ratio", "duration", _PROMPT),
    "bytedance/seedance-2": (),
    "bytedance/seedance-2-fast": (),
    "bytedance/seedance-2-mini": (),
    "bytedance/seedream-v4-edit": ("image_urls", _PROMPT),
    "bytedance/seedream-v4-text-to-image": (_PROMPT,),
    "elevenlabs/audio-isolation": ("audio_url",),
    "elevenlabs/text-to-dialogue-v3": ("dialogue",),
    "elevenlabs/text-to-speech-multilingual-v2": ("text", "voice"),
    "elevenlabs/text-to-speech-turbo-2-5": ("text",),
    "flux-2/flex-image-to-image": ("aspect_ratio", "input_urls", _PROMPT, "resolution"),
    "flux-2/flex-text-to-image": ("aspect_ratio", _PROMPT, "resolution"),
    "flux-2/pro-image-to-image": ("aspect_ratio", "input_urls", _PROMPT, "resolution"),
    "flux-2/pro-text-to-image": ("aspect_ratio", _PROMPT, "resolution"),
    "gemini-omni-video": ("duration", _PROMPT),
    "google/imagen4": (_PROMPT,),
    "google/imagen4-fast": (_PROMPT,),
    "google/imagen4-ultra": (_PROMPT,),
    "google/nano-banana": (_PROMPT,),
    "google/nano-banana-edit": ("image_urls", _PROMPT),
    "gpt-image-2-image-to-image": ("input_urls", _PROMPT),
    "gpt-image-2-text-to-image": (_PROMPT,),
    "gpt-image/1.5-image-to-image": ("aspect_ratio", "input_urls", _PROMPT, "quality"),
    "gpt-image/1.5-text-to-image": ("aspect_ratio", _PROMPT, "quality"),
    "grok-imagine/image-to-video": (),
    "grok-imagine/text-to-image": (_PROMPT,),
    "grok-imagine/text-to-video": (_PROMPT,),
    "hailuo/02-image-to-video-pro": ("image_url", _PROMPT),
    "hailuo/02-image-to-video-standard": ("image_url", _PROMPT),
    "hailuo/02-text-to-video-pro": (_PROMPT,),
    "hailuo/02-text-to-video-standard": (_PROMPT,),
    "hailuo/2-3-image-to-video-pro": ("image_url", _PROMPT),
    "hailuo/2-3-image-to-video-standard": ("image_url", _PROMPT),
    "happyhorse-1-1/image-to-video": ("image_urls",),
    "happyhorse-1-1/reference-to-video": (_PROMPT, "reference_image"),
    "happyhorse-1-1/text-to-video": (_PROMPT,),
    "happyhorse/text-to-video": (_PROMPT,),
    "happyhorse/video-edit": (_PROMPT, "video_url"),
    "ideogram/v3-text-to-image": (_PROMPT,),
    "infinitalk/from-audio": ("audio_url", "image_url", _PROMPT),
    "kling-2.6/image-to-video": ("duration", "image_urls", _PROMPT, "sound"),
    "kling-2.6/motion-control": ("character_orientation", "input_urls", "mode", "video_urls"),
    "kling-2.6/text-to-video": ("aspect_ratio", "duration", _PROMPT, "sound"),
    "kling-3.0/motion-control": ("input_urls", "video_urls"),
    # `multi_prompt` is required too, and empty for a single shot; `prompt` is not used with several.
    "kling-3.0/video": ("aspect_ratio", "duration", "mode", "multi_shots", "sound"),
    "kling/ai-avatar-pro": ("audio_url", "image_url", _PROMPT),
    "kling/ai-avatar-standard": ("audio_url", "image_url", _PROMPT),
    "kling/v2-1-master-image-to-video": ("image_url", _PROMPT),
    "kling/v2-1-master-text-to-video": (_PROMPT,),
    "kling/v2-1-pro": ("image_url", _PROMPT),
    "kling/v2-1-standard": ("image_url", _PROMPT),
    "kling/v2-5-turbo-image-to-video-pro": ("image_url", _PROMPT),
    "kling/v2-5-turbo-text-to-video-pro": (_PROMPT,),
    "kling/v3-turbo-image-to-video": ("duration", "image_urls", _PROMPT, "resolution"),
    "kling/v3-turbo-text-to-video": ("aspect_ratio", "duration", _PROMPT, "resolution"),
    "nano-banana-2": (_PROMPT,),
    "nano-banana-2-lite": ("aspect_ratio", _PROMPT),
    "nano-banana-pro": (_PROMPT,),
    "omnihuman-1-5": ("audio_url", "image_url"),
    "pixverse-v6/image-to-video": ("duration", "image_urls", _PROMPT, "quality"),
    "pixverse-v6/text-to-video": ("aspect_ratio", "duration", _PROMPT, "quality"),
    "pixverse-v6/transition": ("duration", "first_frame_image_url", "last_frame_image_url", _PROMPT, "quality"),
    "qwen/image-edit": ("image_url", _PROMPT),
    "qwen/text-to-image": (_PROMPT,),
    "recraft/crisp-upscale": ("image",),
    "recraft/remove-background": ("image",),
    "seedream/4.5-edit": ("aspect_ratio", "image_urls", _PROMPT, "quality"),
    "seedream/4.5-text-to-image": ("aspect_ratio", _PROMPT, "quality"),
    "seedream/5-lite-image-to-image": ("aspect_ratio", "image_urls", _PROMPT, "quality"),
    "seedream/5-lite-text-to-image": ("aspect_ratio", _PROMPT, "quality"),
    "seedream/5-pro-image-to-image": ("aspect_ratio", "image_urls", _PROMPT, "quality"),
    "seedream/5-pro-text-to-image": ("aspect_ratio", _PROMPT, "quality"),
    "topaz/image-upscale": ("image_url", "upscale_factor"),
    "topaz/video-upscale": ("video_url",),
    "volcengine/video-to-video-lip-sync": ("audio_url", "mode", "video_url"),
    "wan/2-2-a14b-speech-to-video-turbo": ("audio_url", "image_url", _PROMPT),
    "wan/2-2-animate-move": ("image_url", "video_url"),
    "wan/2-2-animate-replace": ("image_url", "video_url"),
    "wan/2-5-image-to-video": ("duration", "image_url", _PROMPT),
    "wan/2-5-text-to-video": ("duration", _PROMPT),
    "wan/2-6-image-to-video": ("image_urls", _PROMPT),
    "wan/2-6-text-to-video": (_PROMPT,),
    "wan/2-6-video-to-video": (_PROMPT, "video_urls"),
    "wan/2-7-image-to-video": (_PROMPT,),
    "wan/2-7-text-to-video": (_PROMPT,),
    "wan/2-7-videoedit": ("video_url",),
    "z-image": ("aspect_ratio", _PROMPT),
}
# Families that want a duration as text, and those that want a number.
_DURATION_AS_TEXT = ("kling", "wan/2-5", "wan/2-6", "hailuo/")
_DURATION_AS_NUMBER = ("bytedance/", "wan/2-7", "grok-imagine", "happyhorse", "pixverse")
_TEXTS = frozenset({"num_images", "upscale_factor"})
_PICTURES = ("text-to-image", "image-to-image", "edit", "imagen", "banana", "seedream", "z-image", "recraft", "upscale")


_LONGEST_PROMPT = {
    "bytedance/seedance-1.5-pro": 20_000,
    "bytedance/seedance-2": 20_000,
    "flux-2/": 5_000,
    "google/imagen4": 5_000,
    "google/nano-banana": 5_000,
    "gpt-image-2": 20_000,
    "hailuo/02": 1_500,
    "hailuo/2-3": 5_000,
    "infinitalk/": 5_000,
    "kling-2.6/": 1_000,
    "kling/ai-avatar": 5_000,
    "kling/v2-5": 2_500,
    "nano-banana-2": 20_000,
    "nano-banana-pro": 10_000,
    "qwen/image-edit": 2_000,
    "seedream/4.5": 3_000,
    "wan/2-6": 5_000,
    "wan/2-7": 5_000,
    "z-image": 1_000,
}
_MOST_FILES = {
    "google/nano-banana-edit": 10,
    "nano-banana-pro": 8,
    "nano-banana-2": 14,
    "seedream/4.5-edit": 14,
    "gpt-image-2-image-to-image": 16,
    "flux-2/": 8,
    "bytedance/seedance-1.5-pro": 2,
    "bytedance/seedance-2": 9,
    "kling-2.6/image-to-video": 1,
    "kling-3.0/video": 2,
}
_LONGEST_TEXT = 5_000
_NOT_LARGE = frozenset({"5:4", "4:5", "3:1", "1:3", "9:21", "auto"})


def broken_rule(model: str, settings: Mapping[str, Any]) -> str:
    """What goes against a rule of the model's page; empty: nothing."""
    if len(str(settings.get("prompt", ""))) > _of(_LONGEST_PROMPT, model, 30_000):
        return "prompt is too long"
    if _spoken(settings) > _LONGEST_TEXT:
        return "text is too long"
    if any(len(value) > _of(_MOST_FILES, model, 100) for value in settings.values() if isinstance(value, list)):
        return "too many files"
    if model.startswith("gpt-image-2"):
        ratio, size = settings.get("aspect_ratio", "auto"), settings.get("resolution", "1K")
        if (ratio == "1:1" and size == "4K") or (ratio in _NOT_LARGE and size != "1K"):
            return "this resolution is not available for this aspect ratio"
    if model.startswith("hailuo/2-3") and (settings.get("duration"), settings.get("resolution")) == ("10", "1080P"):
        return "10 seconds are not available in 1080P"
    return ""


def _spoken(settings: Mapping[str, Any]) -> int:
    """Characters that are to be spoken, in a text or in all lines of a dialogue together."""
    lines = settings.get("dialogue") or []
    return len(str(settings.get("text", ""))) + sum(len(str(line.get("text", ""))) for line in lines)


def _of(limits: Mapping[str, int], model: str, otherwise: int) -> int:
    return next((limit for prefix, limit in limits.items() if model.startswith(prefix)), otherwise)


def kind_of(model: str) -> str:
    """What a model makes."""
    if model.startswith("elevenlabs/"):
        return "audio"
    if "video" in model:
        return "video"
    return "image" if any(word in model for word in _PICTURES) else "video"


def wrong_types(model: str, settings: Mapping[str, Any]) -> str:
    """The first setting of a wrong type; empty: none."""
    for name, value in settings.items():
        as_text = name in _TEXTS or (name == "duration" and model.startswith(_DURATION_AS_TEXT))
        as_text = as_text or (name == "seed" and model.startswith("google/imagen4"))
        as_number = name == "duration" and model.startswith(_DURATION_AS_NUMBER)
        as_list = name.endswith("_urls") or name == "image_input"
        if as_text and not isinstance(value, str):
            return name
        if as_number and (isinstance(value, bool) or not isinstance(value, int | float)):
            return name
        if as_list and not isinstance(value, list):
            return name
        if name.endswith("_url") and name != "mask_url" and not isinstance(value, str):
            return name
    return ""


def links_in(value: object) -> list[str]:
    """All links in an input."""
    return list(_links(value))


def _links(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("http"):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _links(inner)
