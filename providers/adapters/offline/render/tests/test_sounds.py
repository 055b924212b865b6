"""Music that is composed, speech that is spoken."""

import itertools

import av
import numpy as np
import pytest

from providers.adapters.offline.render import labels, speech
from providers.adapters.offline.render.music import studio as music
from providers.adapters.offline.render.orders import BadOrder, SpeechOrder, check_order


def decoded(path):
    """Samples (channels, n), rate and tags of a sound file."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout=stream.layout.name, rate=stream.rate)
        blocks = [one.to_ndarray() for frame in container.decode(stream) for one in resampler.resample(frame)]
        return np.concatenate(blocks, axis=1), stream.rate, dict(container.metadata)


@pytest.mark.parametrize("kind", ["mp3", "wav", "m4a"])
def test_a_track_has_its_length_both_sides_and_its_mark(render, kind):
    (path,) = render("demo-music", prompt="calm sea", duration=6, count=1, output_format=kind)
    sound, rate, tags = decoded(path)
    assert sound.shape[0] == 2
    assert sound.shape[1] / rate == pytest.approx(6, abs=0.12)
    assert labels.comment("calm sea") in tags.values()


def test_two_different_tracks_are_the_default(render):
    first, second = render("demo-music", prompt="calm sea", duration=5)
    assert first.read_bytes() != second.read_bytes()


def test_the_same_seed_gives_the_same_piece():
    pieces = [music.piece("грустная мелодия", 5, seed) for seed in (4, 4, 5)]
    assert np.array_equal(pieces[0].sound, pieces[1].sound)
    assert pieces[0].score.notes == pieces[1].score.notes
    assert pieces[0].score.notes != pieces[2].score.notes


@pytest.mark.parametrize(
    "mood",
    [
        "спокойная",
        "весёлая",
        "грустная",
        "эпичная",
        "тёмная",
        "энергичная",
        "романтичная",
        "мечтательная",
        "джаз",
        "рок",
        "lofi",
        "марш",
        "народная",
    ],
)
def test_every_mood_is_music_and_not_a_tone(mood):
    made = music.piece(mood, 8, 2)
    level = np.sqrt(np.mean(made.sound**2))
    assert 0.05 < level < 0.4
    assert np.abs(made.sound).max() <= 1
    assert len({note.pitch for note in made.score.notes}) >= 6
    assert len({note.part for note in made.score.notes}) >= 2
    assert np.abs(made.sound[0] - made.sound[1]).mean() > 0.003
    parts = np.array_split(made.sound.mean(axis=0)[: 7 * made.rate], 7)
    shapes = [np.abs(np.fft.rfft(part))[:3000] for part in parts]
    likeness = [np.corrcoef(one, two)[0, 1] for one, two in itertools.pairwise(shapes)]
    assert min(likeness) < 0.95


def test_words_set_the_tempo_and_the_mode():
    calm, driving = music.piece("спокойная колыбельная", 5, 1).score, music.piece("энергичный танец", 5, 1).score
    assert calm.tempo + 30 < driving.tempo
    assert len(calm.notes) * 1.5 < len(driving.notes)
    assert music.piece("sad rain", 5, 1).score.mood.scale != music.piece("happy party", 5, 1).score.mood.scale
    assert music.piece("очень быстрая грустная", 5, 1).score.tempo > music.piece("грустная", 5, 1).score.tempo


def test_a_named_mood_wins_over_the_words():
    assert music.piece("энергичный танец", 5, 1, mood_name="calm").score.mood.name == "calm"
    assert music.piece("энергичный танец", 5, 1, mood_name="auto").score.mood.name == "energetic"


def test_a_given_tempo_is_kept_and_heard():
    made = music.piece("rock guitar", 12, 1, tempo=120)
    assert made.score.tempo == 120
    mono = made.sound.mean(axis=0)
    frame = made.rate // 100
    energy = np.array([np.sum(mono[at : at + frame] ** 2) for at in range(0, len(mono) - frame, frame)])
    onset = np.maximum(np.diff(energy), 0)
    onset = onset - onset.mean()
    likeness = np.correlate(onset, onset, "full")[len(onset) - 1 :]
    beat = 50  # half a second, in hundredths
    off_beat = likeness[[33, 37, 42, 58, 63]].max()
    assert likeness[beat - 1 : beat + 2].max() > off_beat


def test_a_song_is_hummed_when_it_is_not_instrumental():
    parts = {note.part for note in music.piece("calm", 8, 1, is_sung=True).score.notes}
    assert "choir" in parts
    assert "choir" not in {note.part for note in music.piece("calm", 8, 1).score.notes}


def spoken(**given):
    return speech.speak(SpeechOrder.read(given))


@pytest.mark.parametrize("text", ["Здравствуйте, это демонстрация.", "Good morning, this is a demonstration."])
def test_speech_is_heard_in_both_languages(render, text):
    (path,) = render("demo-speech", prompt=text)
    sound, rate, tags = decoded(path)
    assert 1 < sound.shape[1] / rate < 6
    assert np.sqrt(np.mean(sound**2)) > 0.03
    assert labels.comment(text) in tags.values()


def test_the_language_is_heard_from_the_script_or_taken_from_the_order():
    auto, russian, english = (spoken(prompt="Привет, мир", language=one)[0].shape[1] for one in ("auto", "ru", "en"))
    assert auto == pytest.approx(russian, rel=0.002)
    assert abs(auto - english) > 0.05 * auto


def test_speed_pitch_and_voice_are_obeyed():
    text = "Раз, два, три, четыре, пять"
    usual, rate = spoken(prompt=text)
    assert spoken(prompt=text, speed=2)[0].shape[1] < 0.75 * usual.shape[1]
    assert pitch_of(spoken(prompt=text, pitch=1)[0], rate) > pitch_of(spoken(prompt=text, pitch=-1)[0], rate) * 1.15
    assert pitch_of(usual, rate) > pitch_of(spoken(prompt=text, voice="pavel")[0], rate) * 1.2


def pitch_of(sound, rate):
    """The usual fundamental frequency, by autocorrelation of the loud parts."""
    found = []
    size = int(0.06 * rate)
    for start in range(0, sound.shape[1] - size, size):
        part = sound[0, start : start + size]
        if np.sqrt(np.mean(part**2)) < 0.08:
            continue
        likeness = np.correlate(part, part, "full")[size - 1 :] / np.arange(size, 0, -1)
        lags = slice(int(rate / 330), int(rate / 65))
        found.append(rate / (lags.start + int(np.argmax(likeness[lags]))))
    return float(np.median(found))


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        ("demo-speech", {"prompt": "…!"}),
        ("demo-speech", {"prompt": "ы" * 5001}),
        ("demo-avatar", {"script": "ы" * 1501}),
        ("demo-speech", {"prompt": "x", "speed": 9}),
        ("demo-speech", {"prompt": "x", "language": "fr"}),
        ("demo-music", {"prompt": "x", "duration": 600}),
        ("demo-music", {"prompt": "x", "tempo": 10}),
        ("demo-music", {"prompt": "x", "instrumental": "yes"}),
    ],
)
def test_wrong_orders_are_refused(model, wrong):
    with pytest.raises(BadOrder):
        check_order(model, wrong)
