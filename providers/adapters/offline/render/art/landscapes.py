"""Mountains, dunes and meadows: ridges behind ridges, each a little less hazy."""

import numpy as np

from providers.adapters.offline.render.art import colour, sky, trees, water
from providers.adapters.offline.render.art.canvas import Canvas, hazed, ridge
from providers.adapters.offline.render.art.colour import Array


def mountains(canvas: Canvas) -> None:
    rng, reading = canvas.rng, canvas.reading
    has_lake = "sea" in reading.scenes or rng.random() < 0.3
    canvas.horizon = float(rng.uniform(0.6, 0.68))
    light = sky.paint(canvas, clouds=float(rng.uniform(0.3, 0.8)))
    has_snow = bool({"winter"} & set(reading.lights)) or rng.random() < 0.35
    count = 4
    for number in range(count):
        share = (number + 1) / (count + 1)
        base = canvas.horizon + 0.02 + 0.05 * number
        tall = float(rng.uniform(0.3, 0.4)) * (1 - 0.55 * share)
        shape = ridge(rng, canvas.width, 2.2 + 1.1 * number, roughness=0.47 + 0.03 * rng.random())
        line = (base - tall * shape**1.25) * canvas.height
        _ridge_layer(canvas, line, share * 0.82, light, snow=has_snow and number < 2, depth=0.12 + 0.16 * number)
    if has_lake:
        water.mirror(canvas, canvas.horizon + 0.15, depth=0.6)
    near = ridge(rng, canvas.width, 1.6, octaves=5, roughness=0.45)
    line = (0.9 + 0.03 * rng.random() - 0.1 * near) * canvas.height
    if rng.random() < 0.8 or "forest" in reading.scenes:
        trees.conifers(canvas, line + 0.012 * canvas.height, hazed(canvas.palette, 0.93), depth=0.86, tall=0.1)
    canvas.silhouette(line, canvas.palette.near, depth=0.9)


