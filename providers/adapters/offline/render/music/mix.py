"""From a score to stereo sound: places the notes, adds a room, balances, fades out."""

import numpy as np

from providers.adapters.offline.render.encoding import Samples
from providers.adapters.offline.render.music import instruments
from providers.adapters.offline.render.music.instruments import RATE, Wave
from providers.adapters.offline.render.music.score import Score

_DRUM_LEVEL = 0.85


def play(score: Score, seconds: float, rng: np.random.Generator) -> Samples:
    """Exactly `seconds` of sound as (2, samples), its peak just below full scale."""
    length = int(seconds * RATE)
    dry = np.zeros((2, length + RATE * 3), dtype=np.float32)
    drums = np.zeros_like(dry)
    beat = 60 / score.tempo
    for note in score.notes:
        wave = instruments.tone(note.part, note.pitch, round(note.length * beat, 3))
        _place(dry, wave, note.start * beat, note.velocity, note.pan)
    for hit in score.hits:
        _place(drums, instruments.drum(hit.part), hit.start * beat, hit.velocity * _DRUM_LEVEL, hit.pan)
    room = score.mood.room
    wet = _reverberated(dry, rng, seconds=0.9 + 2.4 * room)
    mixed = dry * np.float32(1 - room * 0.45) + wet * np.float32(room) + drums + _reverberated(drums, rng, 0.5) * 0.08
    mixed = mixed[:, :length]
    peak = float(np.percentile(np.abs(mixed), 99.7)) or 1.0
    mixed = np.tanh(mixed / peak * 0.8)
    fade = min(length, int(min(2.5, seconds * 0.15) * RATE))
    mixed[:, length - fade :] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    mixed[:, :220] *= np.linspace(0, 1, 220, dtype=np.float32)
    return np.ascontiguousarray(mixed * np.float32(0.9))


def _place(target: Samples, wave: Wave, at: float, velocity: float, pan: float) -> None:
    start = int(at * RATE)
    end = min(target.shape[1], start + len(wave))
    if start >= end:
        return
    angle = (pan + 1) * np.pi / 4
    for channel, gain in enumerate((np.cos(angle), np.sin(angle))):
        target[channel, start:end] += wave[: end - start] * np.float32(velocity * gain)


def _reverberated(dry: Samples, rng: np.random.Generator, seconds: float) -> Samples:
    """A room: each side convolved with its own falling noise, darker as it fades."""
    count = int(seconds * RATE)
    time = np.arange(count, dtype=np.float32) / RATE
    size = 1 << int(np.ceil(np.log2(dry.shape[1] + count)))
    wet = np.empty_like(dry)
    for channel in range(2):
        tail = rng.standard_normal(count).astype(np.float32) * np.exp(-time * np.float32(6.9 / seconds))
        smooth = np.convolve(tail, np.ones(6, dtype=np.float32) / 6, mode="same")
        share = np.minimum(time / (seconds * 0.5), 1)
        tail = tail * (1 - share) + smooth * share * 1.6
        tail[: int(0.012 * RATE)] *= 0.2
        tail /= np.sqrt(np.sum(tail**2))
        spectrum = np.fft.rfft(dry[channel], size) * np.fft.rfft(tail, size)
        wet[channel] = np.fft.irfft(spectrum, size)[: dry.shape[1]].astype(np.float32)
    return wet
