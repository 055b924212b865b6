"""Speech in Russian and English: voices, speed, pitch; a little room and warmth around it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from providers.adapters.offline.render import encoding, espeak, labels, language
from providers.adapters.offline.render.encoding import Samples
from providers.adapters.offline.render.made import Made, MadeFile, Progress
from providers.adapters.offline.render.orders import SpeechOrder

_WORDS_PER_MINUTE = {"ru": 150, "en": 162}
_RATE_OUT = 44_100
_DEFAULT_VOICE = "anna"


@dataclass(frozen=True, slots=True)
class _Voice:
    variant: str
    pitch: int
    liveliness: int


VOICES = {
    "anna": _Voice("f2", 52, 58),
    "maria": _Voice("f4", 46, 50),
    "alice": _Voice("f3", 62, 66),
    "ivan": _Voice("m3", 40, 46),
    "pavel": _Voice("m7", 30, 40),
    "max": _Voice("m1", 48, 55),
}
_KINDS = {"female": "anna", "male": "ivan", "женский": "anna", "мужской": "ivan"}


def speak(order: SpeechOrder) -> tuple[Samples, int]:
    """The text, spoken: (1, samples) and their rate. An unknown voice is the default one."""
    spoken = order.language if order.language != "auto" else language.of(order.text)
    name = order.voice.lower()
    voice = VOICES[_KINDS.get(name, name if name in VOICES else _DEFAULT_VOICE)]
    raw, rate = espeak.say(
        order.text,
        voice=f"{spoken}+{voice.variant}",
        words_per_minute=round(np.clip(_WORDS_PER_MINUTE[spoken] * order.speed, 80, 450)),
        pitch=round(np.clip(voice.pitch + 30 * order.pitch, 0, 99)),
        liveliness=voice.liveliness,
    )
    padded = np.concatenate([np.zeros(rate // 8, np.float32), raw, np.zeros(rate // 4, np.float32)])
    softened = 0.82 * padded + 0.18 * np.convolve(padded, np.hanning(9) / 4.0, mode="same")
    peak = float(np.abs(softened).max()) or 1.0
    places = np.arange(0, len(softened) - 1, rate / _RATE_OUT)
    resampled = np.interp(places, np.arange(len(softened)), softened / peak * 0.85)
    return resampled.astype(np.float32)[None, :], _RATE_OUT


def make(order: SpeechOrder, folder: Path, progress: Progress) -> Made:
    progress(0.1, "speaking")
    sound, rate = speak(order)
    progress(0.7, "encoding")
    name = f"speech-1.{order.format}"
    encoding.write_audio(folder / name, sound, rate, order.format, title=order.text[:60],
                         comment=labels.comment(order.text))  # fmt: skip
    return Made((MadeFile(name, "audio", encoding.audio_mime(order.format)),))
