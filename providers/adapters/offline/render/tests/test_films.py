"""Films: H.264 that every browser plays, of the right length, that move and can be heard."""

import itertools

import av
import numpy as np
import pytest

from providers.adapters.offline.render import avatars, labels
from providers.adapters.offline.render.orders import BadOrder


def opened(path):
    """Frames as arrays, and what the container says."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        facts = {
            "codec": video.codec_context.name,
            "pixels": video.codec_context.pix_fmt,
            "size": (video.width, video.height),
            "rate": float(video.average_rate),
            "seconds": container.duration / 1_000_000,
            "sound": [stream.codec_context.name for stream in container.streams.audio],
            "comment": container.metadata.get("comment"),
        }
        frames = [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video)]
    return frames, facts


def starts_before_its_content(path):
    content = path.read_bytes()
    return content.index(b"moov") < content.index(b"mdat")


def test_a_film_drifts_through_its_scene(render):
    (path,) = render("demo-video", prompt="горы на закате", duration=2, resolution="360p")
    frames, facts = opened(path)
    assert facts["codec"] == "h264"
    assert facts["pixels"] == "yuv420p"
    assert facts["size"] == (640, 360)
    assert (len(frames), facts["rate"], facts["seconds"]) == (48, 24, 2)
    assert facts["sound"] == []
    assert facts["comment"] == labels.comment("горы на закате")
    assert starts_before_its_content(path)
    assert np.abs(frames[0] - frames[-1]).mean() > 3
    assert np.abs(frames[0] - frames[1]).mean() < np.abs(frames[0] - frames[-1]).mean()


def test_a_film_can_have_music(render):
    (path,) = render(
        "demo-video", prompt="abstract flow", duration=2, resolution="360p", aspect_ratio="1:1", with_audio=True
    )
    _frames, facts = opened(path)
    assert facts["size"] == (360, 360)
    assert facts["sound"] == ["aac"]
    with av.open(str(path)) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert np.sqrt(np.mean(sound**2)) > 0.02


def test_a_film_begins_with_the_uploaded_frame(render, photo):
    (path,) = render("demo-video", first_frame=photo, duration=2, resolution="360p")
    frames, facts = opened(path)
    assert facts["size"] == (540, 360)
    red, green, blue = frames[0][80, 80]
    assert red > 120 > 90 > max(green, blue)
    assert np.abs(frames[0] - frames[-1]).mean() > 1


def test_an_avatar_moves_its_mouth_with_its_voice(render):
    (path,) = render("demo-avatar", script="Добрый день. Это демонстрация.", resolution="360p")
    frames, facts = opened(path)
    assert facts["size"] == (360, 360)
    assert facts["sound"] == ["aac"]
    assert 1.5 < facts["seconds"] < 6
    assert facts["comment"] == labels.comment("Добрый день")
    mouth = [frame[215:245, 155:205] for frame in frames]
    moved = [np.abs(one - two).mean() for one, two in itertools.pairwise(mouth)]
    silent_start, speaking = np.mean(moved[:2]), np.max(moved)
    assert speaking > silent_start + 4


def test_loudness_is_low_in_silence_and_high_in_speech():
    rate = 24_000
    sound = np.zeros((1, rate * 2), dtype=np.float32)
    sound[0, rate:] = np.sin(np.arange(rate) * 0.2) * 0.5
    levels = avatars.loudness_per_frame(sound, rate, 48)
    assert levels[:20].max() == 0
    assert levels[30:].min() > 0.9


def test_an_uploaded_portrait_is_shown_with_a_wave(render, photo):
    (path,) = render(
        "demo-avatar", script="Hello there, everybody.", portrait=photo, resolution="360p", aspect_ratio="16:9"
    )
    frames, facts = opened(path)
    assert facts["size"] == (640, 360)
    assert frames[len(frames) // 2][60, 100].tolist()[0] > 150
    wave = [frame[285:320, 150:490] for frame in frames]
    assert np.max([np.abs(one - two).mean() for one, two in itertools.pairwise(wave)]) > 1


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        ("demo-video", {}),
        ("demo-video", {"prompt": "x", "duration": 60}),
        ("demo-video", {"prompt": "x", "resolution": "8k"}),
        ("demo-avatar", {"script": ""}),
    ],
)
def test_wrong_orders_are_refused(render, model, wrong):
    with pytest.raises(BadOrder):
        render(model, **wrong)
