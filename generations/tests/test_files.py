"""Bringing outputs home: byte for byte, proven, counted, never in memory."""

import hashlib
import os
from datetime import timedelta

import pytest

from generations.models import Asset, Upload
from generations.personal_data import Generations
from generations.services import files, spools
from generations.services.files import OutputTooLarge, WrongContent
from generations.tests import samples
from generations.tests.rows import generation_of
from neuralbox.core import ids, storage

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": tmp_path / "files"}},
    }


def pieces(content: bytes, size: int = 1000):
    return (content[start : start + size] for start in range(0, len(content), size))


def kept_files() -> list[str]:
    return sorted(found.key for prefix in ("results", "uploads") for found in storage.store().listing(prefix))


def test_an_output_is_stored_byte_for_byte_with_its_measures():
    content = samples.image_bytes("PNG")
    kept = files.store_output(pieces(content), folder="results/u/g/0", kind="image", limit_bytes=MIB)
    assert kept.storage_key == "results/u/g/0.png"
    assert kept.thumbnail_key == "results/u/g/0.thumb.webp"
    assert (kept.kind, kept.mime, kept.width, kept.height, kept.seconds) == ("image", "image/png", 320, 200, None)
    assert kept.bytes == len(content)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    with storage.store().open_file(kept.storage_key) as file:
        assert file.read() == content


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_sound_and_video_have_a_length_and_a_thumbnail(kind, tmp_path):
    content = samples.video_bytes(tmp_path, sound="aac") if kind == "video" else samples.sound_bytes(tmp_path)
    kept = files.store_output(pieces(content), folder="results/u/g/0", kind=kind, limit_bytes=MIB)
    assert kept.seconds == pytest.approx(1, abs=0.1)
    assert kept.has_sound
    assert kept_files() == sorted([kept.storage_key, kept.thumbnail_key])


def test_text_is_served_as_plain_text():
    kept = files.store_output(pieces("# Привет".encode()), folder="results/u/g/0", kind="text", limit_bytes=MIB)
    assert (kept.mime, kept.storage_key, kept.thumbnail_key) == ("text/plain", "results/u/g/0.txt", "")


def test_storing_again_replaces():
    for colour in (samples.image_bytes("PNG"), samples.image_bytes("PNG", size=(64, 64))):
        kept = files.store_output(pieces(colour), folder="results/u/g/0", kind="image", limit_bytes=MIB)
    assert kept_files() == ["results/u/g/0.png", "results/u/g/0.thumb.webp"]
    assert kept.width == 64


def test_one_byte_too_many_is_refused_and_nothing_is_left(tmp_path):
    content = samples.image_bytes("PNG")
    with pytest.raises(OutputTooLarge):
        files.store_output(pieces(content), folder="results/u/g/0", kind="image", limit_bytes=len(content) - 1)
    assert kept_files() == []
    assert list((tmp_path / "tmp").iterdir()) == []
    files.store_output(pieces(content), folder="results/u/g/0", kind="image", limit_bytes=len(content))


def test_an_endless_answer_is_cut_at_the_limit():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield bytes(64 * 1024)

    with pytest.raises(OutputTooLarge):
        files.store_output(endless(), folder="results/u/g/0", kind="video", limit_bytes=MIB)
    assert taken == 17


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image"),
        (b"<html><script>alert(1)</script>", "image"),
        (b"%PDF-1.4", "image"),
        (b"PK\x03\x04" + bytes(60), "image"),
        (samples.image_bytes("PNG"), "video"),
        (samples.image_bytes("PNG"), "text"),
        (samples.image_bytes("PNG")[:-300], "image"),
        (b"<html>502 Bad Gateway</html>", "audio"),
        ("sound in a WebM", "audio"),
        (b"", "image"),
        (b"", "text"),
    ],
)
def test_what_was_not_promised_is_refused_and_nothing_is_left(content, kind, tmp_path):
    if content == "sound in a WebM":
        content = samples.sound_bytes(tmp_path, form="webm", codec="libopus")
    with pytest.raises(WrongContent):
        files.store_output(pieces(content), folder="results/u/g/0", kind=kind, limit_bytes=MIB)
    assert kept_files() == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_an_error_of_the_stream_passes_through_and_nothing_is_left(tmp_path):
    class LineDied(Exception):
        pass

    def dying():
        yield samples.image_bytes("PNG")[:500]
        raise LineDied

    with pytest.raises(LineDied):
        files.store_output(dying(), folder="results/u/g/0", kind="image", limit_bytes=MIB)
    assert kept_files() == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_deleting_removes_files_and_empty_folders_and_may_be_repeated(tmp_path):
    kept = files.store_output(pieces(samples.image_bytes("PNG")), folder="results/u/g/0", kind="image", limit_bytes=MIB)
    for _ in range(2):
        files.delete([kept.storage_key, kept.thumbnail_key, ""])
    assert kept_files() == []
    assert not (tmp_path / "files" / "results").exists()


def test_what_killed_processes_left_behind_is_cleared():
    old, new = spools.folder() / "old.part", spools.folder() / "new.part"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    assert spools.clear_abandoned() == 1
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.promise("P11")
@pytest.mark.django_db
def test_files_that_no_row_names_are_found(alice):
    upload = Upload(
        id=ids.new(), user=alice, kind="image", mime="image/png", bytes=1, sha256="", storage_key="", name="a.png"
    )
    upload.storage_key = f"uploads/{alice.pk}/{upload.pk}.png"
    upload.save()
    stray = [f"uploads/{alice.pk}/{ids.new()}.png", f"results/{alice.pk}/{ids.new()}/0.png", "results/odd.bin"]
    for key in (upload.storage_key, files.thumbnail_key(upload.storage_key), *stray):
        with spools.scratch() as path:
            path.write_bytes(b"x")
            storage.store().put(key, path, mime="image/png")
    assert sorted(files.orphans(timedelta(0))) == sorted(stray)
    assert list(files.orphans()) == []  # all of them are young


@pytest.mark.django_db
def test_results_of_generations_are_no_orphans(alice):
    generation = generation_of(alice, status="succeeded")
    asset = Asset.objects.create(
        generation=generation, position=0, kind="image", mime="image/png", bytes=1, sha256="",
        storage_key=f"results/{alice.pk}/{generation.pk}/0.png",
        thumbnail_key=f"results/{alice.pk}/{generation.pk}/0.thumb.webp",
    )  # fmt: skip
    older = f"results/{alice.pk}/{generation.pk}/0.jpg"
    for key in (asset.storage_key, asset.thumbnail_key, older):
        with spools.scratch() as path:
            path.write_bytes(b"x")
            storage.store().put(key, path, mime="image/png")
    assert list(files.orphans(timedelta(0))) == [older]


@pytest.mark.promise("P18")
@pytest.mark.django_db
def test_erasing_a_person_removes_all_their_files_and_nobody_elses(alice, mallory):
    for user in (alice, mallory):
        for key in (f"uploads/{user.pk}/{ids.new()}.png", f"results/{user.pk}/{ids.new()}/0.thumb.webp"):
            with spools.scratch() as path:
                path.write_bytes(b"x")
                storage.store().put(key, path, mime="image/png")
    for _ in range(2):
        Generations().erase(alice)
    assert len(kept_files()) == 2
    assert all(str(mallory.pk) in key for key in kept_files())
