"""Which music suits which words, in Russian and English."""

import hashlib
import re
from dataclasses import dataclass, replace

import numpy as np

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
DORIAN, LYDIAN, PHRYGIAN = (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 6, 7, 9, 11), (0, 1, 3, 5, 7, 8, 10)


@dataclass(frozen=True, slots=True)
class Mood:
    """How a piece is made. `progressions` are scale degrees from 0, one per bar; `tempo` is in beats a minute."""

    name: str
    scale: tuple[int, ...]
    tempo: tuple[int, int]
    lead: str
    chords: str
    bass: str
    drums: str
    progressions: tuple[tuple[int, ...], ...]
    swing: float = 0.0
    density: float = 0.5
    arpeggio: bool = False
    room: float = 0.25


_MINOR_LOOPS = ((0, 5, 2, 6), (0, 3, 5, 4), (0, 5, 3, 4), (0, 6, 5, 6))
_MAJOR_LOOPS = ((0, 4, 5, 3), (0, 3, 4, 4), (0, 5, 3, 4), (3, 4, 2, 5))
_MOODS = {
    "calm": Mood(
        "calm", MAJOR, (62, 76), "piano", "pad", "round", "none", ((0, 3, 0, 4), (0, 5, 3, 4)), 0.0, 0.35, True, 0.42
    ),
    "happy": Mood("happy", MAJOR, (112, 132), "pluck", "piano", "round", "pop", _MAJOR_LOOPS, 0.0, 0.65, False, 0.18),
    "sad": Mood("sad", MINOR, (60, 74), "piano", "strings", "round", "none", _MINOR_LOOPS, 0.0, 0.35, True, 0.45),
    "epic": Mood(
        "epic",
        MINOR,
        (84, 100),
        "brass",
        "strings",
        "deep",
        "epic",
        ((0, 5, 2, 6), (0, 6, 5, 4)),
        0.0,
        0.5,
        False,
        0.42,
    ),
    "dark": Mood(
        "dark", PHRYGIAN, (70, 88), "bell", "pad", "deep", "sparse", ((0, 1, 0, 6), (0, 5, 1, 0)), 0.0, 0.35, False, 0.5
    ),
    "energetic": Mood(
        "energetic", MINOR, (126, 140), "square", "saw", "saw", "dance", _MINOR_LOOPS, 0.0, 0.75, True, 0.16
    ),
    "romantic": Mood(
        "romantic",
        MAJOR,
        (70, 84),
        "strings",
        "piano",
        "round",
        "soft",
        ((0, 5, 3, 4), (0, 2, 3, 4)),
        0.0,
        0.4,
        True,
        0.36,
    ),
    "dreamy": Mood(
        "dreamy", LYDIAN, (74, 90), "bell", "pad", "round", "soft", ((0, 1, 5, 4), (0, 4, 1, 3)), 0.0, 0.45, True, 0.5
    ),
    "jazz": Mood(
        "jazz",
        DORIAN,
        (96, 124),
        "piano",
        "electric",
        "walking",
        "jazz",
        ((1, 4, 0, 5), (0, 3, 1, 4)),
        0.3,
        0.6,
        False,
        0.2,
    ),
    "rock": Mood(
        "rock",
        MINOR,
        (116, 136),
        "guitar",
        "guitar",
        "saw",
        "rock",
        ((0, 6, 5, 6), (0, 2, 6, 3)),
        0.0,
        0.6,
        False,
        0.14,
    ),
    "lofi": Mood(
        "lofi",
        DORIAN,
        (70, 84),
        "electric",
        "electric",
        "round",
        "lofi",
        ((1, 4, 0, 5), (0, 5, 1, 4)),
        0.26,
        0.45,
        False,
        0.24,
    ),
    "march": Mood(
        "march",
        MAJOR,
        (108, 120),
        "brass",
        "brass",
        "round",
        "march",
        ((0, 0, 3, 4), (0, 4, 3, 4)),
        0.0,
        0.6,
        False,
        0.2,
    ),
    "folk": Mood(
        "folk", MINOR, (92, 116), "pluck", "guitar", "round", "folk", ((0, 6, 2, 4), (0, 3, 6, 2)), 0.0, 0.6, True, 0.22
    ),
}
_STEMS = {
    "calm": "спокойн тихи тихая умиротвор медит расслаб сон сна ambient эмбиент calm quiet peace relax meditat "
    "sleep soft lullaby колыбельн утр рассвет",
    "happy": "весёл весел радост счаст солнеч лет летн праздн детск happy joy sunny cheer fun bright summer party "
    "celebrat birthday",
    "sad": "груст печал тоск осен дожд одиноч прощан слёз слез меланхол sad sorrow melanchol lonely rain autumn "
    "farewell tears grief",
    "epic": "эпич героич битв геро кино кинематогр приключ велич космос epic hero battle cinematic adventure "
    "trailer orchestr оркестр majestic space",
    "dark": "мрачн тёмн темн страш ужас трилл ноч ночн зловещ dark scary horror thriller night sinister spooky ghost",
    "energetic": "энерг танц драйв быстр спорт клуб техно электрон хаус бег energ dance drive fast sport club "
    "techno electro house edm run workout cyber кибер",
    "romantic": "романт любов любви нежн свад поцелу romant love tender wedding kiss ballad баллад вальс waltz",
    "dreamy": "мечт волшеб сказк фантаз звёзд звезд мор волн неб dream magic fairy fantasy star sea ocean sky float "
    "ethereal",
    "jazz": "джаз свинг блюз бар кафе jazz swing blues bossa lounge cafe saxophone",
    "rock": "рок гитар метал панк rock guitar metal punk grunge",
    "lofi": "лофай лоуфай хипхоп чилл учёб lofi lo chill hip hop study beats",
    "march": "марш парад побед march parade victory anthem гимн",
    "folk": "народн фолк балалай гармон дерев русск ирланд кельт folk balalaika irish celtic village acoustic акустич",
}
_SLOWER = ("медленн", "slow", "неспеш")
_FASTER = ("быстр", "fast", "стремит", "quick")
_UNNAMED = ("calm", "happy", "dreamy", "lofi", "romantic", "folk", "epic", "energetic")


def choose(text: str, named: str = "") -> tuple[Mood, int]:
    """The mood that was named, or that most words ask for, and a hash of the text.

    Texts with no such word get one by their hash.
    """
    words = re.findall(r"[a-zа-яё]+", text.lower())
    digest = int.from_bytes(hashlib.sha256(text.strip().lower().encode()).digest()[:8], "big")
    votes: dict[str, float] = {}
    for at, word in enumerate(words):
        for name, stems in _STEMS.items():
            if any(word == stem or (len(stem) > 2 and word.startswith(stem)) for stem in stems.split()):
                votes[name] = votes.get(name, 0) + 1 - at * 0.001
    if named in _MOODS:
        votes = {named: 1.0}
    mood = _MOODS[max(votes, key=votes.__getitem__)] if votes else _MOODS[_UNNAMED[digest % len(_UNNAMED)]]
    if any(word.startswith(_SLOWER) for word in words):
        mood = replace(mood, tempo=(round(mood.tempo[0] * 0.8), round(mood.tempo[1] * 0.85)))
    elif any(word.startswith(_FASTER) for word in words):
        mood = replace(mood, tempo=(round(mood.tempo[0] * 1.12), round(mood.tempo[1] * 1.18)))
    return mood, digest


def tempo_of(mood: Mood, rng: np.random.Generator) -> int:
    return int(rng.integers(mood.tempo[0], mood.tempo[1] + 1))
