"""Small, real result files: pictures, films, sounds and texts that look different from prompt to prompt.

A landscape of layered hills under a sun, in colours that the prompt's digest picks; a film in which the hills drift; a
slow arpeggio. Made in memory, once per look, within milliseconds.
"""

import hashlib
import io
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

LOOKS = 48
_RATE = 22_050
_FRAMES_PER_SECOND = 12
_LONG_SIDE = {"picture": 896, "film": 512}
# Sky above, sky at the horizon, sun, farthest hill, nearest hill.
_PALETTES: tuple[tuple[str, str, str, str, str], ...] = (
    ("#20335f", "#f6b38e", "#ffe6b3", "#8a6b91", "#231b3a"),
    ("#7fb5d6", "#eaf3ee", "#fff7d6", "#8fb6ac", "#1f4a44"),
    ("#3b1f4f", "#f0718a", "#ffd0a8", "#86406f", "#1d1029"),
    ("#0d2136", "#4d8aa3", "#e8f6ff", "#2f5f78", "#08131f"),
    ("#f2a65a", "#fbe3bb", "#fffdf0", "#d98452", "#5a2a22"),
    ("#53738c", "#d5dde0", "#ffffff", "#8c9da8", "#26323b"),
)
_PICTURES = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP"}
_SOUNDS = {"mp3": ("mp3", "libmp3lame", "s16p"), "wav": ("wav", "pcm_s16le", "s16")}
_SCALES = ((0, 4, 7, 12, 16), (0, 3, 7, 10, 15), (0, 5, 7, 12, 17), (0, 2, 7, 9, 14))


def make(extension: str, *, prompt: str, ratio: str = "1:1", seconds: float = 2.0, index: int = 0) -> bytes:
    """The content of a file of that kind (png, jpg, webp, mp4, mp3, wav, txt, srt)."""
    if extension == "txt":
        return f"{prompt.strip() or 'Untitled'}\n\nText made by a stand-in for an AI service.\n".encode()
    if extension == "srt":
        return b"1\n00:00:00,000 --> 00:00:02,000\nA stand-in speaks.\n"
    digest = hashlib.sha256(f"{prompt}\x00{index}".encode()).digest()
    look = int.from_bytes(digest[:4]) % LOOKS
    if extension in _PICTURES:
        return _picture(extension, look, ratio)
    if extension == "mp4":
        return _film(look, ratio, max(1, min(round(seconds), 8)))
    return _sound(extension, look, max(1, min(round(seconds), 30)))


@lru_cache(64)
def _picture(extension: str, look: int, ratio: str) -> bytes:
    image = Image.fromarray(_Scene(look, *_size(ratio, _LONG_SIDE["picture"])).pixels(0.0))
    out = io.BytesIO()
    image.save(out, _PICTURES[extension], **({"compress_level": 3} if extension == "png" else {"quality": 88}))
    return out.getvalue()


@lru_cache(32)
def _film(look: int, ratio: str, seconds: int) -> bytes:
    width, height = _size(ratio, _LONG_SIDE["film"])
    scene = _Scene(look, width, height)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as output:
        stream: Any = output.add_stream("libx264", rate=_FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "24", "threads": "1"}
        for frame in range(seconds * _FRAMES_PER_SECOND):
            pixels = scene.pixels(frame / _FRAMES_PER_SECOND)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        output.mux(stream.encode(None))
    return out.getvalue()


@lru_cache(32)
def _sound(extension: str, look: int, seconds: int) -> bytes:
    container, codec, sample_format = _SOUNDS[extension]
    samples = _arpeggio(look, seconds)
    out = io.BytesIO()
    with av.open(out, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=_RATE)
        stream.layout, stream.format = "mono", sample_format
        resampler = av.AudioResampler(format=sample_format, layout="mono", rate=_RATE)
        for start in range(0, len(samples), 1152 * 16):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1152 * 16], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = _RATE, start, Fraction(1, _RATE)
            for resampled in resampler.resample(frame):
                output.mux(stream.encode(resampled))
        output.mux(stream.encode(None))
    return out.getvalue()


