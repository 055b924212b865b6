"""Water: the sea in perspective, mirrors of what stands above it, stylised waves in front."""

import numpy as np

from providers.adapters.offline.render.art import colour, sky
from providers.adapters.offline.render.art.canvas import Canvas, hazed, resized, ridge
from providers.adapters.offline.render.art.colour import Array


def sea(canvas: Canvas) -> None:
    rng, palette = canvas.rng, canvas.palette
    canvas.horizon = float(rng.uniform(0.5, 0.58))
    light = sky.paint(canvas, clouds=float(rng.uniform(0.45, 0.95)), body_height=float(rng.uniform(0.22, 0.42)))
    if rng.random() < 0.7 or "mountains" in canvas.reading.scenes:
        shape = ridge(rng, canvas.width, 2.4, roughness=0.46)
        coast = canvas.horizon - 0.11 * np.clip(shape * 1.6 - 0.62, 0, 1)
        canvas.silhouette((coast * canvas.height).astype(np.float32), hazed(palette, 0.3), depth=0.12)
    surface(canvas, canvas.horizon, light, depth=0.35)
    if rng.random() < 0.75:
        _rollers(canvas)


def surface(canvas: Canvas, horizon: float, light: tuple[float, float], *, depth: float) -> None:
    """Open water from `horizon` down, its ripples finer with distance, with a path of light."""
    palette, rng = canvas.palette, canvas.rng
    top = int(horizon * canvas.height)
    rows = canvas.height - top
    share = np.linspace(0.0, 1.0, rows, dtype=np.float32)[:, None]
    ripples = _perspective_noise(rng, rows, canvas.width)
    stops = (
        palette.sky[-1],
        palette.sky[-2],
        palette.sky[len(palette.sky) // 3],
        colour.mix(palette.sky[0], palette.near, 0.55),
    )
    base = colour.gradient(stops, share[:, 0] ** 0.7)[:, None, :]
    crest = colour.lighter(base, 0.13)
    trough = colour.lighter(base, -0.09)
    tone = np.clip(ripples, 0, 1)[..., None]
    rgb = trough + (crest - trough) * tone
    spread = 0.035 + 0.16 * share
    path = np.exp(-(((canvas.columns - light[0]) / spread) ** 2)) * np.clip(
        (ripples - 0.52 + 0.12 * (1 - share)) * 4.0, 0, 1
    )
    fade = 0.95 - 0.5 * share
    rgb = rgb + (palette.light - rgb) * (path * fade)[..., None]
    line = np.exp(-share / 0.012)[..., None] * 0.5
    rgb = rgb + (colour.mix(palette.haze, palette.light, 0.4) - rgb) * line
    canvas.add(rgb, np.ones((rows, canvas.width), dtype=np.float32), depth=depth, top=top)


def _perspective_noise(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Noise whose grain grows from the top row to the bottom row."""
    total = np.zeros((rows, columns), dtype=np.float32)
    for lines, across, weight in ((90, 9, 1.0), (170, 24, 0.7), (300, 60, 0.45)):
        grid = resized(rng.random((lines, across + 3), dtype=np.float32), lines * 4, columns)
        places = np.linspace(1.0, 0.0, rows) ** 2.2 * (lines * 4 - 1)
        index = places.astype(int)
        following = np.minimum(index + 1, lines * 4 - 1)
        part = (places - index).astype(np.float32)[:, None]
        total += np.float32(weight) * (grid[index] * (1 - part) + grid[following] * part)
    return (total - total.mean()) / (4.2 * total.std()) + 0.5


def _rollers(canvas: Canvas) -> None:
    """Three stylised waves in front, each with foam on its edge."""
    rng, palette = canvas.rng, canvas.palette
    x = np.linspace(0, 1, canvas.width) * canvas.width / canvas.height
    for number in range(3):
        share = number / 2
        pace = float(rng.uniform(1.1, 1.9)) * (1.35 - 0.35 * share)
        phase = 2 * np.pi * (x * pace + rng.random())
        swell = np.sin(phase) + 0.45 * np.sin(2 * phase + 0.9) + 0.2 * np.sin(3.3 * phase + 2.0 * rng.random())
        line = ((0.82 + 0.075 * number - 0.022 * (1 + 0.5 * share) * swell) * canvas.height).astype(np.float32)
        rows = np.arange(canvas.height, dtype=np.float32)[:, None]
        under = (rows - line[None, :]) / canvas.height
        deep = colour.mix(palette.sky[0], palette.near, 0.35 + 0.4 * share)
        glow = colour.mix(palette.sky[len(palette.sky) // 2], palette.haze, 0.35)
        rgb = deep + (glow - deep) * (np.exp(-under / (0.03 + 0.02 * share)) * 0.7)[..., None].astype(np.float32)
        foam = colour.mix(palette.light, np.ones(3, dtype=np.float32), 0.4)
        lace = np.clip((0.007 + 0.012 * (canvas.noise(26, octaves=3) - 0.35) - under) / 0.0025, 0, 1) * (under > -0.002)
        rgb = rgb + (foam - rgb) * (lace * 0.85)[..., None].astype(np.float32)
        canvas.silhouette(line, rgb, depth=0.7 + 0.13 * number)


def mirror(canvas: Canvas, height: float, *, depth: float) -> None:
    """A still lake from `height` down that mirrors all that has been painted above."""
    top = int(height * canvas.height)
    rows = min(canvas.height - top, top)
    above = canvas.flat()[top - rows : top][::-1]
    share = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    waver = _perspective_noise(canvas.rng, rows, canvas.width) - 0.5
    shift = (waver * (2 + 26 * share) * canvas.unit / 1024).astype(int)
    source = np.clip(np.arange(rows)[:, None] + shift, 0, rows - 1)
    columns = np.clip(np.arange(canvas.width)[None, :] + shift // 2, 0, canvas.width - 1)
    rgb = above[source, columns]
    tint = colour.mix(canvas.palette.sky[0], canvas.palette.near, 0.4)
    rgb = rgb + (tint - rgb) * (0.16 + 0.34 * share)[..., None]
    rgb = rgb + (canvas.palette.light - rgb) * (np.clip(waver - 0.28, 0, 1) * 0.5 * (1 - share))[..., None]
    canvas.add(rgb, np.ones((rows, canvas.width), dtype=np.float32), depth=depth, top=top)
