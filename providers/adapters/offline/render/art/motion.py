"""Films from paintings: the camera drifts past layers that lie at different depths, while the light changes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from providers.adapters.offline.render.art.canvas import Canvas, Layer, lay_over
from providers.adapters.offline.render.art.colour import Array
from providers.adapters.offline.render.art.painter import Painting

OVERSCAN = 1.16
_BANDS = 7


@dataclass(frozen=True, slots=True)
class _Plate:
    """Layers of about the same depth, flattened into one picture, cut to the rows that show anything.

    `mask` is None where nothing lies behind; `top` is the first of the rows, `size` that of the whole canvas.
    """

    image: Image.Image
    mask: Image.Image | None
    top: int
    size: tuple[int, int]
    depth: float
    drift: float


def film(painting: Painting, size: tuple[int, int], frames: int) -> Iterator[NDArray[np.uint8]]:
    """RGB frames of that size. The painting must be `OVERSCAN` times as large."""
    plates = _plates(painting.canvas)
    rng = np.random.default_rng(painting.canvas.reading.hash)
    direction = 1.0 if rng.random() < 0.5 else -1.0
    particles = _Particles(painting.canvas, size, rng)
    look = _Look(size, rng)
    for number in range(frames):
        moment = number / max(1, frames - 1)
        frame = Image.new("RGB", size)
        for plate in plates:
            _lay(frame, plate, moment * moment * (3 - 2 * moment), direction)
        particles.draw(frame, number)
        yield np.asarray(look.finished(frame, number, moment))


def still_film(picture: Image.Image, size: tuple[int, int], frames: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """RGB frames of a slow move over one picture, which must be `OVERSCAN` times as large."""
    rng = np.random.default_rng(seed)
    look = _Look(size, rng, grain=False)
    direction = 1.0 if rng.random() < 0.5 else -1.0
    plate = _Plate(picture, None, 0, picture.size, 0.6, 0.0)
    for number in range(frames):
        moment = number / max(1, frames - 1)
        frame = Image.new("RGB", size)
        _lay(frame, plate, moment * moment * (3 - 2 * moment), direction)
        yield np.asarray(look.finished(frame, number, moment))


def _lay(frame: Image.Image, plate: _Plate, moment: float, direction: float) -> None:
    """Add what the camera sees of a plate: near plates pass faster and grow more."""
    wide, high = plate.size
    zoom = 1 + 0.05 * moment * (0.25 + plate.depth)
    spare_x, spare_y = wide - frame.width / zoom, high - frame.height / zoom
    pan = (moment - 0.5) * direction * (0.25 + 0.7 * plate.depth) * (wide - frame.width) * 0.95
    pan += plate.drift * wide * (moment - 0.5)
    left = float(np.clip(spare_x / 2 + pan, 0, spare_x))
    top = spare_y * (0.5 + 0.2 * (0.5 - moment) * plate.depth)
    first = max(0, int(np.ceil((plate.top - top) * zoom)))
    last = min(frame.height, int((plate.top + plate.image.height - top) * zoom))
    if first >= last:
        return
    seen = (left, top + first / zoom - plate.top, left + frame.width / zoom, top + last / zoom - plate.top)
    box = (max(0.0, seen[0]), max(0.0, seen[1]), min(wide, seen[2]), min(plate.image.height, seen[3]))
    shape = (frame.width, last - first)
    part = plate.image.resize(shape, Image.Resampling.BILINEAR, box=box)
    mask = plate.mask.resize(shape, Image.Resampling.BILINEAR, box=box) if plate.mask else None
    frame.paste(part, (0, first), mask)


def _plates(canvas: Canvas) -> list[_Plate]:
    """The layers in order, neighbours of like depth laid together."""
    groups: list[list[Layer]] = []
    for layer in canvas.layers:
        band = round(layer.depth * _BANDS)
        if groups and round(groups[-1][-1].depth * _BANDS) == band and groups[-1][-1].drift == layer.drift:
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return [_flattened(group, canvas.height, canvas.width) for group in groups]


def _flattened(group: list[Layer], rows: int, columns: int) -> _Plate:
    colour = np.zeros((rows, columns, 3), dtype=np.float32)
    cover = np.zeros((rows, columns, 1), dtype=np.float32)
    white = np.ones((1, 1, 1), dtype=np.float32)
    for layer in group:
        lay_over(colour, layer)
        lay_over(cover, Layer(white, layer.alpha, layer.depth, layer.top))
    shown = np.flatnonzero(cover.max(axis=(1, 2)) > 1 / 255)
    top, bottom = (max(0, int(shown[0]) - 2), min(rows, int(shown[-1]) + 3)) if shown.size else (0, 1)
    colour, cover = colour[top:bottom], cover[top:bottom]
    is_opaque = bool(cover.min() > 254 / 255)
    if not is_opaque:
        colour = _spread(colour, cover)
    image = Image.fromarray((np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8))
    mask = None if is_opaque else Image.fromarray((np.clip(cover[..., 0], 0, 1) * 255 + 0.5).astype(np.uint8))
    return _Plate(image, mask, top, (columns, rows), group[0].depth, group[0].drift)


def _spread(colour: Array, cover: Array) -> Array:
    """Plain colours from covered ones, carried a little beyond the edges, which would turn dark otherwise."""
    plain = colour / np.maximum(cover, 1e-3)
    channels = [Image.fromarray(np.ascontiguousarray(colour[..., channel])) for channel in range(3)]
    blurred = [np.asarray(_softened(channel)) for channel in channels]
    weight = np.asarray(_softened(Image.fromarray(np.ascontiguousarray(cover[..., 0]))))
    around = np.stack(blurred, axis=-1) / np.maximum(weight, 1e-4)[..., None]
    return np.where(cover > 0.02, plain, around)


def _softened(channel: Image.Image) -> Image.Image:
    """A wide blur of a channel of floats: down and up again."""
    small = (max(1, channel.width // 6), max(1, channel.height // 6))
    return channel.resize(small, Image.Resampling.BOX).resize(channel.size, Image.Resampling.BILINEAR)


class _Look:
    """Vignette, contrast, a slow change of light, and grain against banding."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator, *, grain: bool = True) -> None:
        wide, high = size
        down, across = np.linspace(-1, 1, high)[:, None], np.linspace(-1, 1, wide)[None, :]
        fall = 255 * (1 - 0.24 * np.clip((down**2 + across**2) / 2, 0, 1) ** 1.5)
        self._vignette = Image.merge("RGB", [Image.fromarray(fall.astype(np.uint8))] * 3)
        self._grains = [
            Image.merge(
                "RGB",
                [Image.fromarray((128 + 3.2 * rng.standard_normal((high, wide))).clip(0, 255).astype(np.uint8))] * 3,
            )
            for _number in range(5 if grain else 0)
        ]
        self._warmth = float(rng.uniform(-0.06, 0.06))

    def finished(self, frame: Image.Image, number: int, moment: float) -> Image.Image:
        glow = 0.95 + 0.1 * np.sin(np.pi * moment)
        warm = self._warmth * (moment - 0.5) * 2
        tone = np.linspace(0, 1, 256)
        curve = tone + (tone * tone * (3 - 2 * tone) - tone) * 0.22
        table = np.concatenate([curve * glow * (1 + shift) for shift in (warm, 0, -warm)]) * 255
        frame = frame.point([int(value) for value in np.clip(table, 0, 255)])
        frame = ImageChops.multiply(frame, self._vignette)
        if self._grains:
            frame = ImageChops.add(frame, self._grains[number % len(self._grains)], 1, -128)
        return frame