class _Scene:
    """Hills under a sun, for one look and size."""

    def __init__(self, look: int, width: int, height: int) -> None:
        random = np.random.default_rng(look + 1)
        colours = [np.array(_rgb(code)) for code in _PALETTES[look % len(_PALETTES)]]
        self._x = np.linspace(0, width / height, width)
        y = np.linspace(0, 1, height)
        above, horizon, sun, far, near = colours
        sky = above + (horizon - above) * np.clip(y[:, None] / 0.7, 0, 1) ** 1.3
        self._sky = np.repeat(sky[:, None, :], width, axis=1).astype(np.float32)
        centre_x, centre_y = random.uniform(0.25, 0.75) * width / height, random.uniform(0.28, 0.5)
        distance = np.hypot(self._x[None, :] - centre_x, y[:, None] - centre_y)
        disc = np.clip((0.085 - distance) * height / 2, 0, 1)
        glow = 0.55 * np.exp(-((distance / 0.28) ** 2))
        self._sky += ((sun - self._sky) * np.clip(disc + glow, 0, 1)[..., None]).astype(np.float32)
        self._rows = np.arange(height, dtype=np.float32)[:, None]
        self._hills = [
            (
                (far + (near - far) * (layer / 4) ** 1.2).astype(np.float32),
                0.56 + 0.1 * layer,
                random.uniform(0, 6, 3),
                random.uniform(2, 4),
            )
            for layer in range(5)
        ]
        self._height = height

    def pixels(self, moment: float) -> NDArray[np.uint8]:
        """The scene `moment` seconds into the film, as rows of RGB."""
        picture = self._sky.copy()
        for layer, (colour, base, phases, pitch) in enumerate(self._hills):
            x = self._x + moment * 0.03 * (layer + 1)
            ridge = (
                0.05 * np.sin(x * pitch + phases[0])
                + 0.025 * np.sin(x * pitch * 2.3 + phases[1])
                + 0.008 * np.sin(x * pitch * 7.1 + phases[2])
            )
            top = ((base + ridge) * self._height).astype(np.float32)
            # Nothing above the highest point of the ridge changes.
            start = max(int(top.min()), 0)
            cover = np.clip(self._rows[start:] - top[None, :], 0, 1)[..., None]
            picture[start:] += (colour - picture[start:]) * cover
        return picture.astype(np.uint8)


def _arpeggio(look: int, seconds: int) -> NDArray[np.float32]:
    samples = np.zeros(seconds * _RATE, dtype=np.float64)
    scale = _SCALES[look % len(_SCALES)]
    root = 196.0 * 2 ** ((look % 7) / 12)
    for number, start in enumerate(_beats(seconds)):
        pitch = root * 2 ** (scale[(number * 2 + number // 4) % len(scale)] / 12)
        time = np.arange(min(int(1.4 * _RATE), len(samples) - start)) / _RATE
        tone = np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time)
        samples[start : start + len(time)] += 0.22 * tone * np.exp(-2.6 * time)
    return np.clip(samples, -0.95, 0.95).astype(np.float32)


def _beats(seconds: int) -> Iterator[int]:
    yield from range(0, seconds * _RATE, int(0.32 * _RATE))


def _size(ratio: str, long_side: int) -> tuple[int, int]:
    """Even sides of that ratio ("16:9"); whatever is no ratio is a square."""
    width, _colon, height = ratio.partition(":")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        return long_side, long_side
    share = max(1 / 4, min(int(width) / int(height), 4))
    sides = (long_side, long_side / share) if share >= 1 else (long_side * share, long_side)
    return round(sides[0] / 2) * 2, round(sides[1] / 2) * 2


def _rgb(code: str) -> tuple[int, int, int]:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)
