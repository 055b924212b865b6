"""Instruments: sums of partials with envelopes; drums of noise and falling sines. Mono, float32, 44.1 kHz."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
Wave = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Voice:
    """`partials` are amplitudes of the harmonics; times in seconds; `decay` falls by 60 dB, 0 sustains."""

    partials: tuple[float, ...]
    attack: float
    decay: float
    release: float
    level: float
    brightness: float = 0.0
    detune: float = 0.0
    vibrato: float = 0.0
    stretch: float = 0.0


def _saw(count: int, slope: float = 1.0) -> tuple[float, ...]:
    return tuple(1 / (number + 1) ** slope for number in range(count))


def _odd(count: int, slope: float = 1.0) -> tuple[float, ...]:
    return tuple(1 / (number + 1) ** slope if number % 2 == 0 else 0.0 for number in range(count))


VOICES = {
    "piano": Voice((1, 0.55, 0.34, 0.2, 0.16, 0.1, 0.06, 0.04), 0.003, 3.2, 0.16, 0.5, 0.55, 0.0006, 0, 0.0004),
    "electric": Voice((1, 0.12, 0.3, 0.05, 0.08, 0, 0.1), 0.004, 2.6, 0.14, 0.5, 0.5, 0.0008, 0.0),
    "pluck": Voice((1, 0.6, 0.45, 0.3, 0.22, 0.14, 0.1), 0.002, 1.1, 0.08, 0.5, 0.8, 0.0006),
    "guitar": Voice(_saw(12, 1.1), 0.003, 1.7, 0.09, 0.34, 0.7, 0.0012),
    "strings": Voice(_saw(12, 1.35), 0.16, 0, 0.32, 0.3, 0.0, 0.0032, 0.0028),
    "pad": Voice(_saw(8, 1.6), 0.4, 0, 0.6, 0.34, 0.0, 0.004, 0.0015),
    "brass": Voice(_saw(12, 1.05), 0.05, 0, 0.14, 0.27, 0.0, 0.001, 0.0018),
    "bell": Voice((1, 0.1, 0.5, 0.05, 0.28, 0, 0.18, 0, 0.1), 0.002, 2.8, 0.3, 0.42, 0.5, 0.0006, 0, 0.004),
    "square": Voice(_odd(13, 1.15), 0.004, 1.4, 0.06, 0.26, 0.5, 0.0022),
    "saw": Voice(_saw(14, 1.1), 0.01, 0, 0.12, 0.2, 0.0, 0.004),
    "choir": Voice((0.7, 1, 0.85, 0.35, 0.2, 0.3, 0.12, 0.05), 0.09, 0, 0.2, 0.34, 0.0, 0.002, 0.006),
    "round": Voice((1, 0.32, 0.1, 0.03), 0.008, 2.4, 0.07, 0.72, 0.5),
    "deep": Voice((1, 0.5, 0.2, 0.1, 0.05), 0.02, 3.5, 0.12, 0.75, 0.3, 0.0008),
    "saw_bass": Voice(_saw(10, 1.2), 0.004, 1.2, 0.04, 0.4, 0.6, 0.0012),
}


@lru_cache(maxsize=512)
def tone(name: str, pitch: float, seconds: float) -> Wave:
    """One note at full velocity, release included."""
    voice = VOICES[name]
    count = int((seconds + voice.release) * RATE)
    time = np.arange(count, dtype=np.float32) / RATE
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    wave = np.zeros(count, dtype=np.float32)
    copies = (-1.0, 1.0) if voice.detune else (0.0,)
    sway: Wave = np.zeros(1, dtype=np.float32)
    if voice.vibrato:
        onset = np.minimum(time / 0.5, 1)
        sway = (voice.vibrato * onset * np.sin(2 * np.pi * 5.3 * time) / (2 * np.pi * 5.3)).astype(np.float32)
    for copy in copies:
        for number, amplitude in enumerate(voice.partials, start=1):
            partial = frequency * number * (1 + copy * voice.detune) * (1 + voice.stretch * number * number) ** 0.5
            if partial > RATE * 0.42 or not amplitude:
                continue
            phase = (2 * np.pi * partial) * (time + sway) + number * 1.7 * (copy + 1.3)
            part = np.sin(phase, dtype=np.float32) * np.float32(amplitude)
            if voice.decay:
                speed = 6.9 / voice.decay * (1 + voice.brightness * (number - 1)) * (frequency / 260) ** 0.35
                part *= np.exp(-time * np.float32(speed))
            wave += part
    wave *= np.float32(voice.level / (sum(voice.partials) ** 0.6 * len(copies)))
    return wave * _envelope(count, seconds, voice)


def _envelope(count: int, seconds: float, voice: Voice) -> Wave:
    envelope = np.ones(count, dtype=np.float32)
    rise = min(count, max(1, int(voice.attack * RATE)))
    envelope[:rise] = np.sin(np.linspace(0, np.pi / 2, rise, dtype=np.float32)) ** 2
    fall = min(count, max(1, int(voice.release * RATE)))
    envelope[count - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32)) ** 2
    return envelope


@lru_cache(maxsize=32)
def drum(name: str) -> Wave:
    """One stroke at full velocity."""
    state = np.random.default_rng(7)

    def noise(seconds: float) -> Wave:
        return state.standard_normal(int(seconds * RATE)).astype(np.float32)

    def time(seconds: float) -> Wave:
        return np.arange(int(seconds * RATE), dtype=np.float32) / RATE

    def fall(seconds: float, speed: float) -> Wave:
        return np.exp(-time(seconds) * np.float32(speed))

    def bright(wave: Wave, times: int = 1) -> Wave:
        for _time in range(times):
            wave = np.diff(wave, prepend=np.float32(0)).astype(np.float32)
        return wave

    match name:
        case "kick":
            sweep = 48 * time(0.4) + (120 / 34) * (1 - np.exp(-34 * time(0.4)))
            return (np.sin(2 * np.pi * sweep) * fall(0.4, 9) * 0.85).astype(np.float32)
        case "snare":
            body = np.sin(2 * np.pi * 186 * time(0.24)) * fall(0.24, 22) * 0.5
            return (body + bright(noise(0.24)) * fall(0.24, 19) * 0.22).astype(np.float32)
        case "clap":
            burst = bright(noise(0.22)) * fall(0.22, 30)
            spread = np.stack([np.roll(burst, int(delay * RATE)) for delay in (0, 0.011, 0.023)]).sum(axis=0)
            return (spread * np.float32(0.17)).astype(np.float32)
        case "hat":
            return bright(noise(0.08), 2) * fall(0.08, 70) * np.float32(0.075)
        case "shaker":
            return (
                bright(noise(0.07), 2)
                * np.sin(np.linspace(0, np.pi, int(0.07 * RATE), dtype=np.float32))
                * np.float32(0.03)
            )
        case "ride":
            ring = sum(np.sin(2 * np.pi * f * time(0.6)) for f in (3120, 4270, 5630, 7010))
            return ((ring * 0.012 + bright(noise(0.6), 2) * 0.016) * fall(0.6, 8)).astype(np.float32)
        case "rim":
            return (np.sin(2 * np.pi * 1720 * time(0.06)) * fall(0.06, 80) * 0.3).astype(np.float32)
        case _:
            sweep = 82 * time(0.5) + (70 / 18) * (1 - np.exp(-18 * time(0.5)))
            return (np.sin(2 * np.pi * sweep) * fall(0.5, 8) * 0.6 + noise(0.5) * fall(0.5, 60) * 0.08).astype(
                np.float32
            )
