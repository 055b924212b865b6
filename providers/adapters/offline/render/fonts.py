"""Letters for labels and captions, Latin and Cyrillic: Inter, as the admin's package brings it along."""

import importlib.util
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont


@lru_cache(maxsize=32)
def regular(size: int) -> ImageFont.FreeTypeFont:
    return _font("Inter-Medium.woff2", size)


@lru_cache(maxsize=32)
def bold(size: int) -> ImageFont.FreeTypeFont:
    return _font("Inter-Bold.woff2", size)


def _font(file_name: str, size: int) -> ImageFont.FreeTypeFont:
    package = importlib.util.find_spec("unfold")
    if package is None or package.origin is None:
        raise RuntimeError("the package django-unfold is not installed")
    return ImageFont.truetype(Path(package.origin).parent / "static/unfold/fonts/inter" / file_name, max(6, size))
