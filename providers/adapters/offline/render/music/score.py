"""Composing: chords, a melody of motifs that return and change, bass, drums, in a form with a beginning and an end."""

from dataclasses import dataclass

import numpy as np

from providers.adapters.offline.render.music.moods import Mood

BEATS = 4
_RHYTHMS = (
    (1.0, 0.5, 0.5, 1.0, 1.0), (1.5, 0.5, 1.0, 1.0), (0.5, 0.5, 1.0, 0.5, 0.5, 1.0), (2.0, 1.0, 1.0),
    (1.0, 1.0, 0.5, 0.5, 1.0), (0.75, 0.75, 0.5, 2.0), (3.0, 1.0), (0.5, 1.0, 0.5, 1.0, 1.0), (2.0, 2.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """`start` and `length` in beats, `pitch` as a MIDI number, `velocity` and `pan` (-1 left to 1 right)."""

    part: str
    start: float
    length: float
    pitch: float
    velocity: float
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Score:
    notes: tuple[Note, ...]
    hits: tuple[Note, ...]
    bars: int
    tempo: int
    mood: Mood


class Composer:
    def __init__(self, mood: Mood, tempo: int, bars: int, rng: np.random.Generator, lead: str) -> None:
        self.mood, self.tempo, self.bars, self.rng = mood, tempo, bars, rng
        self.lead = lead
        self.root = 48 + int(rng.integers(-4, 8))
        self.notes: list[Note] = []
        self.hits: list[Note] = []
        loops = mood.progressions
        first = int(rng.integers(len(loops)))
        self.loops = {"a": loops[first], "b": loops[(first + 1) % len(loops)]}
        self.motif = self._motif()
        self.answer = self._motif()

    def write(self) -> Score:
        """The whole piece. The last bar ends on the tonic."""
        for bar in range(self.bars):
            section = self._section(bar)
            is_last = bar == self.bars - 1
            degree = 0 if is_last else self.loops["b" if section == "b" else "a"][bar % 4]
            self._chords(bar, degree, section, is_last)
            self._bass(bar, degree, section, is_last)
            if section in {"a", "b", "a2"}:
                self._melody(bar, degree, section)
            if is_last:
                self.notes.append(Note(self.lead, bar * BEATS, BEATS, self._pitch(7), 0.55))
            elif section != "intro" or bar >= 2:
                self._drums(bar, section)
        return Score(tuple(self.notes), tuple(self.hits), self.bars, self.tempo, self.mood)

    def _section(self, bar: int) -> str:
        share = bar / max(1, self.bars)
        intro = 2 if self.bars < 12 else 4
        if bar < intro:
            return "intro"
        if bar >= self.bars - 2:
            return "outro"
        return "a" if share < 0.45 else "b" if share < 0.72 else "a2"

    def _pitch(self, degree: int) -> float:
        octave, step = divmod(degree, len(self.mood.scale))
        return self.root + 12 * octave + self.mood.scale[step]

    def _motif(self) -> list[tuple[float, float, int]]:
        """One bar of (start, length, steps from the chord's root): a walk with a leap now and then."""
        rhythms = [one for one in _RHYTHMS if (len(one) > 3) == (self.rng.random() < self.mood.density + 0.15)]
        rhythm = rhythms[int(self.rng.integers(len(rhythms)))]
        step, start, motif = int(self.rng.choice((0, 2, 4))), 0.0, []
        for length in rhythm:
            motif.append((start, length, step))
            step += int(self.rng.choice((-2, -1, -1, 1, 1, 2, 3, -3), p=(0.1, 0.2, 0.15, 0.2, 0.15, 0.1, 0.06, 0.04)))
            step = int(np.clip(step, -3, 8))
            start += length
        return motif

    def _melody(self, bar: int, degree: int, section: str) -> None:
        """Call, call changed, answer, cadence; the last section an octave up now and then."""
        turn = bar % 4
        motif = self.motif if turn in {0, 1} else self.answer
        if section == "b":
            motif = [(start, length, 4 - step) for start, length, step in motif]
        lift = 7 if section == "a2" and turn >= 2 else 0
        base = degree if degree <= 4 else degree - 7
        for at, (start, length, step) in enumerate(motif):
            if turn == 3 and at == len(motif) - 1:
                step, length = (0 if base != 0 else 2), BEATS - start
            if turn == 1 and at >= len(motif) // 2:
                step += 1 if at % 2 else -1
            if start % 2 == 0 and step % 2:
                step -= 1
            if self.rng.random() < 0.07:
                continue
            accent = 0.08 if start == 0 else 0.0
            velocity = 0.62 + accent + 0.06 * float(self.rng.standard_normal())
            pitch = self._pitch(7 + base + step + lift)
            self.notes.append(Note(self.lead, bar * BEATS + self._swung(start), length * 0.94, pitch, velocity, 0.12))

    def _swung(self, beat: float) -> float:
        return beat + self.mood.swing * 0.5 if beat % 1 == 0.5 else beat

    def _voicing(self, degree: int) -> list[float]:
        degrees = [degree, degree + 2, degree + 4]
        if self.mood.name in {"jazz", "lofi", "dreamy"}:
            degrees.append(degree + 6)
        pitches = [self._pitch(one) for one in degrees]
        centre = self.root + 7
        return sorted(pitch - 12 * round((pitch - centre) / 12) for pitch in pitches)

    def _chords(self, bar: int, degree: int, section: str, is_last: bool) -> None:
        voicing, start = self._voicing(degree), bar * BEATS
        strength = 0.4 if section in {"intro", "outro"} else 0.34
        is_struck = (
            self.mood.chords in {"piano", "guitar", "electric", "brass"} and not self.mood.arpeggio and not is_last
        )
        if is_struck:
            pattern = {"jazz": (0.0, 1.5, 3.5), "lofi": (0.0, 2.5), "rock": (0.0, 1.0, 1.5, 2.0, 3.0, 3.5)}.get(
                self.mood.name, (0.0, 1.0, 2.0, 3.0)
            )
            for at, beat in enumerate(pattern):
                length = (pattern[at + 1] if at + 1 < len(pattern) else BEATS) - beat
                for number, pitch in enumerate(voicing):
                    strum = 0.015 * number
                    self.notes.append(Note(self.mood.chords, start + self._swung(beat) + strum, length * 0.9, pitch,
                                           strength * (1.0 if at == 0 else 0.78), -0.25 + 0.12 * number))  # fmt: skip
            return
        for number, pitch in enumerate(voicing):
            self.notes.append(Note(self.mood.chords, start, BEATS * 1.02, pitch, strength, -0.4 + 0.4 * number))
        if self.mood.arpeggio and not is_last:
            part = (
                "square"
                if self.mood.name == "energetic"
                else "pluck"
                if self.mood.name in {"dreamy", "folk"}
                else "piano"
            )
            tones = [*voicing, voicing[0] + 12, *voicing[:0:-1], voicing[0]]
            steps = 16 if self.mood.name == "energetic" else 8
            for at in range(steps):
                pitch = tones[at % len(tones)] + (12 if part != "piano" else 0)
                self.notes.append(Note(part, start + at * BEATS / steps, BEATS / steps * 1.6, pitch,
                                       0.2 + 0.05 * (at % 4 == 0), 0.45 * (-1) ** at))  # fmt: skip

    def _bass(self, bar: int, degree: int, section: str, is_last: bool) -> None:
        if section == "intro" and bar < 1 and self.mood.drums != "none":
            return
        root = self._pitch(degree) - 12
        root -= 12 * round((root - (self.root - 14)) / 12)
        start = bar * BEATS
        if is_last or self.mood.drums in {"none", "sparse"}:
            self.notes.append(Note("deep" if self.mood.bass == "deep" else "round", start, BEATS, root, 0.6))
            return
        match self.mood.bass:
            case "walking":
                line = [
                    root,
                    self._below(degree + 2),
                    self._below(degree + 4),
                    root + float(self.rng.choice((-1, 1, 2))),
                ]
                beats = [(float(at), 0.95, pitch) for at, pitch in enumerate(line)]
            case "saw":
                beats = [(at * 0.5, 0.45, root + (12 if at % 4 == 3 else 0)) for at in range(8)]
            case "deep":
                beats = [(0.0, 1.9, root), (2.0, 0.9, root), (3.0, 0.9, self._below(degree + 4))]
            case _:
                beats = [(0.0, 1.4, root), (1.5, 0.45, root), (2.0, 1.4, self._below(degree + 4)), (3.5, 0.45, root)]
        part = "saw_bass" if self.mood.bass == "saw" else "deep" if self.mood.bass == "deep" else "round"
        for beat, length, pitch in beats:
            self.notes.append(Note(part, start + self._swung(beat), length, pitch, 0.62))

    def _below(self, degree: int) -> float:
        pitch = self._pitch(degree) - 12
        return pitch - 12 * round((pitch - (self.root - 14)) / 12)

    def _drums(self, bar: int, section: str) -> None:
        pattern = _PATTERNS[self.mood.drums]
        is_fill = bar % 8 == 7 and self.mood.drums not in {"none", "sparse", "soft"}
        quiet = 0.7 if section in {"intro", "outro"} else 1.0
        for sound, steps in pattern.items():
            for at, mark in enumerate(steps):
                if mark == "." or (is_fill and at >= 12 and sound != "kick"):
                    continue
                beat = at * 0.25
                velocity = (0.95 if mark == "X" else 0.55) * quiet * float(self.rng.uniform(0.88, 1.06))
                pan = {"hat": 0.3, "shaker": -0.35, "ride": 0.35, "tom": -0.2}.get(sound, 0.0)
                self.hits.append(Note(sound, bar * BEATS + self._swung(beat), 0.25, 0, velocity, pan))
        if is_fill:
            for at, sound in enumerate(("snare", "tom", "tom", "snare")):
                self.hits.append(Note(sound, bar * BEATS + 3 + at * 0.25, 0.25, 0, 0.6 + 0.1 * at, -0.3 + 0.2 * at))


_PATTERNS: dict[str, dict[str, str]] = {
    "none": {},
    "sparse": {"kick": "X...............", "tom": "..........x.....", "ride": "....x.......x..."},
    "soft": {"kick": "X.......x.......", "rim": "....x.......x...", "shaker": "x.x.x.x.x.x.x.x."},
    "pop": {"kick": "X.....x.X.......", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.xx"},
    "dance": {
        "kick": "X...X...X...X...",
        "clap": "....X.......X...",
        "hat": "..X...X...X...X.",
        "shaker": "xxxxxxxxxxxxxxxx",
    },
    "rock": {"kick": "X.....X.X.X.....", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
    "jazz": {
        "ride": "X...X.x.X...X.x.",
        "rim": "......x.......x.",
        "kick": "x.......x.......",
        "hat": "....x.......x...",
    },
    "lofi": {"kick": "X......xX.......", "snare": "....X.......X..x", "hat": "x.x.x.x.x.x.x.x."},
    "epic": {"tom": "X..x..X.X..x..xx", "kick": "X.......X.......", "snare": "............X..."},
    "march": {"kick": "X.......X.......", "snare": "X..xX.x.X..xX.xx"},
    "folk": {"kick": "X.......X.......", "shaker": "x.xxx.xxx.xxx.xx", "rim": "....x.......x..."},
}
