"""A drawn presenter, whose mouth opens, whose eyes blink and whose head sways."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from providers.adapters.offline.render.art import colour

Tone = tuple[int, int, int]
_SKINS = ("#f6d3b8", "#eebd98", "#d9a07a", "#b97f5a", "#8d5a3b")
_HAIRS = ("#2b1d16", "#5a3825", "#8a5a2b", "#c98f4b", "#3b3b46", "#a33b2c")
_CLOTHES = ("#3f6fd8", "#d65a6f", "#2f9e8f", "#7a58c9", "#e08a3c", "#2f3550")
_GROUNDS = (
    ("#1f2a52", "#5a6fc0"),
    ("#3a1f4f", "#b0639a"),
    ("#12424a", "#4fae9f"),
    ("#4f2a1f", "#e09a63"),
    ("#20304a", "#8fb4d9"),
)
_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Face:
    """What a presenter looks like. Follows from a seed."""

    skin: str
    hair: str
    clothes: str
    ground: tuple[str, str]
    has_long_hair: bool
    has_glasses: bool

    @classmethod
    def of(cls, seed: int, *, has_long_hair: bool) -> "Face":
        rng = np.random.default_rng(seed)

        def one(choices: tuple[str, ...]) -> str:
            return choices[int(rng.integers(len(choices)))]

        return cls(
            one(_SKINS),
            one(_HAIRS),
            one(_CLOTHES),
            _GROUNDS[int(rng.integers(len(_GROUNDS)))],
            has_long_hair,
            bool(rng.random() < 0.3),
        )


def _tone(code: str, light: float = 0.0) -> Tone:
    red, green, blue = (int(part * 255) for part in colour.lighter(colour.rgb(code), light))
    return red, green, blue


def _blush(face: Face) -> Tone:
    red, green, blue = (int(part * 255) for part in colour.mix(colour.rgb(face.skin), colour.rgb("#e2665a"), 0.28))
    return red, green, blue


def backdrop(face: Face, size: tuple[int, int]) -> Image.Image:
    """A soft gradient with large pale circles."""
    wide, high = size
    down = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    ramp = colour.gradient((colour.rgb(face.ground[0]), colour.rgb(face.ground[1])), down[:, 0])[:, None, :]
    pixels = np.repeat(ramp, wide, axis=1)
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    unit = min(size)
    for x, y, radius, strength in (
        (0.5, 0.46, 0.44, 0.1),
        (0.5, 0.46, 0.36, 0.08),
        (0.12, 0.16, 0.2, 0.06),
        (0.9, 0.75, 0.26, 0.05),
    ):
        inside = np.clip(radius * unit - np.hypot(columns - x * wide, rows - y * high), 0, 1)
        pixels += inside[..., None] * strength
    noise = np.random.default_rng(3).standard_normal((high, wide, 1)) * 0.006
    return Image.fromarray((np.clip(pixels + noise, 0, 1) * 255).astype(np.uint8))


def draw(face: Face, ground: Image.Image, *, mouth: float, eyes: float, sway: float, nod: float) -> Image.Image:
    """One moment: `mouth` and `eyes` from 0 closed to 1 open, `sway` and `nod` about -1 to 1."""
    frame = ground.copy()
    unit = min(ground.size)
    side = int(unit * 0.98)
    sheet = Image.new("RGBA", (side * _FACTOR, side * _FACTOR))
    pen = _Pen(ImageDraw.Draw(sheet), side * _FACTOR)
    if face.has_long_hair:
        x, y = 0.5 + sway * 0.012, 0.5 + nod * 0.007
        pen.block(x - 0.205, y - 0.2, x + 0.205, y + 0.335, 0.15, _tone(face.hair, -0.05))
    _body(pen, face)
    _head(pen, face, sway * 0.012, nod * 0.007, mouth, eyes)
    figure = sheet.reduce(_FACTOR)
    frame.paste(figure, ((ground.width - side) // 2, ground.height - side), figure)
    return frame


class _Pen:
    """Draws in shares of the sheet's side."""

    def __init__(self, pen: ImageDraw.ImageDraw, side: int) -> None:
        self._pen, self._side = pen, side

    def oval(self, x: float, y: float, across: float, down: float, fill: Tone) -> None:
        s = self._side
        self._pen.ellipse(((x - across) * s, (y - down) * s, (x + across) * s, (y + down) * s), fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: Tone) -> None:
        self._pen.polygon([(x * self._side, y * self._side) for x, y in points], fill=fill)

    def block(self, left: float, top: float, right: float, bottom: float, radius: float, fill: Tone) -> None:
        s = self._side
        self._pen.rounded_rectangle((left * s, top * s, right * s, bottom * s), radius=radius * s, fill=fill)

    def arc(
        self, x: float, y: float, across: float, down: float, start: int, end: int, fill: Tone, width: float
    ) -> None:
        s = self._side
        box = ((x - across) * s, (y - down) * s, (x + across) * s, (y + down) * s)
        self._pen.arc(box, start, end, fill=fill, width=max(1, round(width * s)))


