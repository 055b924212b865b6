"""What a prompt names stands in the picture: a boat, a cabin, a fox; snow, rain and fireflies in front."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import ImageDraw

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.canvas import Canvas
from providers.adapters.offline.render.art.colour import Array

Points = Sequence[tuple[float, float]]
_LANDSCAPES = frozenset({"mountains", "sea", "forest", "desert", "field", "city"})
_POSTERS = frozenset({"geometric", "flow", "botanical"})

# Outlines in a unit square: x to the right, y up from the ground, both relative to the subject's height.
_OUTLINES: Mapping[str, tuple[Points, ...]] = {
    "boat": (
        ((-0.42, 0.12), (0.42, 0.12), (0.3, 0.0), (-0.3, 0.0)),
        ((-0.03, 0.17), (-0.03, 1.0), (-0.36, 0.2)),
        ((0.02, 0.17), (0.02, 0.9), (0.34, 0.22)),
    ),
    "cabin": (
        ((-0.5, 0.0), (-0.5, 0.48), (0.5, 0.48), (0.5, 0.0)),
        ((-0.62, 0.44), (0.0, 0.95), (0.62, 0.44)),
        ((0.22, 0.6), (0.22, 0.98), (0.34, 0.98), (0.34, 0.5)),
    ),
    "lighthouse": (
        ((-0.13, 0.0), (-0.085, 0.72), (0.085, 0.72), (0.13, 0.0)),
        ((-0.12, 0.72), (-0.12, 0.76), (0.12, 0.76), (0.12, 0.72)),
        ((-0.07, 0.76), (-0.07, 0.88), (0.07, 0.88), (0.07, 0.76)),
        ((-0.1, 0.88), (0.0, 1.0), (0.1, 0.88)),
        ((-0.6, 0.0), (-0.3, 0.06), (0.25, 0.07), (0.62, 0.0), (0.7, -0.14), (-0.7, -0.14)),
    ),
    "castle": (
        ((-0.5, 0.0), (-0.5, 0.5), (0.5, 0.5), (0.5, 0.0)),
        ((-0.56, 0.0), (-0.56, 0.68), (-0.34, 0.68), (-0.34, 0.0)),
        ((0.34, 0.0), (0.34, 0.68), (0.56, 0.68), (0.56, 0.0)),
        ((-0.13, 0.4), (-0.13, 0.8), (0.13, 0.8), (0.13, 0.4)),
        ((-0.6, 0.68), (-0.45, 0.95), (-0.3, 0.68)),
        ((0.3, 0.68), (0.45, 0.95), (0.6, 0.68)),
        ((-0.18, 0.8), (0.0, 1.15), (0.18, 0.8)),
    ),
    "rocket": (
        ((-0.12, 0.2), (-0.13, 0.6), (-0.07, 0.85), (0.0, 1.0), (0.07, 0.85), (0.13, 0.6), (0.12, 0.2)),
        ((-0.12, 0.42), (-0.28, 0.1), (-0.11, 0.22)),
        ((0.12, 0.42), (0.28, 0.1), (0.11, 0.22)),
    ),
    "cat": (
        ((-0.24, 0.0), (-0.27, 0.18), (-0.2, 0.44), (-0.12, 0.6), (0.12, 0.6), (0.19, 0.42), (0.25, 0.18), (0.22, 0.0)),
        ((-0.17, 0.72), (-0.17, 1.0), (-0.05, 0.88), (0.05, 0.88), (0.17, 1.0), (0.17, 0.7), (0.1, 0.58), (-0.1, 0.58)),
        ((0.18, 0.0), (0.42, 0.03), (0.5, 0.16), (0.46, 0.34), (0.4, 0.33), (0.43, 0.17), (0.36, 0.09), (0.2, 0.09)),
    ),
    "fox": (
        ((-0.28, 0.34), (-0.3, 0.6), (0.34, 0.6), (0.36, 0.34)),
        ((-0.28, 0.0), (-0.28, 0.4), (-0.2, 0.4), (-0.22, 0.0)),
        ((-0.16, 0.0), (-0.18, 0.4), (-0.09, 0.4), (-0.1, 0.0)),
        ((0.2, 0.0), (0.18, 0.4), (0.27, 0.4), (0.26, 0.0)),
        ((0.3, 0.0), (0.28, 0.42), (0.37, 0.42), (0.36, 0.0)),
        ((-0.24, 0.56), (-0.4, 0.9), (-0.36, 1.04), (-0.28, 0.92), (-0.2, 1.02), (-0.18, 0.86), (-0.12, 0.58)),
        ((-0.38, 0.88), (-0.62, 0.72), (-0.3, 0.66)),
        ((0.32, 0.56), (0.56, 0.66), (0.84, 0.6), (1.0, 0.44), (0.8, 0.38), (0.55, 0.36), (0.34, 0.4)),
    ),
    "deer": (
        ((-0.22, 0.36), (-0.24, 0.56), (0.26, 0.58), (0.28, 0.4)),
        ((-0.22, 0.0), (-0.21, 0.4), (-0.15, 0.4), (-0.18, 0.0)),
        ((-0.12, 0.0), (-0.14, 0.4), (-0.07, 0.4), (-0.08, 0.0)),
        ((0.16, 0.0), (0.15, 0.4), (0.22, 0.4), (0.2, 0.0)),
        ((0.24, 0.0), (0.22, 0.42), (0.29, 0.42), (0.28, 0.0)),
        ((-0.24, 0.46), (-0.32, 0.74), (-0.2, 0.78), (-0.08, 0.56)),
        ((-0.34, 0.8), (-0.46, 0.7), (-0.42, 0.66), (-0.24, 0.7), (-0.18, 0.78)),
        ((-0.26, 0.77), (-0.34, 0.95), (-0.3, 1.12), (-0.31, 0.95), (-0.22, 0.78)),
        ((-0.33, 0.94), (-0.44, 1.06), (-0.33, 0.97)),
        ((-0.22, 0.77), (-0.16, 0.95), (-0.08, 1.1), (-0.13, 0.94), (-0.19, 0.77)),
        ((-0.15, 0.94), (-0.02, 1.0), (-0.14, 0.97)),
    ),
    "walker": (
        ((-0.09, 0.0), (-0.11, 0.42), (-0.13, 0.75), (0.0, 0.82), (0.13, 0.75), (0.12, 0.42), (0.1, 0.0), (0.02, 0.0),
         (0.0, 0.36), (-0.02, 0.0)),
    ),
}  # fmt: skip

_TAIL: Points = (
    (-0.05, 0.0), (-0.04, 0.3), (-0.12, 0.5), (-0.5, 0.66), (-0.62, 0.84), (-0.3, 0.83), (-0.08, 0.7), (0.0, 0.62),
    (0.08, 0.7), (0.3, 0.83), (0.62, 0.84), (0.5, 0.66), (0.12, 0.5), (0.05, 0.3), (0.09, 0.0), (0.3, -0.05),
    (-0.3, -0.05),
)  # fmt: skip
_BALLOONS = ((0.32, 0.3, 0.15), (0.62, 0.2, 0.1), (0.78, 0.38, 0.07), (0.15, 0.18, 0.06))


def add(canvas: Canvas, scene: str) -> None:
    """Everything that the words name and that fits the scene."""
    for name in canvas.reading.subjects[:3]:
        if scene in _LANDSCAPES or name == "rocket":
            if name in _OUTLINES:
                _stand(canvas, name, scene)
            elif name in _OTHERS:
                _OTHERS[name](canvas)
    if scene in _LANDSCAPES and canvas.is_still:
        weather(canvas)


def _stand(canvas: Canvas, name: str, scene: str) -> None:
    rng = canvas.rng
    on_water = name == "boat" or (name == "lighthouse" and scene == "sea")
    ground = canvas.horizon + (0.1 if on_water else 0.26)
    if scene in {"mountains", "forest"} and not on_water:
        ground = 0.9
    tall = {"walker": 0.11, "boat": 0.17, "cabin": 0.13, "castle": 0.2, "lighthouse": 0.3, "rocket": 0.26}.get(
        name, 0.15
    )
    x = float(rng.uniform(0.28, 0.72)) * canvas.width
    foot = ground * canvas.height
    size = tall * canvas.unit
    if name == "rocket":
        foot = 0.68 * canvas.height
        _flame(canvas, x, foot - 0.2 * size, size)
    if name in {"cat", "fox", "deer", "walker"}:
        size *= 1.35

    def draw(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for outline in _OUTLINES[name]:
            pen.polygon([((x + px * size) * factor, (foot - py * size) * factor) for px, py in outline], fill=255)
        if name == "walker":
            r = 0.085 * size
            cx, cy = x, foot - 0.9 * size
            pen.ellipse(((cx - r) * factor, (cy - r) * factor, (cx + r) * factor, (cy + r) * factor), fill=255)

    tone = (
        canvas.palette.near if scene != "space" else colour.mix(canvas.palette.light, canvas.palette.accents[0], 0.25)
    )
    if name == "fox":
        tone = colour.mix(tone, colour.rgb("#d2601a"), 0.55)
    canvas.drawn(draw, tone, depth=0.88 if not on_water else 0.6)
    if name in {"cabin", "castle", "lighthouse"}:
        _windows(canvas, name, x, foot, size)


def _windows(canvas: Canvas, name: str, x: float, foot: float, size: float) -> None:
    """Warm light in the windows, with a glow around it."""
    places = {
        "cabin": ((-0.24, 0.26, 0.09), (0.2, 0.26, 0.09)),
        "castle": ((-0.45, 0.5, 0.04), (0.45, 0.5, 0.04), (0.0, 0.66, 0.045), (-0.2, 0.3, 0.035), (0.2, 0.3, 0.035)),
        "lighthouse": ((0.0, 0.82, 0.05),),
    }[name]

    def draw(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for px, py, half in places:
            left, top = (x + (px - half) * size) * factor, (foot - (py + half * 1.2) * size) * factor
            pen.rectangle((left, top, left + 2 * half * size * factor, top + 2.4 * half * size * factor), fill=255)

    warm = colour.rgb("#ffd27a")
    canvas.drawn(draw, warm, depth=0.89)
    columns = np.arange(canvas.width, dtype=np.float32)[None, :]
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    glow = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    reach = size * (0.3 if name != "lighthouse" else 0.7)
    for px, py, _half in places:
        glow += np.exp(-np.hypot(columns - (x + px * size), rows - (foot - py * size)) / (reach * 0.5)) * 0.5
    canvas.add(warm, np.minimum(glow, 0.75), depth=0.89)


def _flame(canvas: Canvas, x: float, y: float, size: float) -> None:
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] - np.float32(x)
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] - np.float32(y)
    wide = size * 0.07 * (1 + np.maximum(rows, 0) / (size * 0.5))
    alpha = np.exp(-((columns / wide) ** 2)) * np.exp(-np.maximum(rows, 0) / (size * 0.55)) * (rows > 0)
    canvas.add(canvas.palette.accents[0], (alpha * 0.9).astype(np.float32), depth=0.85)
    core = np.exp(-((columns / (wide * 0.4)) ** 2)) * np.exp(-np.maximum(rows, 0) / (size * 0.25)) * (rows > 0)
    canvas.add(colour.rgb("#fff6d8"), core.astype(np.float32), depth=0.86)


def _birds(canvas: Canvas) -> None:
    rng = canvas.rng
    x0, y0 = float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.16, 0.32))
    flock = [(x0 + float(rng.normal(0, 0.12)), y0 + float(rng.normal(0, 0.05)), float(rng.uniform(0.012, 0.03)))
             for _bird in range(11)]  # fmt: skip
    lifts = rng.uniform(0.15, 0.75, len(flock))

    def draw(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for (bx, by, span), lift in zip(flock, lifts, strict=True):
            x, y, s = bx * canvas.width * factor, by * canvas.height * factor, span * canvas.unit * factor
            for side in (-1, 1):
                tip = (x + side * s, y - s * lift * 0.5)
                elbow = (x + side * s * 0.45, y - s * lift)
                pen.polygon(
                    [(x, y), elbow, tip, (x + side * s * 0.45, y - s * lift + s * 0.13), (x, y + s * 0.14)], fill=255
                )

    canvas.drawn(draw, colour.mix(canvas.palette.near, canvas.palette.haze, 0.15), depth=0.3)


def _balloons(canvas: Canvas) -> None:
    rng = canvas.rng
    accents = canvas.palette.accents
    for number, (bx, by, size) in enumerate(_BALLOONS):
        x = (bx + float(rng.uniform(-0.06, 0.06))) * canvas.width
        y = (by + float(rng.uniform(-0.03, 0.03))) * canvas.height
        _balloon(canvas, x, y, size * canvas.unit / 2, accents[number % len(accents)])


def _balloon(canvas: Canvas, x: float, y: float, r: float, tone: Array) -> None:
    """Stripes of two tones from the outside in, then the basket on its ropes."""
    pale = colour.mix(tone, canvas.palette.light, 0.65)
    for number, squeeze in enumerate((1.0, 0.85, 0.66, 0.45, 0.22)):
        wide, foot = r * squeeze, r * squeeze * 0.28

        def envelope(pen: ImageDraw.ImageDraw, factor: float, wide: float = wide, foot: float = foot) -> None:
            pen.ellipse(((x - wide) * factor, (y - r) * factor, (x + wide) * factor, (y + r) * factor), fill=255)
            corners = ((-wide * 0.86, 0.5), (wide * 0.86, 0.5), (foot, 1.38), (-foot, 1.38))
            pen.polygon([((x + across) * factor, (y + r * down) * factor) for across, down in corners], fill=255)

        canvas.drawn(envelope, pale if number % 2 else tone, depth=0.35)

    def basket(pen: ImageDraw.ImageDraw, factor: float) -> None:
        box = (x - r * 0.2, y + r * 1.55, x + r * 0.2, y + r * 1.85)
        pen.rectangle([part * factor for part in box], fill=255)
        for side in (-1, 1):
            rope = (x + side * r * 0.25, y + r * 1.36, x + side * r * 0.18, y + r * 1.6)
            pen.line([part * factor for part in rope], fill=255, width=max(1, int(r * 0.04 * factor)))

    canvas.drawn(basket, colour.mix(canvas.palette.near, colour.rgb("#5a3a22"), 0.4), depth=0.35)


def _whale(canvas: Canvas) -> None:
    """A tail above the water."""
    x, y = float(canvas.rng.uniform(0.35, 0.65)) * canvas.width, (canvas.horizon + 0.17) * canvas.height
    s = 0.2 * canvas.unit

    def draw(pen: ImageDraw.ImageDraw, factor: float) -> None:
        pen.polygon([((x + px * s) * factor, (y - py * s) * factor) for px, py in _TAIL], fill=255)

    canvas.drawn(draw, canvas.palette.near, depth=0.6)


def weather(canvas: Canvas) -> None:
    """What falls or floats in front of everything."""
    names = set(canvas.reading.subjects)
    if "snowfall" in names or ("winter" in canvas.reading.lights and canvas.rng.random() < 0.75):
        _flakes(canvas)
    if "rain" in names:
        _rain(canvas)
    if "fireflies" in names:
        _lights(canvas)


def _flakes(canvas: Canvas) -> None:
    rng = canvas.rng
    for depth, count, size in ((0.5, 420, 0.0016), (0.8, 160, 0.003), (0.97, 40, 0.0062)):
        places = rng.random((count, 3))

        def draw(pen: ImageDraw.ImageDraw, factor: float, places: np.ndarray = places, size: float = size) -> None:
            for x, y, grow in places:
                r = canvas.unit * size * (0.6 + 0.8 * grow) * factor
                cx, cy = x * canvas.width * factor, y * canvas.height * factor
                pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=255)

        canvas.drawn(draw, np.ones(3, dtype=np.float32), depth=depth, strength=0.75 if depth < 0.9 else 0.42)


def _rain(canvas: Canvas) -> None:
    drops = canvas.rng.random((520, 3))

    def draw(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for x, y, grow in drops:
            length = canvas.unit * (0.02 + 0.035 * grow) * factor
            cx, cy = x * canvas.width * factor, y * canvas.height * factor
            pen.line((cx, cy, cx - length * 0.18, cy + length), fill=255, width=max(1, int(canvas.unit / 700 * factor)))

    canvas.drawn(draw, colour.mix(canvas.palette.haze, np.ones(3, dtype=np.float32), 0.5), depth=0.95, strength=0.3)


def _lights(canvas: Canvas) -> None:
    rng = canvas.rng
    alpha = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    columns = np.arange(canvas.width, dtype=np.float32)
    rows = np.arange(canvas.height, dtype=np.float32)
    for _light in range(70):
        x, y = rng.random() * canvas.width, (0.45 + 0.5 * rng.random()) * canvas.height
        r = canvas.unit * (0.002 + 0.006 * rng.random() ** 2)
        across = np.exp(-((columns - x) ** 2) / (2 * (r * 2.2) ** 2)).astype(np.float32)
        down = np.exp(-((rows - y) ** 2) / (2 * (r * 2.2) ** 2)).astype(np.float32)
        near = slice(max(0, int(y - 9 * r)), int(y + 9 * r) + 1)
        wide = slice(max(0, int(x - 9 * r)), int(x + 9 * r) + 1)
        alpha[near, wide] += down[near, None] * across[None, wide] * np.float32(0.4 + 0.6 * rng.random())
    canvas.add(colour.rgb("#ffe9a0"), np.minimum(alpha, 1.0), depth=0.92)


_OTHERS: Mapping[str, Callable[[Canvas], None]] = {"birds": _birds, "balloon": _balloons, "whale": _whale}
