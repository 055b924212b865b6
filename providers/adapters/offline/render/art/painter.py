"""From a prompt to a picture: reads the words, picks scene and palette, paints, finishes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from providers.adapters.offline.render.art import (
    botanical,
    city,
    finish,
    flow,
    geometric,
    landscapes,
    palettes,
    space,
    subjects,
    trees,
    water,
    words,
)
from providers.adapters.offline.render.art.canvas import Canvas

_SCENES: Mapping[str, Callable[[Canvas], None]] = {
    "mountains": landscapes.mountains,
    "desert": landscapes.dunes,
    "field": landscapes.field,
    "forest": trees.forest,
    "sea": water.sea,
    "city": city.city,
    "space": space.space,
    "botanical": botanical.botanical,
    "flow": flow.flow,
    "geometric": geometric.geometric,
}
"""Which scene a subject belongs to when no scene is named."""
_HOMES = {
    "cat": ("city", "field"),
    "fox": ("forest", "field"),
    "deer": ("forest", "mountains"),
    "birds": ("sea", "mountains"),
    "boat": ("sea",),
    "balloon": ("mountains", "field"),
    "cabin": ("mountains", "forest"),
    "lighthouse": ("sea",),
    "castle": ("mountains",),
    "rocket": ("space",),
    "whale": ("sea",),
    "walker": ("desert", "mountains", "field"),
    "aurora": ("mountains",),
    "snowfall": ("forest", "mountains"),
    "rain": ("city", "sea"),
    "fireflies": ("forest",),
}
_LIGHT_HOMES = {
    "neon": "city",
    "fire": "mountains",
    "mist": "forest",
    "spring": "botanical",
    "pastel": "botanical",
    "gold": "geometric",
}
_UNNAMED = ("flow", "geometric", "mountains", "sea", "botanical", "forest", "space", "desert", "field", "city")


@dataclass(frozen=True, slots=True)
class Painting:
    """A painted canvas, still in layers."""

    canvas: Canvas
    scene: str

    def image(self) -> Image.Image:
        return Image.fromarray(finish.bits(self.canvas.flat(), self.canvas.rng))


def paint(prompt: str, style: str, seed: int, size: tuple[int, int], *, is_still: bool = True) -> Painting:
    """The painting of these words. Depends on nothing but the arguments."""
    reading = words.read(prompt, style)
    rng = np.random.default_rng([reading.hash, seed])
    scene = _scene(reading, rng)
    canvas = Canvas(size[0], size[1], palettes.choose(reading, scene, rng), reading, rng, is_still=is_still)
    _SCENES[scene](canvas)
    subjects.add(canvas, scene)
    return Painting(canvas, scene)


def _scene(reading: words.Reading, rng: np.random.Generator) -> str:
    if reading.scenes:
        return reading.scenes[0]
    for subject in reading.subjects:
        homes = _HOMES[subject]
        return homes[int(rng.integers(len(homes)))]
    for light in reading.lights:
        if light in _LIGHT_HOMES:
            return _LIGHT_HOMES[light]
    if reading.lights:
        return ("mountains", "sea", "forest")[int(rng.integers(3))]
    return _UNNAMED[reading.hash % len(_UNNAMED)]