def _body(pen: _Pen, face: Face) -> None:
    cloth = _tone(face.clothes)
    pen.block(0.17, 0.79, 0.83, 1.3, 0.17, cloth)
    pen.block(0.43, 0.66, 0.57, 0.86, 0.05, _tone(face.skin, -0.06))
    pen.shape([(0.41, 0.79), (0.59, 0.79), (0.5, 0.9)], _tone(face.skin, -0.03))
    pen.shape([(0.405, 0.785), (0.5, 0.905), (0.44, 0.95), (0.36, 0.8)], _tone(face.clothes, 0.1))
    pen.shape([(0.595, 0.785), (0.5, 0.905), (0.56, 0.95), (0.64, 0.8)], _tone(face.clothes, 0.1))


def _head(pen: _Pen, face: Face, dx: float, dy: float, mouth: float, eyes: float) -> None:
    x, y = 0.5 + dx, 0.5 + dy
    hair, skin = _tone(face.hair), _tone(face.skin)
    pen.oval(x, y - 0.075, 0.192, 0.185, hair)
    for side in (-1, 1):
        pen.oval(x + side * 0.168, y + 0.035, 0.028, 0.04, _tone(face.skin, -0.05))
    pen.oval(x, y - 0.005, 0.163, 0.17, skin)
    pen.oval(x, y + 0.075, 0.136, 0.128, skin)
    pen.shape(
        [
            (x - 0.172, y - 0.02),
            (x - 0.16, y - 0.15),
            (x - 0.03, y - 0.2),
            (x + 0.14, y - 0.17),
            (x + 0.173, y - 0.02),
            (x + 0.13, y - 0.09),
            (x + 0.02, y - 0.115),
            (x - 0.1, y - 0.095),
        ],
        hair,
    )
    for side in (-1, 1):
        pen.oval(x + side * 0.09, y + 0.075, 0.032, 0.02, _blush(face))
    _eyes(pen, face, x, y + 0.012, eyes)
    pen.arc(x, y + 0.055, 0.02, 0.026, 20, 150, _tone(face.skin, -0.16), 0.007)
    _mouth(pen, x, y + 0.128, mouth)


def _eyes(pen: _Pen, face: Face, x: float, y: float, opened: float) -> None:
    dark = _tone("#22202a")
    for side in (-1, 1):
        ex = x + side * 0.066
        pen.arc(ex, y - 0.032, 0.034, 0.018, 200, 340, _tone(face.hair, -0.02), 0.011)
        if opened < 0.25:
            pen.arc(ex, y - 0.006, 0.026, 0.013, 20, 160, dark, 0.007)
            continue
        pen.oval(ex, y, 0.028, 0.021 * opened, (252, 252, 250))
        pen.oval(ex, y, 0.0155, min(0.0155, 0.02 * opened), _tone(face.clothes, -0.12))
        pen.oval(ex, y, 0.008, min(0.008, 0.015 * opened), dark)
        pen.oval(ex - 0.005, y - 0.006, 0.0042, 0.0042, (255, 255, 255))
        if face.has_glasses:
            pen.arc(ex, y, 0.046, 0.04, 0, 360, dark, 0.006)
    if face.has_glasses:
        pen.arc(x, y + 0.002, 0.021, 0.014, 200, 340, dark, 0.006)


def _mouth(pen: _Pen, x: float, y: float, opened: float) -> None:
    lip, inside = _tone("#b5524f"), _tone("#5a1f26")
    if opened < 0.1:
        pen.arc(x, y - 0.016, 0.044, 0.024, 25, 155, lip, 0.011)
        return
    across = 0.044 - 0.008 * opened
    down = 0.008 + 0.03 * opened
    pen.oval(x, y, across + 0.007, down + 0.007, lip)
    pen.oval(x, y, across, down, inside)
    pen.oval(x, y + down * 0.62, across * 0.62, down * 0.36, _tone("#d9737a"))
    pen.block(x - across * 0.68, y - down * 0.95, x + across * 0.68, y - down * 0.42, 0.004, (250, 248, 244))
