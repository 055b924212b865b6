"""Edits of a real picture, asked for in words: each rule is a set of word beginnings and what it does."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from providers.adapters.offline.render import fonts

Edit = Callable[[Image.Image], Image.Image]


def _black_and_white(image: Image.Image) -> Image.Image:
    return ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=0.5).convert("RGB")


def _warmth(shift: float) -> Edit:
    def edit(image: Image.Image) -> Image.Image:
        red, green, blue = image.split()
        return Image.merge("RGB", (red.point(lambda v: v * (1 + shift)), green.point(lambda v: v * (1 + shift * 0.15)),
                                   blue.point(lambda v: v * (1 - shift))))  # fmt: skip

    return edit


def _sepia(image: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(image), "#1e1208", "#fff2d6", mid="#a5763f")


def _posterised(image: Image.Image) -> Image.Image:
    smooth = image.filter(ImageFilter.ModeFilter(max(3, min(image.size) // 260 * 2 + 1)))
    return ImageEnhance.Color(ImageOps.posterize(smooth, 3)).enhance(1.35)


def _pencil(image: Image.Image) -> Image.Image:
    grey = np.asarray(ImageOps.grayscale(image), dtype=np.float32)
    blurred = ImageOps.invert(ImageOps.grayscale(image)).filter(
        ImageFilter.GaussianBlur(max(2.0, min(image.size) / 90))
    )
    dodge = np.clip(grey * 255 / np.maximum(256 - np.asarray(blurred, dtype=np.float32), 1), 0, 255)
    lines = 255 * (dodge / 255) ** 1.7
    grain = np.random.default_rng(5).normal(0, 5, grey.shape)
    return Image.fromarray(np.clip(lines + grain, 0, 255).astype(np.uint8)).convert("RGB")


def _blurred_background(image: Image.Image) -> Image.Image:
    """Sharp in the middle, ever softer towards the edges."""
    wide, high = image.size
    soft = image.filter(ImageFilter.GaussianBlur(max(3.0, min(image.size) / 45)))
    down, across = np.linspace(-1, 1, high)[:, None], np.linspace(-1, 1, wide)[None, :]
    away = np.hypot(across / 0.62, (down - 0.05) / 0.78)
    mask = np.clip((away - 0.75) / 0.45, 0, 1) * 255
    return Image.composite(soft, image, Image.fromarray(mask.astype(np.uint8)))


def _pixelated(image: Image.Image) -> Image.Image:
    cell = max(4, min(image.size) // 48)
    small = image.resize((max(1, image.width // cell), max(1, image.height // cell)), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.NEAREST)


def _vintage(image: Image.Image) -> Image.Image:
    faded = ImageEnhance.Contrast(ImageEnhance.Color(_warmth(0.08)(image)).enhance(0.7)).enhance(0.88)
    grain = np.random.default_rng(9).normal(6, 9, (image.height, image.width, 1))
    return _vignetted(Image.fromarray(np.clip(np.asarray(faded) + grain, 0, 255).astype(np.uint8)), 0.4)


def _vignetted(image: Image.Image, strength: float) -> Image.Image:
    down, across = np.linspace(-1, 1, image.height)[:, None], np.linspace(-1, 1, image.width)[None, :]
    fall = 1 - strength * np.clip((down**2 + across**2) / 2, 0, 1) ** 1.4
    return Image.fromarray((np.asarray(image) * fall[..., None]).astype(np.uint8))


def _watercolour(image: Image.Image) -> Image.Image:
    smooth = image
    for _pass in range(3):
        smooth = smooth.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.SMOOTH_MORE)
    edges = ImageOps.invert(ImageOps.grayscale(smooth).filter(ImageFilter.FIND_EDGES)).filter(
        ImageFilter.GaussianBlur(1)
    )
    shade = 0.72 + 0.28 * np.asarray(edges, dtype=np.float32)[..., None] / 255
    paper = np.random.default_rng(11).normal(1.0, 0.022, (image.height, image.width, 1))
    pixels = np.asarray(ImageEnhance.Color(smooth).enhance(1.25), dtype=np.float32)
    return Image.fromarray(np.clip((pixels * 0.9 + 25) * shade * paper, 0, 255).astype(np.uint8))


def artistic(image: Image.Image) -> Image.Image:
    """What is done when no known edit is asked for: richer light, a soft glow, split tones."""
    rich = ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(1.22)).enhance(1.08)
    glow = rich.filter(ImageFilter.GaussianBlur(max(2.0, min(image.size) / 60)))
    base, light = np.asarray(rich, dtype=np.float32) / 255, np.asarray(glow, dtype=np.float32) / 255
    pixels = base * 0.72 + (1 - (1 - base) * (1 - light)) * 0.28
    grey = pixels.mean(axis=2, keepdims=True)
    pixels += (1 - grey) * np.array([-0.015, 0.012, 0.045]) + grey * np.array([0.04, 0.016, -0.03])
    return _vignetted(Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8)), 0.2)


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    edit: Edit


_RULES = (
    _Rule(r"ч[её]рно.?бел|чб\b|монохром|black.?and.?white|b&w|monochrom|greyscale|grayscale", _black_and_white),
    _Rule(r"сепи|sepia", _sepia),
    _Rule(r"тепл|warm", _warmth(0.13)),
    _Rule(r"холодн|cold|cool", _warmth(-0.13)),
    _Rule(r"(размы|blur).*(фон|background)|(фон|background).*(размы|blur)|боке|bokeh", _blurred_background),
    _Rule(r"плакат|постер|posteri", _posterised),
    _Rule(r"карандаш|эскиз|набросок|pencil|sketch", _pencil),
    _Rule(r"акварел|watercolou?r", _watercolour),
    _Rule(r"винтаж|ретро|плёнк|пленк|vintage|retro|film", _vintage),
    _Rule(r"отраз|зеркал|flip|mirror", ImageOps.mirror),
    _Rule(r"вверх ногами|переверн|upside", ImageOps.flip),
    _Rule(r"пиксел|мозаик|pixel|mosaic", _pixelated),
    _Rule(r"инверт|негатив|invert|negative", ImageOps.invert),
    _Rule(r"ярче|светлее|освет|bright|lighter", lambda image: ImageEnhance.Brightness(image).enhance(1.3)),
    _Rule(r"темнее|затемн|dark", lambda image: ImageEnhance.Brightness(image).enhance(0.68)),
    _Rule(r"контраст|contrast", lambda image: ImageEnhance.Contrast(image).enhance(1.35)),
    _Rule(r"насыщ|сочн|satur|vivid", lambda image: ImageEnhance.Color(image).enhance(1.6)),
    _Rule(r"резк|чётк|четк|sharp", lambda image: image.filter(ImageFilter.UnsharpMask(2, 160, 2))),
    _Rule(r"виньет|vignette", lambda image: _vignetted(image, 0.5)),
)
_BLUR = re.compile(r"размы|blur")
_CAPTION = re.compile(
    r"(?:подпис\w*|надпис\w*|текст\w*|caption|text|title|write)\W*?[«\"“'„](.{1,120}?)[»\"”'“]", re.IGNORECASE
)
_RATIO = re.compile(r"(?:обреж\w*|кадр\w*|crop)\D{0,20}(\d{1,2})\s*[:x×на/]+\s*(\d{1,2})", re.IGNORECASE)


def apply(prompt: str, image: Image.Image, ratio: tuple[int, int] | None) -> Image.Image:
    """The picture after every edit that the words ask for, in the order of the rules; or an artistic grade."""
    caption = _CAPTION.search(prompt)
    words = prompt.replace(caption[0], " ") if caption else prompt
    words = words.lower()
    if match := _RATIO.search(words):
        ratio = int(match[1]) or 1, int(match[2]) or 1
    changed = _cropped(image, ratio) if ratio else image
    asked = [rule.edit for rule in _RULES if re.search(rule.pattern, words)]
    if _BLUR.search(words) and _blurred_background not in asked:
        asked.append(lambda one: one.filter(ImageFilter.GaussianBlur(max(3.0, min(one.size) / 70))))
    if not asked and not caption and not ratio:
        asked.append(artistic)
    for edit in asked:
        changed = edit(changed).convert("RGB")
    return _captioned(changed, caption[1]) if caption else changed


def _cropped(image: Image.Image, ratio: tuple[int, int]) -> Image.Image:
    wide = min(image.width, round(image.height * ratio[0] / ratio[1]))
    high = min(image.height, round(image.width * ratio[1] / ratio[0]))
    return ImageOps.fit(image, (max(1, wide), max(1, high)), Image.Resampling.LANCZOS)


def _captioned(image: Image.Image, text: str) -> Image.Image:
    """Large letters with a shadow, low in the picture."""
    size = max(14, round(min(image.size) * 0.085))
    while size > 10 and fonts.bold(size).getlength(text) > image.width * 0.88:
        size -= 2
    font = fonts.bold(size)
    place = (image.width / 2, image.height * 0.88 - size * 0.4)
    shadow = Image.new("L", image.size)
    ImageDraw.Draw(shadow).text(place, text, font=font, fill=200, anchor="mm", stroke_width=max(1, size // 16))
    shadow = shadow.filter(ImageFilter.GaussianBlur(size / 9))
    result = image.copy()
    result.paste((8, 10, 18), mask=shadow)
    ImageDraw.Draw(result).text(place, text, font=font, fill=(255, 255, 255), anchor="mm")
    return result
