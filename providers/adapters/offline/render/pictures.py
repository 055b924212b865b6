"""Uploaded pictures: opened with care, fitted into a frame."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from providers.adapters.offline.render.orders import BadOrder

_MAX_PIXELS = 60_000_000


def load(path: Path) -> Image.Image:
    """The picture as RGB, upright. Raises BadOrder when it is none, or far too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                if opened.width * opened.height > _MAX_PIXELS:
                    raise BadOrder("the picture has too many pixels")
                upright = ImageOps.exif_transpose(opened)
                return _on_white(upright)
    except (UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError, OSError) as error:
        raise BadOrder("the file is not a picture that can be read") from error


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    return image.convert("RGB")


def filling(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture, as much of it as fills `size`."""
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def limited(image: Image.Image, long_side: int) -> Image.Image:
    """The picture, made smaller when its long side is longer than that."""
    share = long_side / max(image.size)
    if share >= 1:
        return image
    return image.resize(
        (max(1, round(image.width * share)), max(1, round(image.height * share))), Image.Resampling.LANCZOS
    )


def ratio_of(image: Image.Image) -> tuple[int, int]:
    """The picture's own ratio, held between 1:2 and 2:1."""
    wide, high = image.size
    if wide > 2 * high:
        return 2, 1
    if high > 2 * wide:
        return 1, 2
    return wide, high
