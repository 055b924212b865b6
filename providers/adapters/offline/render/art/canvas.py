"""The painter's tools: layers with depth, noise, ridgelines, shapes drawn smoothly."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from providers.adapters.offline.render.art import colour
from providers.adapters.offline.render.art.colour import Array
from providers.adapters.offline.render.art.palettes import Palette
from providers.adapters.offline.render.art.words import Reading

_SUPERSAMPLING = 2


@dataclass(slots=True)
class Layer:
    """Part of a picture. `rgb` broadcasts to (rows, columns, 3); `alpha` is (rows, columns), None where opaque.

    `top` is its first row. `depth` runs from 0, endlessly far, to 1, at the viewer's feet. `drift` is how far it
    moves by itself in a film, as a share of the width.
    """

    rgb: Array
    alpha: Array | None
    depth: float
    top: int = 0
    drift: float = 0.0


@dataclass(slots=True)
class Canvas:
    """What a scene paints on. Sizes of things follow `unit`, the height of the picture.

    `is_still`: what falls and floats is painted, too. A film moves such things by itself.
    """

    width: int
    height: int
    palette: Palette
    reading: Reading
    rng: np.random.Generator
    layers: list[Layer] = field(default_factory=list)
    horizon: float = 0.62
    is_still: bool = True

    @property
    def unit(self) -> float:
        return float(min(self.height, self.width * 1.2))

    @property
    def rows(self) -> Array:
        """Heights of the rows, 0 to 1, as a column."""
        return np.linspace(0.0, 1.0, self.height, dtype=np.float32)[:, None]

    @property
    def columns(self) -> Array:
        return np.linspace(0.0, 1.0, self.width, dtype=np.float32)[None, :]

    def add(self, rgb: Array, alpha: Array | None = None, *, depth: float, top: int = 0, drift: float = 0.0) -> None:
        self.layers.append(Layer(rgb.astype(np.float32), alpha, depth, top, drift))

    def noise(self, cells: float, *, octaves: int = 4, stretch: float = 1.0, rows: int | None = None) -> Array:
        """Smooth noise from 0 to 1 over the canvas, or its lower `rows`; `cells` across its height."""
        return noise(self.rng, rows or self.height, self.width, cells, octaves=octaves, stretch=stretch)

    def silhouette(self, line: Array, rgb: Array, *, depth: float) -> None:
        """Fill everything under `line`, which gives a height in rows for each column."""
        top = max(0, int(np.floor(line.min())) - 1)
        if top >= self.height:
            return
        rows = np.arange(top, self.height, dtype=np.float32)[:, None]
        alpha = np.clip(rows - line[None, :] + 0.5, 0.0, 1.0)
        self.add(rgb[top:] if rgb.ndim == 3 and rgb.shape[0] == self.height else rgb, alpha, depth=depth, top=top)

    def drawn(
        self, draw: Callable[[ImageDraw.ImageDraw, float], None], rgb: Array, *, depth: float, strength: float = 1.0
    ) -> None:
        """A layer of one colour in the shape that `draw` fills with 255; it gets the factor of its coordinates."""
        self.add(rgb, self.shape(draw) * np.float32(strength), depth=depth)

    def shape(self, draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Array:
        """The shape that `draw` fills, with smooth edges, as an alpha channel."""
        factor = _SUPERSAMPLING
        mask = Image.new("L", (self.width * factor, self.height * factor))
        draw(ImageDraw.Draw(mask), float(factor))
        return np.asarray(mask.reduce(factor), dtype=np.float32) / 255

    def flat(self) -> Array:
        """All layers, laid over each other."""
        picture = np.zeros((self.height, self.width, 3), dtype=np.float32)
        for layer in self.layers:
            lay_over(picture, layer)
        return picture


def lay_over(picture: Array, layer: Layer) -> None:
    """Blend the layer into the picture, in place."""
    rows = picture.shape[0] - layer.top if layer.alpha is None else layer.alpha.shape[0]
    part = picture[layer.top : layer.top + rows]
    if layer.alpha is None:
        part[:] = layer.rgb
        return
    part += (layer.rgb - part) * layer.alpha[..., None]


def resized(grid: Array, rows: int, columns: int) -> Array:
    image = Image.fromarray(grid.astype(np.float32), mode=None)
    return np.asarray(image.resize((columns, rows), Image.Resampling.BICUBIC), dtype=np.float32)


def noise(
    rng: np.random.Generator, rows: int, columns: int, cells: float, *, octaves: int = 4, stretch: float = 1.0
) -> Array:
    """Fractal value noise, stretched to 0..1. `stretch` above 1 draws it out sideways."""
    total = np.zeros((rows, columns), dtype=np.float32)
    weight = 1.0
    for octave in range(octaves):
        down = cells * 2**octave
        across = down * columns / rows / stretch
        if down > rows / 2:
            break
        grid = rng.random((max(2, round(down)) + 2, max(2, round(across)) + 2), dtype=np.float32)
        total += weight * resized(grid, rows, columns)
        weight *= 0.5
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def ridge(rng: np.random.Generator, columns: int, cells: float, *, octaves: int = 7, roughness: float = 0.5) -> Array:
    """A ridgeline from 0 to 1 over `columns`, `cells` large hills wide. More `roughness`, more jagged."""
    line = np.zeros(columns, dtype=np.float32)
    weight = 1.0
    at = np.linspace(0.0, 1.0, columns)
    for octave in range(octaves):
        count = max(2, round(cells * 2**octave))
        if count > columns / 2:
            break
        knots = rng.random(count + 3)
        places = at * count + rng.random()
        index = places.astype(int)
        share = places - index
        share = share * share * (3 - 2 * share) if roughness < 0.55 else share
        line += weight * (knots[index] * (1 - share) + knots[np.minimum(index + 1, count + 2)] * share)
        weight *= roughness
    return ((line - line.min()) / max(float(np.ptp(line)), 1e-6)).astype(np.float32)


def hazed(palette: Palette, share: float) -> Array:
    """The colour of a silhouette: `share` 0 is far and hazy, 1 is near."""
    return colour.mix(palette.haze, palette.near, share)
