"""Pieces of music as sound, and as files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from providers.adapters.offline.render import encoding, labels
from providers.adapters.offline.render.encoding import Samples
from providers.adapters.offline.render.made import Made, MadeFile, Progress
from providers.adapters.offline.render.music import mix, moods
from providers.adapters.offline.render.music.instruments import RATE
from providers.adapters.offline.render.music.score import BEATS, Composer, Score
from providers.adapters.offline.render.orders import MusicOrder


@dataclass(frozen=True, slots=True)
class Piece:
    sound: Samples
    score: Score

    @property
    def rate(self) -> int:
        return RATE


def piece(
    text: str, seconds: float, seed: int, *, mood_name: str = "", tempo: int | None = None, is_sung: bool = False
) -> Piece:
    """A piece of exactly `seconds`. `is_sung`: the melody is hummed by voices."""
    mood, digest = moods.choose(text, mood_name)
    rng = np.random.default_rng([digest, seed])
    chosen_tempo = tempo or moods.tempo_of(mood, rng)
    bar = BEATS * 60 / chosen_tempo
    bars = max(4, int(np.ceil((seconds - 0.6) / bar)))
    score = Composer(mood, chosen_tempo, bars, rng, "choir" if is_sung else mood.lead).write()
    return Piece(mix.play(score, seconds, rng), score)


def make(order: MusicOrder, folder: Path, progress: Progress) -> Made:
    """`count` different pieces on the same words."""
    files = []
    text = f"{order.mood} {order.style} {order.prompt}".strip()
    for number in range(order.count):
        progress(number / order.count, "composing")
        made = piece(
            text,
            order.seconds,
            order.seed + number,
            mood_name=order.mood.lower(),
            tempo=order.tempo,
            is_sung=not order.instrumental,
        )
        progress((number + 0.7) / order.count, "encoding")
        name = f"track-{number + 1}.{order.format}"
        encoding.write_audio(folder / name, made.sound, RATE, order.format, title=_title(order.prompt, number),
                             comment=labels.comment(order.prompt))  # fmt: skip
        files.append(MadeFile(name, "audio", encoding.audio_mime(order.format)))
    return Made(tuple(files), order.seed)


def _title(prompt: str, number: int) -> str:
    return f"{' '.join(prompt.split())[:60]} ({number + 1})"
