"""Films: a drift through a painting of the prompt, or over an uploaded first frame; with music when asked for."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from providers.adapters.offline.render import encoding, labels, pictures
from providers.adapters.offline.render.art import motion, painter
from providers.adapters.offline.render.encoding import FRAMES_PER_SECOND
from providers.adapters.offline.render.made import Made, MadeFile, Progress
from providers.adapters.offline.render.music import studio as music
from providers.adapters.offline.render.orders import VideoOrder, frame_size

_DEFAULT_RATIO = (16, 9)
_PROGRESS_EVERY = 12


def make(order: VideoOrder, folder: Path, progress: Progress) -> Made:
    """One MP4 of exactly `seconds` at 24 frames a second."""
    progress(0.02, "painting")
    frames = order.seconds * FRAMES_PER_SECOND
    first = pictures.load(order.first_frame.path) if order.first_frame else None
    ratio = order.ratio or (pictures.ratio_of(first) if first else _DEFAULT_RATIO)
    size = frame_size(ratio, round(order.short_side * max(ratio) / min(ratio)), multiple=2)
    larger = (round(size[0] * motion.OVERSCAN), round(size[1] * motion.OVERSCAN))
    if first is not None:
        shots = motion.still_film(pictures.filling(first, larger), size, frames, order.seed)
    else:
        shots = motion.film(painter.paint(order.prompt, order.style, order.seed, larger, is_still=False), size, frames)
    sound = None
    if order.with_audio:
        progress(0.1, "composing")
        piece = music.piece(order.prompt or "спокойная музыка", order.seconds, order.seed)
        sound = (piece.sound, piece.rate)
    encoding.write_video(
        folder / "video-1.mp4",
        _labelled(shots, size, labels.text(order.prompt), frames, progress),
        size,
        sound=sound,
        title=order.prompt[:60],
        comment=labels.comment(order.prompt),
    )
    return Made((MadeFile("video-1.mp4", "video", "video/mp4"),), order.seed)


def _labelled(
    shots: Iterator[NDArray[np.uint8]], size: tuple[int, int], label: str, frames: int, progress: Progress
) -> Iterator[NDArray[np.uint8]]:
    pill = labels.mark(size, label)
    left, top, _right, _bottom = labels.box(size, label)
    for number, shot in enumerate(shots):
        if number % _PROGRESS_EVERY == 0:
            progress(0.12 + 0.86 * number / frames, "filming")
        frame = Image.fromarray(shot)
        frame.paste(pill, (left, top), pill)
        yield np.asarray(frame)
