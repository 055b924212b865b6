"""Avatar clips: a presenter who says the script; an uploaded portrait speaks with a sound wave instead of a mouth."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from providers.adapters.offline.render import encoding, fonts, labels, pictures, portrait, speech
from providers.adapters.offline.render.encoding import FRAMES_PER_SECOND, Samples
from providers.adapters.offline.render.made import Made, MadeFile, Progress
from providers.adapters.offline.render.orders import AvatarOrder

_MALE_VOICES = frozenset({"ivan", "pavel", "max", "male", "мужской"})
_PROGRESS_EVERY = 12
Shot = Callable[[int], Image.Image]


def make(order: AvatarOrder, folder: Path, progress: Progress) -> Made:
    """One MP4, as long as the speech takes."""
    progress(0.03, "speaking")
    sound, rate = speech.speak(order.speech)
    frames = max(FRAMES_PER_SECOND, int(np.ceil(sound.shape[1] / rate * FRAMES_PER_SECOND)))
    loudness = loudness_per_frame(sound, rate, frames)
    shot = _photo_shots(order, loudness) if order.portrait else _drawn_shots(order, loudness)
    encoding.write_video(
        folder / "avatar-1.mp4",
        _finished(shot, order, frames, progress),
        order.size,
        sound=(sound, rate),
        title=order.speech.text[:60],
        comment=labels.comment(order.speech.text),
    )
    return Made((MadeFile("avatar-1.mp4", "video", "video/mp4"),), order.seed)


def loudness_per_frame(sound: Samples, rate: int, frames: int) -> NDArray[np.float32]:
    """How loud each frame is, 0 to 1, smoothed so that a mouth can follow."""
    step = rate / FRAMES_PER_SECOND
    levels = np.zeros(frames, dtype=np.float32)
    for number in range(frames):
        part = sound[0, int(number * step) : int((number + 1) * step)]
        levels[number] = np.sqrt(np.mean(part**2)) if part.size else 0.0
    levels /= max(float(np.percentile(levels, 92)), 1e-4)
    smooth = np.convolve(np.pad(levels, 1, mode="edge"), (0.22, 0.56, 0.22), mode="valid")
    return np.clip(smooth, 0, 1).astype(np.float32)


def _drawn_shots(order: AvatarOrder, loudness: NDArray[np.float32]) -> Shot:
    face = portrait.Face.of(order.seed, has_long_hair=order.speech.voice.lower() not in _MALE_VOICES)
    ground = portrait.backdrop(face, order.size)
    rng = np.random.default_rng(order.seed)
    blinks = np.cumsum(rng.uniform(1.8, 4.2, 40)) * FRAMES_PER_SECOND

    def shot(number: int) -> Image.Image:
        seconds = number / FRAMES_PER_SECOND
        distance = float(np.min(np.abs(blinks - number)))
        return portrait.draw(
            face,
            ground,
            mouth=float(loudness[number]),
            eyes=float(np.clip(distance / 2.5, 0, 1)),
            sway=float(np.sin(seconds * 0.9) + 0.4 * np.sin(seconds * 2.3)),
            nod=float(np.sin(seconds * 1.7) * 0.6 + loudness[number] * 0.7),
        )

    return shot


def _photo_shots(order: AvatarOrder, loudness: NDArray[np.float32]) -> Shot:
    if order.portrait is None:
        raise ValueError("there is no portrait")
    photo = pictures.load(order.portrait.path)
    wide, high = order.size
    ground = pictures.filling(photo, (round(wide * 1.08), round(high * 1.08)))
    shade = np.zeros((high, wide), dtype=np.uint8)
    shade[:] = (np.clip((np.linspace(0, 1, high) - 0.62) / 0.38, 0, 1) ** 1.2 * 190).astype(np.uint8)[:, None]
    shadow = Image.fromarray(shade)
    black = Image.new("RGB", order.size, (8, 10, 18))

    def shot(number: int) -> Image.Image:
        seconds = number / FRAMES_PER_SECOND
        spare_x, spare_y = ground.width - wide, ground.height - high
        left = spare_x * (0.5 + 0.42 * np.sin(seconds * 0.5))
        top = spare_y * (0.5 + 0.42 * np.cos(seconds * 0.37))
        frame = ground.transform(order.size, Image.Transform.AFFINE, (1, 0, left, 0, 1, top), Image.Resampling.BILINEAR)
        frame.paste(black, mask=shadow)
        _wave(frame, loudness, number)
        return frame

    return shot


def _wave(frame: Image.Image, loudness: NDArray[np.float32], number: int) -> None:
    """Bars that rise with the voice: the middle one is now, the others are what was just said."""
    pen = ImageDraw.Draw(frame, "RGBA")
    wide, high = frame.size
    bars, middle = 41, high * 0.84
    gap = wide * 0.62 / bars
    for bar in range(bars):
        away = abs(bar - bars // 2)
        level = float(loudness[max(0, number - away)]) * (1 - away / (bars * 0.62))
        tall = high * (0.006 + 0.075 * level * (0.65 + 0.35 * np.sin(bar * 1.9 + number * 0.5)))
        x = wide * 0.19 + gap * (bar + 0.5)
        pen.rounded_rectangle((x - gap * 0.28, middle - tall, x + gap * 0.28, middle + tall), radius=gap * 0.28,
                              fill=(255, 255, 255, 225))  # fmt: skip


def _finished(shot: Shot, order: AvatarOrder, frames: int, progress: Progress) -> Iterator[NDArray[np.uint8]]:
    label = labels.mark(order.size, labels.text(order.speech.text))
    left, top, _right, _bottom = labels.box(order.size, labels.text(order.speech.text))
    lines = _captions(order.speech.text, order.size)
    starts = np.cumsum([0, *(len(line) for line in lines)]) / max(1, sum(len(line) for line in lines)) * frames
    drawn: dict[int, Image.Image] = {}
    for number in range(frames):
        if number % _PROGRESS_EVERY == 0:
            progress(0.1 + 0.88 * number / frames, "filming")
        frame = shot(number)
        at = int(np.clip(np.searchsorted(starts, number, side="right") - 1, 0, len(lines) - 1))
        if at not in drawn:
            drawn = {at: _caption(lines[at], order.size)}
        frame.paste(drawn[at], (0, 0), drawn[at])
        frame.paste(label, (left, top), label)
        yield np.asarray(frame)


def _captions(text: str, size: tuple[int, int]) -> list[str]:
    """The script in lines that fit under the picture."""
    font = fonts.regular(round(min(size) * 0.042))
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > size[0] * 0.8:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _caption(line: str, size: tuple[int, int]) -> Image.Image:
    layer = Image.new("RGBA", size)
    font = fonts.regular(round(min(size) * 0.042))
    while font.getlength(line) > size[0] * 0.9 and len(line) > 1:
        line = line[:-1]
    pen = ImageDraw.Draw(layer)
    x, y = size[0] / 2, size[1] * 0.905
    half, tall = font.getlength(line) / 2 + font.size * 0.6, font.size * 0.82
    pen.rounded_rectangle((x - half, y - tall, x + half, y + tall), radius=tall * 0.6, fill=(10, 12, 22, 165))
    pen.text((x, y), line, font=font, fill=(255, 255, 255, 245), anchor="mm")
    return layer
