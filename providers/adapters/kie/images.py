"""Pictures: made from words, edited, enlarged, cut out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from providers.adapters.kie.orders import JOBS, Order, spelled, text
from providers.adapters.places import Place, number, one_of, only, plain, several

_FIVE = ("1:1", "4:3", "3:4", "16:9", "9:16")
_SEVEN = (*_FIVE, "3:2", "2:3")
_EIGHT = (*_SEVEN, "21:9")
_TEN = (*_EIGHT, "4:5", "5:4")
_BANANA = (*_TEN, "auto")
_BANANA_2 = (*_BANANA, "1:4", "4:1", "1:8", "8:1")
_GPT_2 = (*_TEN, "9:21", "2:1", "1:2", "3:1", "1:3", "auto")
_GPT_1_5 = ("1:1", "2:3", "3:2")
_NAMED = {
    "1:1": "square_hd",
    "3:4": "portrait_4_3",
    "9:16": "portrait_16_9",
    "4:3": "landscape_4_3",
    "16:9": "landscape_16_9",
}
_NAMED_4 = {**_NAMED, "3:2": "landscape_3_2", "2:3": "portrait_3_2", "21:9": "landscape_21_9"}
_PNG_JPEG = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg"}
_PNG_JPG = {"png": "png", "jpeg": "jpg", "jpg": "jpg"}
_SIZES = ("1K", "2K", "4K")
_PROMPT: Mapping[str, Place] = {"prompt": plain("prompt")}
_OWN_FILTER = {"nsfw_checker": True}


def _order(model: str, places: Mapping[str, Place], **fixed: Any) -> tuple[str, Order]:
    return model, Order(JOBS, "jobs/createTask", "image", model, places, fixed)


def _ratio(values: Any, name: str = "aspect_ratio") -> Mapping[str, Place]:
    return {"aspect_ratio": one_of(name, values)}


def _resolution(*values: str) -> Mapping[str, Place]:
    return {"resolution": spelled("resolution", *values)}


def _format(words: Mapping[str, str]) -> Mapping[str, Place]:
    return {"output_format": one_of("output_format", words)}


def _inputs(name: str, at_most: int) -> Mapping[str, Place]:
    return {"images": several(name, at_most=at_most)}


# "basic" is 2K, "high" is 4K, "ultra" is more than that.
_SEEDREAM_SIZES: Mapping[str, Place] = {"resolution": one_of("quality", {"2K": "basic", "4K": "high"})}
_SEEDREAM_LITE_SIZES: Mapping[str, Place] = {
    "resolution": one_of("quality", {"2K": "basic", "3K": "high", "4K": "ultra"})
}
_SEEDREAM: Mapping[str, Any] = {"aspect_ratio": "1:1", "quality": "basic", **_OWN_FILTER}
_FLUX: Mapping[str, Any] = {"aspect_ratio": "1:1", "resolution": "1K", **_OWN_FILTER}
_IMAGEN: Mapping[str, Place] = {
    **_PROMPT,
    "negative_prompt": plain("negative_prompt"),
    **_ratio((*_FIVE, "auto")),
    # Of all their models only these want it as text.
    "seed": text("seed"),
}
_QWEN: Mapping[str, Place] = {
    **_PROMPT,
    "negative_prompt": plain("negative_prompt"),
    "aspect_ratio": one_of("image_size", _NAMED),
    "guidance": number("guidance_scale"),
    "steps": number("num_inference_steps"),
    "seed": number("seed"),
    "speed_tier": one_of("acceleration", {"relaxed": "none", "fast": "regular", "turbo": "high"}),
    **_format(_PNG_JPEG),
}
_IDEOGRAM: Mapping[str, Place] = {
    **_PROMPT,
    "negative_prompt": plain("negative_prompt"),
    "aspect_ratio": one_of("image_size", _NAMED),
    "speed_tier": one_of("rendering_speed", {"turbo": "TURBO", "balanced": "BALANCED", "quality": "QUALITY"}),
    "count": text("num_images"),
    "seed": number("seed"),
    "improve_prompt": plain("expand_prompt"),
    "style": one_of("style", ("AUTO", "GENERAL", "REALISTIC", "DESIGN")),
}
_SEEDREAM_4: Mapping[str, Place] = {
    **_PROMPT,
    "aspect_ratio": one_of("image_size", _NAMED_4),
    "resolution": spelled("image_resolution", *_SIZES),
    "count": number("max_images"),
    "seed": number("seed"),
}

MODELS: Mapping[str, Order] = MappingProxyType(
    dict(
        (
            _order("google/nano-banana", {**_PROMPT, **_ratio(_BANANA), **_format(_PNG_JPEG)}),
            _order(
                "google/nano-banana-edit",
                {**_PROMPT, **_inputs("image_urls", 10), **_ratio(_BANANA), **_format(_PNG_JPEG)},
            ),
            _order(
                "nano-banana-pro",
                {
                    **_PROMPT,
                    **_inputs("image_input", 8),
                    **_ratio(_BANANA),
                    **_resolution(*_SIZES),
                    **_format(_PNG_JPG),
                },
            ),
            _order(
                "nano-banana-2",
                {
                    **_PROMPT,
                    **_inputs("image_input", 14),
                    **_ratio(_BANANA_2),
                    **_resolution(*_SIZES),
                    **_format(_PNG_JPG),
                },
            ),
            _order(
                "nano-banana-2-lite",
                {**_PROMPT, **_inputs("image_urls", 10), **_ratio(_BANANA_2)},
                aspect_ratio="auto",
            ),
            _order("gpt-image-2-text-to-image", {**_PROMPT, **_ratio(_GPT_2), **_resolution(*_SIZES)}),
            _order(
                "gpt-image-2-image-to-image",
                {**_PROMPT, **_inputs("input_urls", 16), **_ratio(_GPT_2), **_resolution(*_SIZES)},
            ),
            _order(
                "gpt-image/1.5-text-to-image",
                {**_PROMPT, **_ratio(_GPT_1_5), "quality": one_of("quality", ("medium", "high"))},
                aspect_ratio="1:1",
                quality="medium",
            ),
            _order(
                "gpt-image/1.5-image-to-image",
                {
                    **_PROMPT,
                    **_inputs("input_urls", 16),
                    **_ratio(_GPT_1_5),
                    "quality": one_of("quality", ("medium", "high")),
                },
                aspect_ratio="1:1",
                quality="medium",
            ),
            _order("seedream/4.5-text-to-image", {**_PROMPT, **_ratio(_EIGHT), **_SEEDREAM_SIZES}, **_SEEDREAM),
            _order(
                "seedream/4.5-edit",
                {**_PROMPT, **_inputs("image_urls", 14), **_ratio(_EIGHT), **_SEEDREAM_SIZES},
                **_SEEDREAM,
            ),
            _order("seedream/5-lite-text-to-image", {**_PROMPT, **_ratio(_EIGHT), **_SEEDREAM_LITE_SIZES}, **_SEEDREAM),
            _order(
                "seedream/5-lite-image-to-image",
                {**_PROMPT, **_inputs("image_urls", 14), **_ratio(_EIGHT), **_SEEDREAM_LITE_SIZES},
                **_SEEDREAM,
            ),
            _order("seedream/5-pro-text-to-image", {**_PROMPT, **_ratio(_EIGHT), **_SEEDREAM_SIZES}, **_SEEDREAM),
            _order(
                "seedream/5-pro-image-to-image",
                {**_PROMPT, **_inputs("image_urls", 10), **_ratio(_EIGHT), **_SEEDREAM_SIZES},
                **_SEEDREAM,
            ),
            _order("bytedance/seedream-v4-text-to-image", _SEEDREAM_4, max_images=1),
            _order("bytedance/seedream-v4-edit", {**_SEEDREAM_4, **_inputs("image_urls", 10)}, max_images=1),
            _order("flux-2/pro-text-to-image", {**_PROMPT, **_ratio(_SEVEN), **_resolution("1K", "2K")}, **_FLUX),
            _order(
                "flux-2/pro-image-to-image",
                {**_PROMPT, **_inputs("input_urls", 8), **_ratio((*_SEVEN, "auto")), **_resolution("1K", "2K")},
                **_FLUX,
            ),
            _order("flux-2/flex-text-to-image", {**_PROMPT, **_ratio(_SEVEN), **_resolution("1K", "2K")}, **_FLUX),
            _order(
                "flux-2/flex-image-to-image",
                {**_PROMPT, **_inputs("input_urls", 8), **_ratio((*_SEVEN, "auto")), **_resolution("1K", "2K")},
                **_FLUX,
            ),
            _order("z-image", {**_PROMPT, **_ratio(_FIVE)}, aspect_ratio="1:1"),
            _order("google/imagen4", _IMAGEN),
            _order("google/imagen4-fast", _IMAGEN),
            _order("google/imagen4-ultra", _IMAGEN),
            _order("ideogram/v3-text-to-image", _IDEOGRAM),
            _order("qwen/text-to-image", _QWEN),
            _order("qwen/image-edit", {**_QWEN, "images": only("image_url"), "count": text("num_images")}),
            _order("grok-imagine/text-to-image", {**_PROMPT, **_ratio((*_FIVE, "3:2", "2:3"))}),
            _order("recraft/remove-background", {"images": only("image")}),
            _order("recraft/crisp-upscale", {"images": only("image")}),
            _order(
                "topaz/image-upscale",
                {"images": only("image_url"), "upscale_factor": text("upscale_factor")},
                upscale_factor="2",
            ),
        )
    )
)