def _ridge_layer(
    canvas: Canvas, line: Array, share: float, light: tuple[float, float], *, snow: bool, depth: float
) -> None:
    """A ridge with a lit and a shaded side, mist at its foot and perhaps snow on top."""
    palette = canvas.palette
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    under = (rows - line[None, :]) / canvas.height
    body = hazed(palette, share)
    wide = max(3, canvas.width // 40)
    slope = np.convolve(np.gradient(line), np.ones(wide) / wide, mode="same")
    facing = np.sign(0.5 - (np.linspace(0, 1, canvas.width) - light[0] > 0))
    relief = canvas.noise(7, octaves=5)
    # The lit faces run down slanted and crumpled, not straight: columns are looked up where noise sends them.
    spread = (relief - 0.5) * 0.16 - under * 0.5 * np.sign(slope)[None, :]
    columns = np.clip(np.arange(canvas.width)[None, :] + spread * canvas.height, 0, canvas.width - 1).astype(int)
    lit = np.clip(0.5 + 0.9 * (slope * facing)[columns] + (relief - 0.5) * 0.8, 0.0, 1.0).astype(np.float32)
    tone = colour.mix(body, palette.light, 0.24 * (1 - share * 0.6))
    rgb = body + (tone - body) * (lit * np.exp(-under / 0.16))[..., None]
    if snow:
        cap = np.clip((0.075 - under + 0.06 * (relief - 0.5)) / 0.015, 0.0, 1.0) * (0.3 + 0.7 * lit)
        white = colour.mix(palette.haze, np.ones(3, dtype=np.float32), 0.75)
        rgb = rgb + (white - rgb) * (cap * (0.9 - 0.3 * share))[..., None]
    mist = np.clip(under / 0.24, 0.0, 1.0) ** 1.4 * 0.7 * (1 - share * 0.55)
    rgb = rgb + (colour.mix(palette.haze, palette.light, 0.18) - rgb) * mist[..., None]
    canvas.silhouette(line, rgb, depth=depth)


def dunes(canvas: Canvas) -> None:
    rng, palette = canvas.rng, canvas.palette
    canvas.horizon = float(rng.uniform(0.5, 0.58))
    light = sky.paint(canvas, clouds=0.15, body_height=float(rng.uniform(0.16, 0.4)))
    count = 5
    for number in range(count):
        share = number / (count - 1)
        x = np.linspace(0, 1, canvas.width)
        line = canvas.horizon + 0.01 + 0.43 * share**1.35
        wave = sum(
            float(rng.uniform(0.3, 1.0))
            / (k + 1)
            * np.sin(2 * np.pi * (x * (k + 0.7) * (1.5 - 0.7 * share) + rng.random()))
            for k in range(3)
        )
        edge = ((line - (0.035 + 0.05 * share) * wave) * canvas.height).astype(np.float32)
        rows = np.arange(canvas.height, dtype=np.float32)[:, None]
        under = (rows - edge[None, :]) / canvas.height
        sand = colour.mix(colour.mix(palette.haze, palette.sky[-1], 0.4), palette.near, 0.12 + 0.62 * share)
        bright = colour.mix(sand, palette.light, 0.5 - 0.25 * share)
        facing = 1.0 if light[0] < 0.5 else -1.0
        slope = np.gradient(edge) * facing
        lit = (1 / (1 + np.exp(-slope / (np.std(slope) + 1e-6) * 2.2))).astype(np.float32)
        ripple = np.sin(under * (340 - 190 * share) + canvas.noise(5, octaves=3) * 16) * 0.5 + 0.5
        amount = lit[None, :] * np.exp(-under / 0.2) * (0.82 + 0.18 * ripple)
        canvas.silhouette(
            edge, sand + (bright - sand) * amount[..., None].astype(np.float32), depth=0.2 + 0.17 * number
        )


def field(canvas: Canvas) -> None:
    """Rolling meadow with stripes of flowers that grow larger towards the viewer."""
    rng, palette = canvas.rng, canvas.palette
    canvas.horizon = float(rng.uniform(0.5, 0.58))
    light = sky.paint(canvas, clouds=0.7, body_height=float(rng.uniform(0.2, 0.42)))
    far = (canvas.horizon + 0.02 - 0.09 * ridge(rng, canvas.width, 3, roughness=0.42)) * canvas.height
    _ridge_layer(canvas, far, 0.3, light, snow=False, depth=0.15)
    green = colour.mix(palette.near, colour.rgb("#5f8f4e"), 0.0 if palette.is_dark else 0.55)
    for number in range(6):
        share = number / 5
        line = (
            canvas.horizon
            + 0.015
            + 0.36 * share**1.5
            - (0.02 + 0.03 * share) * ridge(rng, canvas.width, 1.5, octaves=3)
        )
        rows = np.arange(canvas.height, dtype=np.float32)[:, None]
        under = (rows - line[None, :] * canvas.height) / canvas.height
        ground = colour.mix(colour.mix(palette.haze, palette.light, 0.2), green, 0.35 + 0.6 * share)
        bright = colour.mix(ground, palette.light, 0.32)
        rgb = ground + (bright - ground) * np.exp(-under / 0.05)[..., None].astype(np.float32)
        canvas.silhouette((line * canvas.height).astype(np.float32), rgb, depth=0.25 + 0.13 * number)
        _flowers(canvas, line, share, depth=0.26 + 0.13 * number)


def _flowers(canvas: Canvas, line: Array, share: float, depth: float) -> None:
    rng = canvas.rng
    size = canvas.unit * (0.0016 + 0.007 * share**1.6)
    tone = colour.mix(canvas.palette.accents[int(rng.integers(2))], canvas.palette.haze, 0.35 * (1 - share))
    count = int(canvas.width / max(2.0, size) * 1.5)
    columns = rng.integers(0, canvas.width, count)
    below = rng.random(count) ** 1.4 * (0.03 + 0.12 * share) * canvas.height
    sizes = size * (0.6 + 0.8 * rng.random(count))

    def draw(pen: object, factor: float) -> None:
        for at in range(count):
            x, y, r = columns[at] * factor, (line[columns[at]] * canvas.height + below[at]) * factor, sizes[at] * factor
            pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=255)  # type: ignore[attr-defined]

    canvas.drawn(draw, tone, depth=depth, strength=0.9)
