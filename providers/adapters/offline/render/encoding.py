"""Encoded sound and film, by FFmpeg in PyAV: MP3, WAV, M4A and H.264 in MP4."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]
"""Sound: (channels, samples) from -1 to 1."""
FRAMES_PER_SECOND = 24
_AUDIO = {
    "mp3": ("mp3", "libmp3lame", "s16p", "audio/mpeg"),
    "wav": ("wav", "pcm_s16le", "s16", "audio/wav"),
    "m4a": ("ipod", "aac", "fltp", "audio/mp4"),
}
_BLOCK = 1152


def audio_mime(kind: str) -> str:
    return _AUDIO[kind][3]


def write_audio(path: Path, samples: Samples, rate: int, kind: str, *, title: str, comment: str) -> None:
    """Encode `samples` as mp3, wav or m4a, with a title and a comment among its tags."""
    container, codec, layout_format, _mime = _AUDIO[kind]
    options = {"movflags": "faststart"} if kind == "m4a" else {}
    with av.open(str(path), "w", format=container, options=options) as output:
        output.metadata.update({"title": title, "comment": comment, "artist": "NeuralBox demo"})
        stream: Any = output.add_stream(codec, rate=rate)
        stream.layout = "stereo" if samples.shape[0] == 2 else "mono"
        stream.format = layout_format
        if kind != "wav":
            stream.bit_rate = 192_000 if samples.shape[0] == 2 else 96_000
        _encode_audio(output, stream, samples, rate)


def _encode_audio(output: Any, stream: Any, samples: Samples, rate: int) -> None:
    frame_format = "fltp"
    resampler = av.AudioResampler(format=stream.format.name, layout=stream.layout.name, rate=rate)
    for start in range(0, samples.shape[1], _BLOCK * 32):
        block = np.ascontiguousarray(samples[:, start : start + _BLOCK * 32], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(block, format=frame_format, layout=stream.layout.name)
        frame.sample_rate = rate
        frame.pts = start
        frame.time_base = Fraction(1, rate)
        for resampled in resampler.resample(frame):
            output.mux(stream.encode(resampled))
    for resampled in resampler.resample(None):
        output.mux(stream.encode(resampled))
    output.mux(stream.encode(None))


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
    *,
    sound: tuple[Samples, int] | None = None,
    title: str,
    comment: str,
) -> None:
    """Encode RGB frames at 24 a second as H.264 in MP4 that plays while it loads, perhaps with sound."""
    with _film(str(path), size, sound, {"title": title, "comment": comment}) as add:
        for frame in frames:
            add(frame)


@contextmanager
def _film(
    target: str | BinaryIO, size: tuple[int, int], sound: tuple[Samples, int] | None, tags: dict[str, str]
) -> Iterator[Any]:
    options = {"movflags": "faststart"} if isinstance(target, str) else {}  # needs to open the file again
    with av.open(target, "w", format="mp4", options=options) as output:
        output.metadata.update(tags)
        stream: Any = output.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "threads": "1"}
        voice: Any = None
        if sound is not None:
            voice = output.add_stream("aac", rate=sound[1])
            voice.layout = "stereo" if sound[0].shape[0] == 2 else "mono"
            voice.bit_rate = 128_000
            _encode_audio(output, voice, sound[0], sound[1])

        def add(pixels: NDArray[np.uint8]) -> None:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))

        yield add
        output.mux(stream.encode(None))


def write_constant(target: BinaryIO, kind: str) -> None:
    """A second of a film or a tone, as small as can be."""
    if kind == "video":
        with _film(target, (64, 64), None, {}) as add:
            for number in range(FRAMES_PER_SECOND):
                add(np.full((64, 64, 3), 60 + 4 * number, dtype=np.uint8))
        return
    rate = 22_050
    tone = (0.2 * np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)).astype(np.float32)
    with av.open(target, "w", format="mp3") as output:
        stream: Any = output.add_stream("libmp3lame", rate=rate)
        stream.layout, stream.format, stream.bit_rate = "mono", "s16p", 32_000
        _encode_audio(output, stream, tone[None, :], rate)
