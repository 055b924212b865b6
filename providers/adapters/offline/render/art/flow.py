"""Flowing lines: thousands of strokes that follow a field of noise, in the palette's colours."""

import numpy as np
from PIL import Image, ImageDraw

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.canvas import Canvas, noise
from providers.adapters.offline.render.art.colour import Array


def flow(canvas: Canvas) -> None:
    palette = canvas.palette
    ramp = colour.gradient(palette.sky[:3], canvas.rows[:, 0])[:, None, :]
    cloud = canvas.noise(2.0, octaves=4)
    dark = colour.lighter(np.broadcast_to(ramp, (canvas.height, 1, 3)).copy(), -0.08)
    canvas.add(dark + (ramp - dark) * cloud[..., None], depth=0.0)
    field = _field(canvas)
    tones = np.stack([*palette.sky[1:], palette.haze, *palette.accents, palette.light])
    for depth, count, width, length in ((0.3, 900, 0.007, 46), (0.6, 900, 0.0042, 60), (0.9, 750, 0.0022, 78)):
        _strokes(canvas, field, tones, count=count, width=width, length=length, depth=depth)


def _field(canvas: Canvas) -> Array:
    """Headings on a coarse grid, with a few whirls laid over them."""
    rng = canvas.rng
    rows, columns = 128, max(32, int(128 * canvas.width / canvas.height))
    angle = (noise(rng, rows, columns, 1.6, octaves=3) - 0.5) * 7.0 + float(rng.uniform(0, 6.28))
    x_part, y_part = np.cos(angle), np.sin(angle)
    down, across = np.mgrid[0:rows, 0:columns].astype(np.float32) / rows
    for _whirl in range(int(rng.integers(2, 4))):
        cx, cy = float(rng.uniform(0.15, 0.85)) * columns / rows, float(rng.uniform(0.15, 0.85))
        dx, dy = across - cx, down - cy
        distance = np.hypot(dx, dy) + 1e-3
        weight = np.exp(-((distance / 0.26) ** 2)) * 2.6
        spin = 1 if rng.random() < 0.5 else -1
        x_part += spin * -dy / distance * weight
        y_part += spin * dx / distance * weight
    return np.arctan2(y_part, x_part).astype(np.float32)


def _strokes(
    canvas: Canvas, field: Array, tones: Array, *, count: int, width: float, length: int, depth: float
) -> None:
    rng = canvas.rng
    factor = 2 if max(canvas.width, canvas.height) <= 1100 else 1
    unit = canvas.unit
    step = unit * 0.0048
    x = rng.uniform(-0.05, 1.05, count) * canvas.width
    y = rng.uniform(-0.05, 1.05, count) * canvas.height
    path = np.empty((length, count, 2), dtype=np.float32)
    rows, columns = field.shape
    for at in range(length):
        path[at, :, 0], path[at, :, 1] = x, y
        column = np.clip(x / canvas.width * columns, 0, columns - 1).astype(int)
        row = np.clip(y / canvas.height * rows, 0, rows - 1).astype(int)
        heading = field[row, column]
        x = x + np.cos(heading) * step
        y = y + np.sin(heading) * step
    centre = path[length // 2]
    heading = field[
        np.clip(centre[:, 1] / canvas.height * rows, 0, rows - 1).astype(int),
        np.clip(centre[:, 0] / canvas.width * columns, 0, columns - 1).astype(int),
    ]
    place = (np.sin(heading * 1.0) * 0.5 + 0.5) * 0.6 + centre[:, 1] / canvas.height * 0.4 + rng.normal(0, 0.1, count)
    index = np.clip(place * len(tones), 0, len(tones) - 1).astype(int)
    shades = np.clip(tones[index] * rng.uniform(0.82, 1.12, (count, 1)), 0, 1)
    picture = Image.new("RGBA", (canvas.width * factor, canvas.height * factor))
    pen = ImageDraw.Draw(picture)
    widths = np.maximum(1, np.round(unit * width * factor * rng.uniform(0.5, 1.6, count))).astype(int)
    for number in range(count):
        tone = (*(int(c * 255) for c in shades[number]), 255)
        points = [(float(px) * factor, float(py) * factor) for px, py in path[:, number]]
        pen.line(points, fill=tone, width=int(widths[number]), joint="curve")
        if widths[number] > 3:
            half = widths[number] / 2
            for px, py in (points[0], points[-1]):
                pen.ellipse((px - half, py - half, px + half, py + half), fill=tone)
    pixels = np.asarray(picture.reduce(factor) if factor > 1 else picture, dtype=np.float32) / 255
    canvas.add(pixels[..., :3], pixels[..., 3] * 0.92, depth=depth)
