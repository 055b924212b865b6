"""A picture of a sound: bars on a transparent ground, in a grey that reads on light and on dark."""

from pathlib import Path

import av
import numpy
from PIL import Image, ImageDraw

from generations.media import streams
from generations.media.errors import Broken
from generations.media.limits import Limits, Stopwatch
from generations.media.types import MediaType

BARS = 80
_WIDTH, _HEIGHT, _BAR, _STEP = 640, 160, 5, 8
_COLOUR = (128, 134, 148, 255)


def peaks(path: Path, media_type: MediaType, seconds: float, limits: Limits) -> list[float]:
    """The loudest moment, 0 to 1, of each of BARS equal parts of the sound. Decodes all of it."""
    watch = Stopwatch(limits.work_seconds)
    loudest = numpy.zeros(BARS)
    with streams.opened(path, media_type) as container:
        sound = container.streams.audio[0]
        played = 0
        total = max(seconds * (sound.codec_context.sample_rate or 48_000), 1)
        for frame in container.decode(sound):
            watch.check()
            bar = min(int(played * BARS / total), BARS - 1)
            loudest[bar] = max(loudest[bar], _loudness(frame))
            played += frame.samples
        if not played:
            raise Broken("no sound")
    return [float(value) for value in numpy.clip(loudest, 0, 1)]


def _loudness(frame: av.AudioFrame) -> float:
    samples = frame.to_ndarray()
    if samples.size == 0:
        return 0.0
    if samples.dtype == numpy.uint8:
        return float(numpy.abs(samples.astype(numpy.int16) - 128).max()) / 128
    top = float(max(samples.max(), -float(samples.min())))
    return top / 2 ** (samples.dtype.itemsize * 8 - 1) if samples.dtype.kind == "i" else top


def picture(values: list[float]) -> Image.Image:
    """The bars, mirrored about the middle. Silence is a line of dots."""
    image = Image.new("RGBA", (_WIDTH, _HEIGHT), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    highest = max(values) or 1.0
    for number, value in enumerate(values):
        left = number * _STEP + (_STEP - _BAR) // 2
        half = max(_BAR / 2, value / highest * (_HEIGHT / 2 - 8))
        middle = _HEIGHT / 2
        draw.rounded_rectangle((left, middle - half, left + _BAR - 1, middle + half), radius=_BAR // 2, fill=_COLOUR)
    return image