class _Particles:
    """Something that floats or falls in front: snow, rain, sparks, or dust in the light."""

    def __init__(self, canvas: Canvas, size: tuple[int, int], rng: np.random.Generator) -> None:
        names = set(canvas.reading.subjects) | set(canvas.reading.lights)
        self._kind = (
            "snow" if names & {"snowfall", "winter"} else "rain" if names & {"rain", "storm"}
            else "sparks" if names & {"fire", "fireflies"} else "dust"
        )  # fmt: skip
        count = {"snow": 110, "rain": 140, "sparks": 60, "dust": 34}[self._kind]
        self._start = rng.random((count, 4))
        self._size = size
        accent = canvas.palette.accents[0] if self._kind == "sparks" else canvas.palette.light
        self._tone = tuple(int(part * 255) for part in accent)

    def draw(self, frame: Image.Image, number: int) -> None:
        pen = ImageDraw.Draw(frame, "RGBA")
        wide, high = self._size
        seconds = number / 24
        falls = {"snow": (0.02, 0.09), "rain": (-0.08, 1.15), "sparks": (0.015, -0.11), "dust": (0.012, -0.012)}[
            self._kind
        ]
        for x, y, grow, phase in self._start:
            speed = 0.5 + grow
            px = ((x + falls[0] * speed * seconds + 0.008 * np.sin(seconds * 1.6 + phase * 6.28)) % 1.0) * wide
            py = ((y + falls[1] * speed * seconds) % 1.0) * high
            fade = int((70 + 120 * grow) * (0.65 + 0.35 * np.sin(seconds * 2.2 + phase * 6.28)))
            radius = high * (0.0012 + 0.0026 * grow * grow)
            if self._kind == "rain":
                pen.line((px, py, px - radius * 2, py + high * 0.045 * speed), fill=(*self._tone, 62), width=1)
            else:
                pen.ellipse((px - radius, py - radius, px + radius, py + radius), fill=(*self._tone, max(20, fade)))
