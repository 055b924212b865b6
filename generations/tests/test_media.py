"""What files really are, and what is left of them after cleaning."""

import contextlib
import random

import av
import pytest
from PIL import Image

from generations.media import probing, stripping, thumbnails, types, waveforms
from generations.media.errors import Broken, MediaError, TooDemanding, UnknownType
from generations.media.limits import Limits
from generations.tests import samples

LIMITS = Limits(video_seconds=60, audio_seconds=60, work_seconds=20)
EVERY_TYPE = [*samples.IMAGES, *samples.VIDEOS, *samples.SOUNDS]


@pytest.fixture
def written(tmp_path):
    def write(content: bytes, name: str = "file"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("extension", EVERY_TYPE)
def test_each_accepted_type_is_proven_measured_and_pictured(extension, tmp_path, written):
    path = written(samples.of(extension, tmp_path))
    found = probing.probe(path, LIMITS)
    assert found.media_type.extension == extension
    if found.media_type.kind == "image":
        assert (found.width, found.height, found.seconds) == (320, 200, None)
    else:
        assert found.seconds == pytest.approx(1, abs=0.15)
        assert found.has_sound is (found.media_type.kind == "audio")
    assert thumbnails.make(path, found, tmp_path / "small", LIMITS)
    with Image.open(tmp_path / "small") as small:
        assert small.format == "WEBP"
        assert max(small.size) <= 640


@pytest.mark.parametrize("extension", EVERY_TYPE)
def test_cleaning_keeps_the_type_and_the_measures(extension, tmp_path, written):
    path = written(samples.of(extension, tmp_path))
    found = probing.probe(path, LIMITS)
    stripping.strip(path, found.media_type, tmp_path / "clean", LIMITS)
    kept = probing.probe(tmp_path / "clean", LIMITS)
    assert (kept.media_type, kept.width, kept.height) == (found.media_type, found.width, found.height)
    assert kept.seconds == pytest.approx(found.seconds, abs=0.1)


def test_a_video_says_whether_it_has_sound(tmp_path, written):
    path = written(samples.video_bytes(tmp_path, sound="aac"))
    assert probing.probe(path, LIMITS).has_sound is True


def test_an_mp4_without_picture_is_sound(tmp_path, written):
    path = written(samples.sound_bytes(tmp_path, form="mp4", codec="aac"))
    assert probing.probe(path, LIMITS).media_type is types.M4A


def test_a_song_with_a_cover_is_sound_and_loses_the_cover(tmp_path, written):
    path = tmp_path / "song.mp3"
    cover = written(samples.image_bytes("JPEG"), "cover.jpg")
    with av.open(str(cover)) as source, av.open(str(path), "w", format="mp3") as out:
        tone = out.add_stream("libmp3lame", rate=48_000, layout="mono")
        art = out.add_stream_from_template(source.streams.video[0])
        art.disposition = av.stream.Disposition.attached_pic
        packet = next(source.demux(video=0))
        packet.stream = art
        out.mux(packet)
        samples._write_tone(out, tone, 1)
    assert b"APIC" in path.read_bytes()
    found = probing.probe(path, LIMITS)
    assert found.media_type is types.MP3
    stripping.strip(path, found.media_type, tmp_path / "clean", LIMITS)
    assert b"APIC" not in (tmp_path / "clean").read_bytes()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG"),
        (b"<!doctype html><script>alert(1)</script>", ""),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"PK\x03\x04" + bytes(40), ""),
        (b"\x7fELF\x02\x01\x01" + bytes(40), ""),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"#!EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd", ""),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", ""),
        (b"just words", ""),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_its_content(content, name, written):
    with pytest.raises(UnknownType) as refused:
        probing.probe(written(content, "picture.png"), LIMITS)
    assert name in refused.value.found


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "avif", "mp4", "mov", "webm", "m4a", "wav", "flac"])
def test_a_truncated_file_is_broken(extension, tmp_path, written):
    whole = samples.of(extension, tmp_path)
    if extension in {"wav", "flac", "webm"}:
        form, codec = (samples.SOUNDS | samples.VIDEOS)[extension]
        make = samples.sound_bytes if extension in samples.SOUNDS else samples.video_bytes
        whole = make(tmp_path, form=form, codec=codec, seconds=5)
    with pytest.raises(Broken):
        probing.probe(written(whole[: len(whole) * 2 // 5]), LIMITS)


@pytest.mark.parametrize(
    "head",
    [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP", b"RIFF\x00\x00\x00\x00WAVE",
     b"OggS", b"fLaC", b"\x00\x00\x00\x18ftypisom", b"\x00\x00\x00\x18ftypavif", b"ID3\x04", b"\xff\xfb\x90",
     b"\x1a\x45\xdf\xa3\x01webm"],
)  # fmt: skip
def test_first_bytes_alone_prove_nothing(head, written):
    with pytest.raises(Broken):
        probing.probe(written(head + b"<script>alert(1)</script>" * 50), LIMITS)


@pytest.mark.parametrize(
    ("size", "limit"), [((16_000, 16_000), "pixels"), ((10_000, 9_000), "pixels"), ((30_000, 8), "side")]
)
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size, limit, written):
    bomb = written(samples.png_of(*size))
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(TooDemanding) as refused:
        probing.probe(bomb, LIMITS)
    assert refused.value.limit in {limit, "pixels"}


def test_an_animation_of_too_many_pixels_is_refused(written):
    path = written(samples.animation(frames=12))
    with pytest.raises(TooDemanding) as refused:
        probing.probe(path, Limits(frames_pixels=10 * 320 * 200))
    assert refused.value.limit == "frames_pixels"
    assert probing.probe(path, LIMITS).media_type is types.GIF


def test_too_long_a_film_or_sound_is_refused(tmp_path, written):
    short = Limits(video_seconds=1, audio_seconds=1)
    for content in (samples.video_bytes(tmp_path, seconds=3), samples.sound_bytes(tmp_path, seconds=3)):
        with pytest.raises(TooDemanding) as refused:
            probing.probe(written(content), short)
        assert refused.value.limit == "seconds"


def test_work_on_a_file_ends_in_time(tmp_path, written):
    path = written(samples.sound_bytes(tmp_path, form="wav", codec="pcm_s16le", seconds=3))
    with pytest.raises(TooDemanding) as refused:
        probing.probe(path, Limits(work_seconds=-1))
    assert refused.value.limit == "work_seconds"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_place_and_device_are_removed_and_the_picture_stands_upright(form, tmp_path, written):
    original = samples.photo_with_place(form)
    path = written(original)
    assert b"SecretPhoneMaker" in original
    found = probing.probe(path, LIMITS)
    assert (found.width, found.height) == (200, 320)
    stripping.strip(path, found.media_type, tmp_path / "clean", LIMITS)
    cleaned = (tmp_path / "clean").read_bytes()
    assert b"SecretPhoneMaker" not in cleaned
    with Image.open(tmp_path / "clean") as image:
        assert not image.getexif()
        assert not image.getexif().get_ifd(0x8825)
        assert image.size == (200, 320)
        assert image.info["icc_profile"] == samples.colour_profile()
        red, green, _ = image.convert("RGB").getpixel((190, 10))  # the bright corner, a quarter turn on
        assert red > 200 > green


def test_comments_texts_and_what_hangs_behind_are_removed(tmp_path, written):
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Author", "SecretName")
    files = {
        types.PNG: samples.image_bytes("PNG", pnginfo=texts),
        types.JPEG: samples.image_bytes("JPEG", comment="SecretName", xmp=b"<x>SecretName</x>") + b"SecretName" * 9,
        types.WEBP: samples.image_bytes("WEBP", xmp=b"<x>SecretName</x>"),
        types.GIF: samples.image_bytes("GIF", comment=b"SecretName"),
    }
    for media_type, content in files.items():
        assert b"SecretName" in content
        stripping.strip(written(content), media_type, tmp_path / "clean", LIMITS)
        assert b"SecretName" not in (tmp_path / "clean").read_bytes(), media_type.mime


def test_lossless_pictures_keep_every_pixel(tmp_path, written):
    for media_type, content in (
        (types.PNG, samples.image_bytes("PNG")),
        (types.WEBP, samples.image_bytes("WEBP", lossless=True)),
    ):
        stripping.strip(written(content), media_type, tmp_path / "clean", LIMITS)
        with Image.open(tmp_path / "clean") as image:
            assert image.convert("RGB").tobytes() == samples.picture().tobytes()


@pytest.mark.parametrize(("form", "media_type"), [("GIF", types.GIF), ("WEBP", types.WEBP), ("PNG", types.PNG)])
def test_an_animation_still_moves_after_cleaning(form, media_type, tmp_path, written):
    stripping.strip(written(samples.animation(form)), media_type, tmp_path / "clean", LIMITS)
    with Image.open(tmp_path / "clean") as image:
        assert image.n_frames == 5
        image.load()
        assert image.info["duration"] == 80


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_a_films_place_and_date_are_removed_without_encoding_it_anew(extension, tmp_path, written):
    metadata = {"location": "+55.7519+037.6175/", "comment": "SecretName", "com.apple.quicktime.model": "SecretPhone"}
    form, codec = samples.VIDEOS[extension]
    original = samples.video_bytes(tmp_path, form=form, codec=codec, sound="aac", metadata=metadata)
    assert b"+55.7519" in original
    path = written(original)
    stripping.strip(
        path, types.BY_MIME[f"video/{'quicktime' if extension == 'mov' else 'mp4'}"], tmp_path / "c", LIMITS
    )
    cleaned = (tmp_path / "c").read_bytes()
    for secret in (b"+55.7519", b"SecretName", b"SecretPhone"):
        assert secret not in cleaned
    with av.open(str(path)) as before, av.open(str(tmp_path / "c")) as after:
        old = [bytes(packet) for packet in before.demux(video=0) if packet.size]
        new = [bytes(packet) for packet in after.demux(video=0) if packet.size]
    assert old == new


@pytest.mark.parametrize("extension", ["mp3", "ogg", "flac", "m4a"])
def test_names_in_a_sound_are_removed(extension, tmp_path, written):
    form, codec = samples.SOUNDS[extension]
    original = samples.sound_bytes(tmp_path, form=form, codec=codec, metadata={"artist": "SecretName"})
    assert b"SecretName" in original
    path = written(original)
    stripping.strip(path, probing.probe(path, LIMITS).media_type, tmp_path / "clean", LIMITS)
    assert b"SecretName" not in (tmp_path / "clean").read_bytes()


def test_a_waveform_follows_the_sound(tmp_path, written):
    path = written(samples.sound_bytes(tmp_path, seconds=2))
    found = probing.probe(path, LIMITS)
    heights = waveforms.peaks(path, found.media_type, found.seconds, LIMITS)
    assert len(heights) == waveforms.BARS
    assert heights[5] < heights[40] < heights[70] <= 1
    picture = waveforms.picture(heights)
    assert picture.getpixel((0, 0))[3] == 0  # the ground is transparent


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe\x00", b"text\x00text", "обрыв".encode()[:-1]])
def test_what_is_not_readable_text_is_refused(content, written):
    with pytest.raises(Broken):
        probing.probe_text(written(content))


def test_text_is_text(written):
    assert probing.probe_text(written("# Заголовок\n\nслово".encode())).media_type is types.TEXT


def test_a_film_of_a_phone_held_upright_is_measured_pictured_and_kept_upright(tmp_path, written):
    path = written(samples.turned_clockwise(samples.video_bytes(tmp_path)))
    found = probing.probe(path, LIMITS)
    assert (found.width, found.height) == (90, 160)
    stripping.strip(path, found.media_type, tmp_path / "clean", LIMITS)
    assert probing.probe(tmp_path / "clean", LIMITS) == found
    thumbnails.make(tmp_path / "clean", found, tmp_path / "small", LIMITS)
    with Image.open(tmp_path / "small") as small:
        assert small.size == (90, 160)
        assert small.convert("L").getpixel((55, 8)) > 200  # the square, at the left above when lying


@pytest.mark.parametrize("extension", EVERY_TYPE)
def test_damaged_files_are_refused_and_break_nothing(extension, tmp_path, written):
    dice = random.Random(extension)
    whole = samples.of(extension, tmp_path)
    for _ in range(20):
        damaged = bytearray(whole)
        for _ in range(dice.choice([1, 3, 10])):
            position = dice.randrange(min(len(damaged), dice.choice([64, 600, len(damaged)])))
            damaged[position : position + dice.choice([0, 1, 4])] = dice.randbytes(dice.choice([0, 1, 4, 9]))
        path = written(bytes(damaged))
        with contextlib.suppress(MediaError):
            found = probing.probe(path, LIMITS)
            stripping.strip(path, found.media_type, tmp_path / "clean", LIMITS)
            thumbnails.make(tmp_path / "clean", found, tmp_path / "small", LIMITS)
