"""Cities: skylines behind each other, lit windows, a wet street or a river that mirrors them."""

import numpy as np
from PIL import Image, ImageDraw

from providers.adapters.offline.render.art import colour, sky, water
from providers.adapters.offline.render.art.canvas import Canvas


def city(canvas: Canvas) -> None:
    rng, palette = canvas.rng, canvas.palette
    canvas.horizon = 0.72
    sky.paint(canvas, clouds=0.45, body_height=float(rng.uniform(0.18, 0.42)))
    for number, (tall, share) in enumerate(((0.36, 0.22), (0.44, 0.5), (0.34, 0.92))):
        _skyline(canvas, tall, share, depth=0.2 + 0.25 * number, width=0.05 + 0.018 * number)
    glow = np.exp(-np.abs(canvas.rows - canvas.horizon) / 0.09) * (0.3 if palette.is_dark else 0.16)
    canvas.add(colour.mix(palette.sky[-1], palette.light, 0.4), np.repeat(glow, canvas.width, 1), depth=0.75)
    water.mirror(canvas, canvas.horizon + 0.035, depth=0.8)
    bank = np.exp(-(((canvas.rows - canvas.horizon - 0.034) / 0.006) ** 2)).astype(np.float32)
    canvas.add(palette.near, np.repeat(bank, canvas.width, 1), depth=0.8)


def _skyline(canvas: Canvas, tall: float, share: float, *, depth: float, width: float) -> None:
    """One row of houses. The nearer, the darker, and the more windows can be told apart."""
    rng, palette = canvas.rng, canvas.palette
    factor = 2
    houses = Image.new("L", (canvas.width * factor, canvas.height * factor))
    panes = Image.new("RGB", houses.size)
    pen, light = ImageDraw.Draw(houses), ImageDraw.Draw(panes)
    foot = (canvas.horizon + 0.04) * canvas.height * factor
    unit = canvas.unit * factor
    lamps = [colour.rgb("#ffd58a"), colour.rgb("#ffe9bd"), palette.accents[0], palette.accents[1]]
    lit = 0.5 if palette.is_dark else 0.16
    x = -float(rng.uniform(0, width)) * unit
    while x < canvas.width * factor:
        wide = float(rng.uniform(0.6, 1.7)) * width * unit
        centre = 1 - 0.5 * abs((x + wide / 2) / (canvas.width * factor) - 0.5) * 2
        high = tall * unit * float(rng.uniform(0.25, 1.0)) ** 1.3 * (0.5 + 0.6 * centre) + 0.05 * unit
        _house(pen, rng, x, foot, wide, high)
        step = unit * (0.0085 + 0.004 * depth)
        for row in np.arange(foot - high + step * 1.2, foot - step, step * 1.35):
            for column in np.arange(x + step * 0.8, x + wide - step * 1.1, step):
                if rng.random() < lit * (0.45 + 0.55 * share):
                    tone = lamps[int(rng.choice(4, p=(0.5, 0.3, 0.12, 0.08)))] * (0.55 + 0.45 * rng.random())
                    light.rectangle(
                        (column, row, column + step * 0.5, row + step * 0.62), fill=tuple(int(c * 255) for c in tone)
                    )
        x += wide * float(rng.uniform(0.88, 1.15))
    alpha = np.asarray(houses.reduce(factor), dtype=np.float32) / 255
    bright = np.asarray(panes.reduce(factor), dtype=np.float32) / 255 * (0.35 + 0.65 * share)
    body = colour.mix(palette.haze, palette.near, share)
    below = np.clip((canvas.rows - canvas.horizon + 0.3) / 0.34, 0, 1)[..., None]
    hazed = body + (colour.mix(palette.haze, palette.sky[-1], 0.5) - body) * (below**2 * (0.42 - 0.3 * share))
    canvas.add(np.clip(hazed + bright, 0, 1), alpha, depth=depth)


def _house(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, wide: float, high: float) -> None:
    top = foot - high
    pen.rectangle((x, top, x + wide, foot + 4), fill=255)
    match int(rng.integers(6)):
        case 0:
            pen.rectangle((x + wide * 0.2, top - high * 0.08, x + wide * 0.8, top), fill=255)
            pen.rectangle((x + wide * 0.38, top - high * 0.14, x + wide * 0.62, top), fill=255)
        case 1:
            pen.polygon([(x, top), (x + wide / 2, top - wide * 0.55), (x + wide, top)], fill=255)
        case 2:
            pen.rectangle((x + wide * 0.47, top - high * 0.25, x + wide * 0.53, top), fill=255)
        case 3:
            pen.polygon([(x, top), (x + wide, top - wide * 0.3), (x + wide, top)], fill=255)
