"""Geometric posters: a grid of tiles with quarter circles, arcs, rays and stripes, on printed paper."""

import numpy as np
from PIL import Image, ImageDraw

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.canvas import Canvas

Tone = tuple[int, int, int]


def geometric(canvas: Canvas) -> None:
    rng, palette = canvas.rng, canvas.palette
    cells = int(rng.choice((4, 5, 6)))
    cream, ink = colour.rgb("#f4ead7"), colour.mix(palette.near, colour.rgb("#1c1b2a"), 0.4)
    tones = [_tone(one) for one in (cream, ink, *palette.accents, palette.sky[len(palette.sky) // 2], palette.sky[-1])]
    factor = 2
    size = min(canvas.width, canvas.height) * factor / cells
    columns, rows = round(canvas.width * factor / size), round(canvas.height * factor / size)
    wide, high = canvas.width * factor / columns, canvas.height * factor / rows
    picture = Image.new("RGB", (canvas.width * factor, canvas.height * factor), tones[0])
    for row in range(rows):
        for column in range(columns):
            tile = _tile(rng, (round(wide) + 1, round(high) + 1), tones)
            picture.paste(tile, (round(column * wide), round(row * high)))
    pixels = np.asarray(picture.reduce(factor), dtype=np.float32) / 255
    fibre = canvas.noise(90, octaves=2) * 0.6 + canvas.noise(6, octaves=4) * 0.4
    worn = np.clip(canvas.noise(180, octaves=1) * 1.4 - 1.18, 0, 1)[..., None]
    printed = pixels * (0.95 + 0.1 * fibre[..., None])
    canvas.add(printed + (cream - printed) * worn * 1.6, depth=0.0)


def _tone(one: np.ndarray) -> Tone:
    red, green, blue = (round(float(part) * 255) for part in one)
    return red, green, blue


def _tile(rng: np.random.Generator, size: tuple[int, int], tones: list[Tone]) -> Image.Image:
    """One tile in two or three tones, turned at random."""
    picked = [tones[int(at)] for at in rng.choice(len(tones), 3, replace=False)]
    ground, shape, third = picked
    w, h = size
    tile = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(tile)
    match int(rng.integers(11)):
        case 0:
            pen.pieslice((-w, -h, w, h), 0, 90, fill=shape)
        case 1:
            for ring, tone in ((1.0, shape), (0.72, ground), (0.44, third)):
                pen.pieslice((-w * ring, -h * ring, w * ring, h * ring), 0, 90, fill=tone)
        case 2:
            pen.ellipse((w * 0.08, h * 0.08, w * 0.92, h * 0.92), fill=shape)
            pen.ellipse((w * 0.32, h * 0.32, w * 0.68, h * 0.68), fill=third)
        case 3:
            pen.pieslice((0, -h / 2, w, h / 2), 0, 180, fill=shape)
            pen.pieslice((0, h / 2, w, h * 1.5), 180, 360, fill=third)
        case 4:
            pen.polygon([(0, 0), (w, 0), (0, h)], fill=shape)
        case 5:
            for stripe in range(4):
                pen.rectangle((0, stripe * h / 4, w, stripe * h / 4 + h / 8), fill=shape)
        case 6:
            pen.ellipse((0, 0, w, h), fill=shape)
            pen.rectangle((0, h / 2, w, h), fill=third)
            pen.pieslice((0, 0, w, h), 0, 180, fill=ground)
        case 7:
            pen.polygon([(w / 2, 0), (w, h / 2), (w / 2, h), (0, h / 2)], fill=shape)
            pen.ellipse((w * 0.36, h * 0.36, w * 0.64, h * 0.64), fill=ground)
        case 8:
            pen.pieslice((-w, -h, w, h), 0, 90, fill=shape)
            pen.pieslice((0, 0, 2 * w, 2 * h), 180, 270, fill=third)
        case 9:
            for ray in range(6):
                pen.pieslice((-w * 1.5, -h * 1.5, w * 1.5, h * 1.5), ray * 15, ray * 15 + 7.5, fill=shape)
        case _:
            for row in range(4):
                for column in range(4):
                    x, y, r = (column + 0.5) * w / 4, (row + 0.5) * h / 4, w * 0.065
                    pen.ellipse((x - r, y - r, x + r, y + r), fill=shape)
    turned = int(rng.integers(4))
    return tile.rotate(90 * turned).resize(size) if turned else tile
