"""Space: nebulae, a great many stars, a planet that is lit from one side, perhaps with rings and a moon."""

import numpy as np

from providers.adapters.offline.render.art import colour, sky
from providers.adapters.offline.render.art.canvas import Canvas
from providers.adapters.offline.render.art.colour import Array


def space(canvas: Canvas) -> None:
    canvas.horizon = 1.0
    canvas.add(np.broadcast_to(canvas.palette.sky[0], (canvas.height, canvas.width, 3)), depth=0.0)
    _nebula(canvas)
    sky.stars(canvas, density=2.6, until=4.0)
    _bright_stars(canvas)
    _planets(canvas)
    if canvas.rng.random() < 0.6:
        _comet(canvas)


def _nebula(canvas: Canvas) -> None:
    """Clouds of gas: warped noise through the palette, brightest along a slanting band."""
    rng, palette = canvas.rng, canvas.palette
    cover = canvas.noise(2.2, octaves=7)
    detail = canvas.noise(5.0, octaves=6)
    dust = canvas.noise(3.4, octaves=6)
    angle = float(rng.uniform(0.3, 1.0)) * (1 if rng.random() < 0.5 else -1)
    centre = float(rng.uniform(0.35, 0.65))
    band = (canvas.rows - centre) - np.tan(angle) * (canvas.columns - 0.5) * 0.8
    shape = np.exp(-((band / 0.3) ** 2)) * 0.8 + 0.2
    amount = np.clip(cover * 1.25 - 0.28, 0, 1) * shape * (0.45 + 0.75 * detail)
    stops = (
        palette.sky[0],
        palette.sky[1],
        palette.sky[2],
        palette.sky[3],
        colour.mix(palette.accents[0], palette.light, 0.3),
        palette.light,
    )
    table = colour.gradient(stops, np.linspace(0, 1, 512, dtype=np.float32))
    rgb = table[np.clip(amount * 1.15 * 511, 0, 511).astype(int)]
    tint = np.clip(detail * 1.6 - 0.75, 0, 1) * shape * cover
    rgb = rgb + (palette.accents[1] - rgb) * (tint * 0.42)[..., None]
    lane = np.clip((dust - 0.52) / 0.25, 0, 1) * np.exp(-((band / 0.13) ** 2))
    rgb = rgb * (1 - 0.72 * lane)[..., None]
    canvas.add(rgb, np.ones((canvas.height, canvas.width), dtype=np.float32), depth=0.02)


def _bright_stars(canvas: Canvas) -> None:
    """A few stars with a glow and fine rays."""
    rng = canvas.rng
    alpha = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    for _star in range(9):
        x, y = float(rng.random()), float(rng.random())
        size = float(rng.uniform(0.004, 0.012))
        down = np.abs((canvas.rows - y) * canvas.height / canvas.unit)
        across = np.abs((canvas.columns - x) * canvas.width / canvas.unit)
        alpha += np.exp(-down / size * 0.7) * np.exp(-across / (size * 0.09)) * 0.55
        alpha += np.exp(-across / size * 0.7) * np.exp(-down / (size * 0.09)) * 0.55
        alpha += np.exp(-(down**2 + across**2) / (size * 0.55) ** 2) * 0.9
    canvas.add(colour.mix(canvas.palette.light, np.ones(3, dtype=np.float32), 0.5), np.minimum(alpha, 1), depth=0.05)


def _planets(canvas: Canvas) -> None:
    rng = canvas.rng
    x, y = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.36, 0.64))
    radius = float(rng.uniform(0.15, 0.25))
    has_rings = rng.random() < 0.5
    tilt = float(rng.uniform(-0.5, 0.5))
    if has_rings:
        _rings(canvas, x, y, radius, tilt, is_front=False)
    _sphere(canvas, x, y, radius, tilt, depth=0.4)
    if has_rings:
        _rings(canvas, x, y, radius, tilt, is_front=True)
    if rng.random() < 0.75:
        side = 1 if rng.random() < 0.5 else -1
        _sphere(
            canvas, x + side * radius * 1.55, y - radius * float(rng.uniform(0.7, 1.2)), radius * 0.2, tilt, depth=0.5
        )


