"""Skies: gradient, stars, sun or moon with its glow, clouds, northern lights."""

import numpy as np

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.canvas import Canvas
from providers.adapters.offline.render.art.colour import Array


def paint(canvas: Canvas, *, clouds: float = 0.5, body_height: float | None = None) -> tuple[float, float]:
    """The whole sky. Returns where the sun or moon stands, as shares of width and height."""
    palette, rng = canvas.palette, canvas.rng
    position = (float(rng.uniform(0.22, 0.78)), body_height or float(rng.uniform(0.2, canvas.horizon - 0.12)))
    ramp = colour.gradient(palette.sky, canvas.rows[:, 0] / max(0.4, canvas.horizon + 0.03))[:, None, :]
    distance = distance_from(canvas, *position)
    glow = np.exp(-distance / 0.34) * (0.35 if palette.is_dark else 0.5)
    canvas.add(ramp + (palette.light - ramp) * glow[..., None].astype(np.float32), depth=0.0)
    if palette.is_dark:
        stars(canvas, density=1.0 if palette.light_name == "night" else 0.4)
    if "aurora" in canvas.reading.subjects:
        aurora(canvas)
    body(canvas, *position)
    if clouds > 0:
        cloud_layer(canvas, clouds, position)
    return position


def distance_from(canvas: Canvas, x: float, y: float) -> Array:
    """How far each pixel is from a point, in units of the picture's height."""
    across = (canvas.columns - x) * canvas.width / canvas.unit
    down = (canvas.rows - y) * canvas.height / canvas.unit
    return np.hypot(across, down).astype(np.float32)


def stars(canvas: Canvas, *, density: float = 1.0, until: float | None = None) -> None:
    rng = canvas.rng
    count = int(900 * density * max(0.6, canvas.width / canvas.height))
    alpha = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    end = until or canvas.horizon
    x = rng.random(count) * (canvas.width - 1)
    y = rng.random(count) ** 1.25 * end * (canvas.height - 1)
    size = canvas.unit / 1024 * (0.45 + 1.3 * rng.random(count) ** 8)
    bright = (0.25 + 0.75 * rng.random(count) ** 2) * (1 - (y / canvas.height / end) ** 3)
    for at in range(count):
        _dot(alpha, x[at], y[at], size[at], bright[at])
    tint = colour.mix(np.ones(3, dtype=np.float32), canvas.palette.light, 0.35)
    canvas.add(tint, np.minimum(alpha, 1.0), depth=0.02)


def _dot(alpha: Array, x: float, y: float, radius: float, strength: float) -> None:
    reach = int(radius * 3) + 1
    top, left = max(0, int(y) - reach), max(0, int(x) - reach)
    bottom, right = min(alpha.shape[0], int(y) + reach + 2), min(alpha.shape[1], int(x) + reach + 2)
    down = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(y)
    across = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(x)
    alpha[top:bottom, left:right] += np.float32(strength) * np.exp(-(down**2 + across**2) / np.float32(radius**2))


def body(canvas: Canvas, x: float, y: float) -> None:
    """The sun, or at night a moon with its seas or a crescent."""
    palette, rng = canvas.palette, canvas.rng
    is_moon = palette.light_name in {"night", "mist", "winter", "storm"} and palette.is_dark
    radius = float(rng.uniform(0.045, 0.075) if is_moon else rng.uniform(0.05, 0.11))
    distance = distance_from(canvas, x, y)
    edge = 1.5 / canvas.unit
    disc = np.clip((radius - distance) / edge + 0.5, 0.0, 1.0)
    halo = np.exp(-np.maximum(distance - radius, 0.0) / (radius * 1.1)) * 0.55 * (1 - disc)
    rgb = palette.light
    if is_moon:
        seas = canvas.noise(14, octaves=3)
        rgb = (
            colour.lighter(palette.light, -0.1)
            + (palette.light - colour.lighter(palette.light, -0.1)) * seas[..., None]
        )
        if rng.random() < 0.4:
            shadow = distance_from(canvas, x - radius * 0.75, y - radius * 0.35)
            disc = disc * np.clip((shadow - radius) / edge + 0.5, 0.0, 1.0)
            halo *= 0.7
    canvas.add(rgb, np.maximum(disc, halo).astype(np.float32), depth=0.03)


def cloud_layer(canvas: Canvas, amount: float, light: tuple[float, float]) -> None:
    """Drawn-out clouds, lit from the light's side."""
    palette = canvas.palette
    cover = canvas.noise(3.2, octaves=6, stretch=3.4)
    veil = np.exp(-(((canvas.rows - canvas.horizon * 0.62) / (canvas.horizon * 0.42)) ** 2))
    threshold = 0.74 - 0.3 * amount
    alpha = np.clip((cover - threshold) / 0.26, 0.0, 1.0) ** 1.3 * veil * 0.8
    near_light = np.exp(-distance_from(canvas, *light) / 0.5)
    base = colour.mix(palette.haze, palette.light, 0.25 if palette.is_dark else 0.55)
    rgb = base + (palette.light - base) * (near_light * 0.9)[..., None]
    shade = np.clip((cover - threshold - 0.1) / 0.35, 0.0, 1.0)[..., None]
    rgb = rgb + (colour.mix(palette.sky[len(palette.sky) // 2], palette.haze, 0.4) - rgb) * shade * 0.45
    canvas.add(rgb, alpha.astype(np.float32), depth=0.06, drift=0.05)


def aurora(canvas: Canvas) -> None:
    """Curtains of light that hang from wavering lines."""
    rng = canvas.rng
    x = canvas.columns[0]
    for colour_name in ("#5dffb0", "#46e0d6", "#a06bff"):
        line = (
            0.16
            + 0.2 * rng.random()
            + sum(
                float(rng.uniform(0.015, 0.06)) * np.sin(2 * np.pi * (x * float(rng.uniform(0.6, 3.4)) + rng.random()))
                for _wave in range(4)
            )
        )
        rays = np.clip(noise_rows(canvas, 60) * 0.7 + noise_rows(canvas, 9) * 0.6, 0.0, 1.0)
        below = canvas.rows - line[None, :]
        rise = np.exp(np.minimum(below, 0.0) / 0.16) * np.exp(-np.maximum(below, 0.0) / 0.025)
        canvas.add(colour.rgb(colour_name), (rise * rays[None, :] * 0.62).astype(np.float32), depth=0.05)


def noise_rows(canvas: Canvas, cells: int) -> Array:
    """Smooth noise along the columns."""
    knots = canvas.rng.random(cells + 3)
    places = canvas.columns[0] * cells
    index = places.astype(int)
    share = places - index
    share = share * share * (3 - 2 * share)
    return (knots[index] * (1 - share) + knots[index + 1] * share).astype(np.float32)
