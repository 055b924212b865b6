"""Botanical posters: stems, leaves and blossoms in flat colours on paper, before a disc."""

import numpy as np
from PIL import ImageDraw

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.canvas import Canvas
from providers.adapters.offline.render.art.colour import Array

Point = tuple[float, float]


def botanical(canvas: Canvas) -> None:
    rng, palette = canvas.rng, canvas.palette
    is_dark = palette.light_name in {"night", "cosmic", "storm", "neon", "fire"}
    cream = colour.rgb("#f6efe2")
    paper = colour.mix(palette.sky[1], palette.near, 0.55) if is_dark else colour.mix(cream, palette.sky[-1], 0.35)
    fibre = canvas.noise(60, octaves=3) * 0.5 + canvas.noise(4, octaves=3) * 0.5
    canvas.add(paper + ((fibre - 0.5) * 0.05)[..., None], depth=0.0)
    _disc(canvas, is_dark)
    leaf = palette.near if not is_dark else colour.mix(palette.haze, palette.light, 0.35)
    greens = [colour.mix(leaf, colour.rgb("#3f7d58"), share) for share in (0.25, 0.5, 0.72)]
    foot = 1.04
    stems = int(rng.integers(5, 8))
    order = rng.permutation(stems)
    for place in order:
        share = (place + 0.5) / stems
        height = float(rng.uniform(0.42, 0.74)) * (1 - 0.35 * abs(share - 0.5) * 2)
        _plant(canvas, share, foot, height, greens[int(rng.integers(3))], depth=0.4 + 0.5 * float(rng.random()))


def _disc(canvas: Canvas, is_dark: bool) -> None:
    rng, palette = canvas.rng, canvas.palette
    x, y = float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.36, 0.46))
    radius = float(rng.uniform(0.27, 0.34))
    across = (canvas.columns - x) * canvas.width / canvas.unit
    down = (canvas.rows - y) * canvas.height / canvas.unit
    alpha = np.clip((radius - np.hypot(across, down)) * canvas.unit + 0.5, 0, 1)
    top = palette.accents[0] if not is_dark else palette.light
    rgb = colour.gradient(
        (top, colour.mix(top, palette.sky[-2], 0.6)), np.clip((down + radius) / (2 * radius), 0, 1)[:, 0]
    )
    canvas.add(rgb[:, None, :], (alpha * 0.92).astype(np.float32), depth=0.1)


def _plant(canvas: Canvas, share: float, foot: float, height: float, green: Array, *, depth: float) -> None:
    rng = canvas.rng
    bend = float(rng.uniform(-0.13, 0.13)) + (share - 0.5) * 0.25
    start = (share * canvas.width + float(rng.uniform(-0.02, 0.02)) * canvas.unit, foot * canvas.height)
    tip = (start[0] + bend * canvas.unit, start[1] - height * canvas.height)
    middle = (start[0] + bend * 0.15 * canvas.unit, start[1] - height * 0.6 * canvas.height)
    curve = _bezier(start, middle, tip)
    kind = int(rng.integers(3))
    leaves: list[tuple[Point, float, float]] = []
    for step in range(4, len(curve) - 4, 3 if kind != 2 else 2):
        at = step / len(curve)
        heading = np.arctan2(curve[step + 1][1] - curve[step][1], curve[step + 1][0] - curve[step][0])
        length = canvas.unit * (0.135 if kind == 0 else 0.085) * (1 - 0.55 * at) * float(rng.uniform(0.85, 1.15))
        for side in (-1, 1):
            leaves.append((curve[step], heading + side * float(rng.uniform(0.75, 1.0)), length))

    def draw_stem(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for step in range(len(curve) - 1):
            wide = canvas.unit * (0.0065 - 0.004 * step / len(curve)) * factor
            (x1, y1), (x2, y2) = curve[step], curve[step + 1]
            pen.line((x1 * factor, y1 * factor, x2 * factor, y2 * factor), fill=255, width=max(1, round(wide)))
        for place, angle, length in leaves:
            pen.polygon(_leaf(place, angle, length, factor, 0.36 if kind == 0 else 0.27), fill=255)

    def draw_veins(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for (x, y), angle, length in leaves:
            end = (x + np.cos(angle) * length * 0.86, y + np.sin(angle) * length * 0.86)
            pen.line(
                (x * factor, y * factor, end[0] * factor, end[1] * factor),
                fill=255,
                width=max(1, round(canvas.unit * 0.0016 * factor)),
            )

    canvas.drawn(draw_stem, green, depth=depth)
    canvas.drawn(draw_veins, colour.lighter(green, 0.16), depth=depth, strength=0.7)
    _blossom(canvas, tip, kind, depth=depth)


def _bezier(start: Point, middle: Point, end: Point, steps: int = 36) -> list[Point]:
    at = np.linspace(0, 1, steps)[:, None]
    points = (1 - at) ** 2 * np.array(start) + 2 * at * (1 - at) * np.array(middle) + at**2 * np.array(end)
    return [(float(x), float(y)) for x, y in points]


def _leaf(place: Point, angle: float, length: float, factor: float, width: float) -> list[Point]:
    at = np.linspace(0, 1, 16)
    half = np.sin(np.pi * at**0.8) * length * width * 0.5
    along = at * length
    cos, sin = np.cos(angle), np.sin(angle)
    upper = [
        ((place[0] + a * cos - h * sin) * factor, (place[1] + a * sin + h * cos) * factor)
        for a, h in zip(along, half, strict=True)
    ]
    lower = [
        ((place[0] + a * cos + h * sin) * factor, (place[1] + a * sin - h * cos) * factor)
        for a, h in zip(along, half, strict=True)
    ]
    return upper + lower[::-1]


def _blossom(canvas: Canvas, centre: Point, kind: int, *, depth: float) -> None:
    """Rings of petals from the outside in, then a heart of seeds."""
    rng, palette = canvas.rng, canvas.palette
    accent = palette.accents[int(rng.integers(min(3, len(palette.accents))))]
    size = canvas.unit * float(rng.uniform(0.06, 0.1))
    rings = 3 if kind != 1 else 2
    for ring in range(rings):
        petals = (13, 10, 8)[ring] if kind != 1 else (8, 8)[ring]
        length = size * (1 - 0.26 * ring)
        turn = float(rng.uniform(0, 6.28))
        width = 0.42 if kind != 1 else 0.7

        def draw(
            pen: ImageDraw.ImageDraw,
            factor: float,
            petals: int = petals,
            length: float = length,
            turn: float = turn,
            width: float = width,
        ) -> None:
            for petal in range(petals):
                pen.polygon(_leaf(centre, turn + petal * 2 * np.pi / petals, length, factor, width), fill=255)

        canvas.drawn(
            draw, colour.mix(colour.lighter(accent, -0.06 + 0.07 * ring), palette.light, 0.12 * ring), depth=depth
        )

    golden = np.pi * (3 - 5**0.5)

    def seeds(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for seed in range(46):
            r = size * 0.032 * seed**0.5 * factor
            x, y = centre[0] * factor + r * np.cos(seed * golden), centre[1] * factor + r * np.sin(seed * golden)
            dot = size * 0.022 * factor
            pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill=255)

    canvas.drawn(seeds, colour.mix(palette.near, colour.rgb("#7a4b12"), 0.5), depth=depth)
