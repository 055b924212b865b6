"""Trees: firs along a line, and the forest scene of misty rows behind each other."""

import numpy as np
from PIL import ImageDraw

from providers.adapters.offline.render.art import colour, sky
from providers.adapters.offline.render.art.canvas import Canvas, hazed, ridge
from providers.adapters.offline.render.art.colour import Array


def conifers(canvas: Canvas, line: Array, rgb: Array, *, depth: float, tall: float, crowd: float = 1.0) -> None:
    """Firs whose feet stand on `line` (rows per column); `tall` is the usual height as a share of the picture."""
    rng = canvas.rng
    spacing = tall * canvas.unit * 0.27 / crowd
    count = int(canvas.width / spacing) + 2
    places = (np.arange(count) + rng.uniform(-0.5, 0.5, count)) * spacing
    clumps = np.clip(sky.noise_rows(canvas, max(3, int(6 * canvas.width / canvas.height))) * 1.5 - 0.1, 0.15, 1.2)
    heights = []
    for place in places:
        column = int(np.clip(place, 0, canvas.width - 1))
        heights.append(tall * canvas.unit * clumps[column] * float(rng.uniform(0.6, 1.25)))
    jitters = rng.random((count, 24))

    def draw(pen: ImageDraw.ImageDraw, factor: float) -> None:
        for at, place in enumerate(places):
            foot = float(line[int(np.clip(place, 0, canvas.width - 1))])
            _fir(pen, place * factor, foot * factor, heights[at] * factor, jitters[at])

    canvas.drawn(draw, rgb, depth=depth)


def _fir(pen: ImageDraw.ImageDraw, x: float, foot: float, height: float, jitter: Array) -> None:
    """A spire of overhanging branches."""
    steps = int(np.clip(height / 5, 7, 22))
    left, right = [], []
    for step in range(steps):
        share = step / steps
        y = foot - height * (1 - share)
        reach = height * 0.2 * share**0.85 * (0.75 + 0.5 * jitter[step])
        left += [(x - reach * 0.42, y), (x - reach, y + height / steps * 1.25)]
        right += [(x + reach * 0.42, y), (x + reach * (0.8 + 0.4 * jitter[-1 - step]), y + height / steps * 1.25)]
    pen.polygon(
        [(x, foot - height * 1.02), *right, (x + height * 0.02, foot), (x - height * 0.02, foot), *left[::-1]], fill=255
    )
    pen.rectangle((x - height * 0.012, foot - height * 0.1, x + height * 0.012, foot + height * 0.06), fill=255)


def forest(canvas: Canvas) -> None:
    rng, palette = canvas.rng, canvas.palette
    canvas.horizon = float(rng.uniform(0.66, 0.74))
    light = sky.paint(canvas, clouds=0.35, body_height=float(rng.uniform(0.22, 0.46)))
    count = 6
    for number in range(count):
        share = number / (count - 1)
        base = 0.56 + 0.38 * share
        hill = ridge(rng, canvas.width, 2.0, octaves=4, roughness=0.4)
        line = ((base - 0.1 * (1 - share * 0.5) * hill) * canvas.height).astype(np.float32)
        tone = hazed(palette, 0.1 + 0.88 * share**1.15)
        tall = 0.1 + 0.24 * share**1.4
        conifers(
            canvas, line + 0.01 * canvas.height, tone, depth=0.15 + 0.15 * number, tall=tall, crowd=1.5 - 0.7 * share
        )
        rows = np.arange(canvas.height, dtype=np.float32)[:, None]
        under = (rows - line[None, :]) / canvas.height
        mist = np.clip(under / 0.1, 0.0, 1.0) * (0.75 - 0.72 * share)
        fog = colour.mix(palette.haze, palette.light, 0.25)
        canvas.silhouette(line, tone + (fog - tone) * mist[..., None].astype(np.float32), depth=0.16 + 0.15 * number)
        if number in {2, 3}:
            _mist(canvas, base, share)
    _rays(canvas, light)


def _mist(canvas: Canvas, height: float, share: float) -> None:
    band = np.exp(-(((canvas.rows - height) / 0.07) ** 2))
    cloud = canvas.noise(3, octaves=5, stretch=4)
    tone = colour.mix(canvas.palette.haze, canvas.palette.light, 0.3)
    canvas.add(tone, (band * (0.25 + 0.75 * cloud) * (0.6 - 0.4 * share)).astype(np.float32), depth=0.3 + 0.4 * share)


def _rays(canvas: Canvas, light: tuple[float, float]) -> None:
    """Shafts of light that fan out from the sun."""
    across = (canvas.columns - light[0]) * canvas.width
    down = (canvas.rows - light[1]) * canvas.height
    angle = np.arctan2(across, np.maximum(down, 1.0))
    knots = canvas.rng.random(64)
    beams = np.interp(angle, np.linspace(-1.6, 1.6, 64), knots)
    fade = np.clip(down / (0.1 * canvas.height), 0, 1) * np.exp(-np.maximum(down, 0) / (0.42 * canvas.height))
    alpha = np.clip(beams - 0.45, 0, 1) * fade * (0.35 if canvas.palette.is_dark else 0.55)
    canvas.add(canvas.palette.light, alpha.astype(np.float32), depth=0.4)