def _sphere(canvas: Canvas, x: float, y: float, radius: float, tilt: float, *, depth: float) -> None:
    palette, rng = canvas.palette, canvas.rng
    across = (canvas.columns - x) * canvas.width / canvas.unit / radius
    down = (canvas.rows - y) * canvas.height / canvas.unit / radius
    squared = across**2 + down**2
    bulge = np.sqrt(np.clip(1 - squared, 0, 1))
    edge = radius * canvas.unit
    alpha = np.clip((1 - np.sqrt(squared)) * edge + 0.5, 0, 1)
    latitude = down * np.cos(tilt) - across * np.sin(tilt)
    clouds = canvas.noise(4 / max(radius, 0.12), octaves=5, stretch=3.0)
    bands = 0.5 + 0.5 * np.sin(latitude * float(rng.uniform(5, 11)) + (clouds - 0.5) * 5 + float(rng.uniform(0, 6)))
    one, two = palette.accents[int(rng.integers(len(palette.accents)))], palette.sky[2]
    three = colour.mix(palette.light, one, 0.4)
    surface = colour.gradient((colour.mix(one, two, 0.7), one, three), np.linspace(0, 1, 256, dtype=np.float32))
    rgb = surface[(np.clip(bands * 0.75 + clouds * 0.25, 0, 1) * 255).astype(int)]
    sun = (-0.62, -0.42, 0.66)
    lit = np.clip(across * sun[0] + down * sun[1] + bulge * sun[2], 0, 1) ** 0.85
    rim = np.clip(1 - bulge, 0, 1) ** 3 * lit
    rgb = rgb * (0.045 + 0.95 * lit)[..., None] + palette.light * (rim * 0.45)[..., None]
    glow = np.exp(-np.maximum(np.sqrt(squared) - 1, 0) / 0.075) * np.clip(
        0.5 + 0.5 * (across * sun[0] + down * sun[1]), 0, 1
    )
    canvas.add(colour.mix(one, palette.light, 0.4), (glow * 0.5 * (1 - alpha)).astype(np.float32), depth=depth)
    canvas.add(rgb, alpha.astype(np.float32), depth=depth)


def _rings(canvas: Canvas, x: float, y: float, radius: float, tilt: float, *, is_front: bool) -> None:
    across = (canvas.columns - x) * canvas.width / canvas.unit / radius
    down = (canvas.rows - y) * canvas.height / canvas.unit / radius
    along = across * np.cos(tilt) + down * np.sin(tilt)
    off = (down * np.cos(tilt) - across * np.sin(tilt)) / 0.26
    distance = np.hypot(along, off)
    state = np.random.default_rng(int(radius * 1e6))
    grooves = np.interp(distance, np.linspace(1.3, 2.25, 60), 0.25 + 0.75 * state.random(60))
    alpha = np.clip((distance - 1.3) / 0.02, 0, 1) * np.clip((2.25 - distance) / 0.03, 0, 1) * grooves * 0.72
    half = off > 0 if is_front else off <= 0
    tone: Array = colour.mix(canvas.palette.light, canvas.palette.accents[0], 0.35)
    canvas.add(tone, (alpha * half).astype(np.float32), depth=0.4)


def _comet(canvas: Canvas) -> None:
    rng = canvas.rng
    x, y = float(rng.uniform(0.15, 0.85)), float(rng.uniform(0.1, 0.3))
    across = (canvas.columns - x) * canvas.width / canvas.unit
    down = (canvas.rows - y) * canvas.height / canvas.unit
    along, off = across * 0.86 - down * 0.5, across * 0.5 + down * 0.86
    tail = (
        np.exp(-np.maximum(along, 0) / 0.09)
        * np.exp(-((off / (0.0016 + 0.004 * np.maximum(along, 0))) ** 2))
        * (along > 0)
    )
    head = np.exp(-(across**2 + down**2) / 0.004**2)
    canvas.add(canvas.palette.light, np.clip(tail * 0.8 + head, 0, 1).astype(np.float32), depth=0.1)
