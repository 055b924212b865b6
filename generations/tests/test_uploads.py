"""Uploads through the API: what is accepted and cleaned, what is refused and leaves nothing."""

import base64
import io
import threading
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import AsyncClient, Client
from PIL import Image
from rest_framework.test import APIClient

from accounts.services import api_keys
from generations import errors
from generations.models import Upload
from generations.services import files, links, spools, uploads
from generations.tests import samples
from generations.tests.rows import generation_of
from neuralbox.core import ids, storage
from neuralbox.tests import asynchronous

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/uploads"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": tmp_path / "files"}},
    }


@pytest.fixture
def client(alice, api_client_of):
    return api_client_of(alice)


def send(client, content: bytes, name: str = "photo.jpg", mime: str = "image/jpeg"):
    return client.post(ADDRESS, {"file": SimpleUploadedFile(name, content, mime)}, format="multipart")


def nothing_is_kept() -> bool:
    stored = [found.key for found in storage.store().listing("uploads")]
    return not Upload.objects.exists() and not stored and not list(spools.folder().iterdir())


def content_behind(address: str) -> bytes:
    response = Client().get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


@pytest.mark.promise("P11")
def test_a_photo_is_kept_upright_and_without_its_place(client, alice):
    created = send(client, samples.photo_with_place())
    assert created.status_code == 201, created.content
    shown = created.json()
    assert set(shown) == {
        "id", "kind", "mime", "bytes", "width", "height", "seconds", "name", "sha256", "created_at",
        "url", "thumbnail_url", "notice",
    }  # fmt: skip
    assert (shown["kind"], shown["mime"], shown["width"], shown["height"]) == ("image", "image/jpeg", 200, 320)
    assert (shown["name"], shown["notice"], shown["seconds"]) == ("photo.jpg", None, None)
    assert created["Location"] == f"{ADDRESS}/{shown['id']}"
    kept = content_behind(shown["url"])
    assert len(kept) == shown["bytes"]
    assert b"SecretPhoneMaker" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert image.size == (200, 320)
    with Image.open(io.BytesIO(content_behind(shown["thumbnail_url"]))) as small:
        assert small.format == "WEBP"
    upload = Upload.objects.get()
    assert upload.user == alice
    assert upload.storage_key == f"uploads/{alice.pk}/{upload.pk}.jpg"
    assert list(spools.folder().iterdir()) == []


@pytest.mark.parametrize("extension", [*samples.IMAGES, *samples.VIDEOS, *samples.SOUNDS])
def test_every_accepted_type_can_be_uploaded(client, tmp_path, extension):
    created = send(client, samples.of(extension, tmp_path), f"file.{extension}", "application/octet-stream")
    assert created.status_code == 201, created.content
    shown = created.json()
    assert shown["name"] == f"file.{extension}"
    assert shown["notice"] is None
    assert (shown["seconds"] is None) is (shown["kind"] == "image")
    assert content_behind(shown["thumbnail_url"])


def test_a_file_under_a_wrong_name_is_kept_as_what_it_is_and_that_is_said(client):
    created = send(client, samples.image_bytes("PNG"), "holiday.jpg", "image/jpeg").json()
    assert (created["mime"], created["name"]) == ("image/png", "holiday.png")
    assert "PNG" in created["notice"]


def test_what_a_browser_recorded_is_kept_as_ogg_and_that_is_said(client, tmp_path):
    recorded = samples.sound_bytes(tmp_path, form="webm", codec="libopus", seconds=2)
    created = send(client, recorded, "voice.webm", "audio/webm;codecs=opus")
    assert created.status_code == 201, created.content
    shown = created.json()
    assert (shown["kind"], shown["mime"], shown["name"]) == ("audio", "audio/ogg", "voice.ogg")
    assert shown["seconds"] == pytest.approx(2, abs=0.1)
    assert "OGG" in shown["notice"]


def test_names_are_made_harmless(client):
    for name, expected in (("../../etc/passwd", "passwd.png"), ("a\x01\u202eb.png", "ab.png"), ("кот.png", "кот.png")):
        assert send(client, samples.image_bytes("PNG"), name, "image/png").json()["name"] == expected
    long = send(client, samples.image_bytes("PNG"), "x" * 240 + ".png", "image/png").json()
    assert len(long["name"]) <= 200


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b"<html><script>alert(1)</script></html>", ""),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(99), "HEIC"),
        (b"only words", ""),
    ],
)
def test_another_type_in_the_dress_of_a_picture_is_415_with_the_accepted_ones(client, content, found):
    refused = send(client, content, "photo.png", "image/png")
    assert refused.status_code == 415
    assert refused["Content-Type"].startswith(PROBLEM)
    body = refused.json()
    assert body["code"] == "unsupported_file_type"
    assert "image/png" in body["errors"][0]["allowed"]
    assert found in body["detail"]
    assert nothing_is_kept()


def test_a_zip_bomb_is_refused(client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20_000_000))
    assert send(client, packed.getvalue()).status_code == 415
    assert nothing_is_kept()


def test_a_decompression_bomb_is_422_and_says_the_limit(client):
    for size, word in (((11_000, 11_000), "megapixels"), ((13_000, 8), "pixels wide")):
        refused = send(client, samples.png_of(*size), "bomb.png", "image/png")
        assert refused.status_code == 422
        assert refused.json()["code"] == "file_beyond_limits"
        assert word in refused.json()["detail"]
    assert nothing_is_kept()


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "mp4", "mov"])
def test_a_truncated_file_is_422(client, tmp_path, extension):
    whole = samples.of(extension, tmp_path)
    refused = send(client, whole[: len(whole) // 2], f"half.{extension}")
    assert refused.status_code == 422
    assert refused.json()["code"] == "unreadable_file"
    assert refused.json()["errors"][0]["pointer"] == "/file"
    assert nothing_is_kept()


def test_an_empty_file_is_422(client):
    refused = send(client, b"")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "empty"
    assert nothing_is_kept()


def test_a_film_that_is_too_long_is_422(client, tmp_path, settings):
    settings.UPLOAD_LIMITS = {**settings.UPLOAD_LIMITS, "video": {"bytes": 10**7, "seconds": 1}}
    refused = send(client, samples.video_bytes(tmp_path, seconds=3), "long.mp4", "video/mp4")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "seconds"
    assert nothing_is_kept()


@pytest.fixture
def small_limits(settings):
    settings.UPLOAD_LIMITS = {
        "image": {"bytes": 100_000, "pixels": 10**6, "side": 2000},
        "video": {"bytes": 300_000, "seconds": 60},
        "audio": {"bytes": 200_000, "seconds": 60},
    }


def test_too_many_bytes_for_its_kind_are_413(client, small_limits):
    noise = io.BytesIO()
    Image.effect_noise((500, 400), 90).save(noise, "PNG")
    assert 100_000 < len(noise.getvalue()) < 300_000
    refused = send(client, noise.getvalue(), "noise.png", "image/png")
    assert refused.status_code == 413
    assert refused.json()["code"] == "upload_too_large"
    assert refused.json()["limit_bytes"] == 100_000
    assert nothing_is_kept()


def test_a_body_that_announces_too_much_is_413_before_it_is_read(client, small_limits):
    class Unreadable:
        def read(self, *_):
            raise AssertionError("the body was read")

        readline = read

    refused = client.generic(
        "POST",
        ADDRESS,
        b"",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": "900000", "wsgi.input": Unreadable()},
    )
    assert refused.status_code == 413
    assert nothing_is_kept()


def test_the_form_holds_one_file_and_nothing_else(client):
    one, other = (SimpleUploadedFile(f"{name}.png", samples.image_bytes("PNG"), "image/png") for name in "ab")
    for form, pointer in (
        ({}, "/file"),
        ({"picture": one}, "/picture"),
        ({"file": [one, other]}, "/file"),
        ({"file": one, "user": "mallory"}, "/user"),
        ({"file": "not a file"}, "/file"),
    ):
        for file in (one, other):
            file.seek(0)
        refused = client.post(ADDRESS, form, format="multipart")
        assert refused.status_code == 422, refused.content
        assert refused.json()["errors"][0]["pointer"] == pointer
    assert client.post(ADDRESS, {"file": "x"}, format="json").status_code == 415
    assert nothing_is_kept()


def test_a_broken_form_is_400(client):
    refused = client.generic("POST", ADDRESS, b"--x\r\nnonsense", content_type="multipart/form-data")
    assert refused.status_code == 400
    assert refused["Content-Type"].startswith(PROBLEM)


def test_refusals_speak_the_callers_language(client):
    refused = client.post(
        ADDRESS, {"file": SimpleUploadedFile("a.png", b"", "image/png")}, format="multipart", HTTP_ACCEPT_LANGUAGE="ru"
    )
    assert refused.json()["title"] == "Файл не читается"
    assert refused.json()["detail"] == "Файл пустой."


def test_who_is_not_signed_in_uploads_nothing():
    assert Client().post(ADDRESS, {"file": io.BytesIO(b"x")}).status_code == 401
    assert nothing_is_kept()


def test_a_key_without_the_scope_uploads_nothing(alice):
    reader = APIClient()
    reader.credentials(HTTP_AUTHORIZATION=f"Bearer {api_keys.create(user=alice, name='r', scopes=['read']).secret}")
    assert send(reader, samples.image_bytes()).status_code == 403
    assert nothing_is_kept()


def test_the_owner_sees_and_deletes_an_upload(client):
    created = send(client, samples.image_bytes("PNG"), "a.png", "image/png").json()
    shown = client.get(f"{ADDRESS}/{created['id']}")
    assert shown.status_code == 200
    assert {**shown.json(), "notice": None} == created
    assert client.delete(f"{ADDRESS}/{created['id']}").status_code == 204
    assert nothing_is_kept()
    assert client.get(f"{ADDRESS}/{created['id']}").status_code == 404
    assert client.delete(f"{ADDRESS}/{created['id']}").status_code == 404


def test_anothers_upload_is_not_there(client, mallory, api_client_of):
    created = send(client, samples.image_bytes("PNG"), "a.png", "image/png").json()
    thief = api_client_of(mallory)
    assert thief.get(f"{ADDRESS}/{created['id']}").status_code == 404
    assert thief.delete(f"{ADDRESS}/{created['id']}").status_code == 404
    assert client.get(f"{ADDRESS}/{ids.new()}").status_code == 404
    assert content_behind(created["url"])


def test_a_day_allows_so_many_attempts_and_no_more(client, settings, alice):
    settings.UPLOADS_PER_DAY = {"files": 2, "bytes": 10**9}
    with time_machine.travel("2026-03-09T12:00:00Z", tick=False) as clock:
        forget_days(alice)
        assert send(client, samples.image_bytes()).status_code == 201
        assert send(client, b"nonsense").status_code == 415
        refused = send(client, samples.image_bytes())
        assert refused.status_code == 429
        assert refused.json()["code"] == "daily_uploads_used"
        assert refused["Retry-After"] == str(12 * 3600 + 1)
        clock.shift(12 * 3600 + 1)
        assert send(client, samples.image_bytes()).status_code == 201
    forget_days(alice)


def test_a_day_allows_so_many_bytes(client, settings, alice):
    settings.UPLOADS_PER_DAY = {"files": 100, "bytes": len(samples.image_bytes()) * 3 // 2}
    forget_days(alice)
    assert send(client, samples.image_bytes()).status_code == 201
    assert send(client, samples.image_bytes()).status_code == 429


def forget_days(user):
    for what in ("files", "bytes"):
        for day in ("20260309", "20260310"):
            cache.delete(f"uploads:{user.pk}:{day}:{what}")


@pytest.mark.parametrize("allowed", [{"files": 1, "bytes": 10**9}, {"files": 99, "bytes": 1000}])
def test_full_space_is_413_until_something_is_deleted(client, settings, allowed):
    settings.UPLOADS_IN_TOTAL = allowed
    first = send(client, samples.image_bytes())
    assert first.status_code == 201, first.content
    refused = send(client, samples.image_bytes())
    assert refused.status_code == 413
    assert refused.json()["code"] == "upload_space_full"
    assert Upload.objects.count() == 1
    assert len(list(storage.store().listing("uploads"))) == 2
    client.delete(f"{ADDRESS}/{first.json()['id']}")
    assert send(client, samples.image_bytes()).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_time_do_not_pass_the_limit(alice, settings):
    settings.UPLOADS_IN_TOTAL = {"files": 3, "bytes": 10**9}
    outcomes = []

    def upload():
        try:
            uploads.receive(user_id=alice.pk, file=SimpleUploadedFile("a.png", samples.image_bytes(), "image/png"))
            outcomes.append("kept")
        except errors.UploadSpaceFull:
            outcomes.append("full")
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * 5 + ["kept"] * 3
    assert Upload.objects.count() == 3
    assert list(files.orphans(spools.timedelta(0))) == []


@pytest.mark.promise("P13")
def test_a_provider_gets_the_file_and_nothing_about_the_person(alice):
    file = SimpleUploadedFile("Alice Smith.png", samples.image_bytes(), "image/png")
    upload = uploads.receive(user_id=alice.pk, file=file)
    handed = uploads.for_provider(upload, lifetime=timedelta(hours=2))
    assert (handed.upload_id, handed.name, handed.mime) == (str(upload.pk), f"{upload.pk}.png", "image/png")
    with handed.open() as stream:
        content = stream.read()
        stream.seek(0)
        assert stream.read() == content
    assert len(content) == handed.bytes
    assert handed.url.startswith("http")
    assert content_behind(handed.url) == content
    signed = handed.url.rpartition("/")[2].partition(":")[0]
    said = handed.name + handed.url + base64.urlsafe_b64decode(signed + "==").decode("latin-1")
    assert "Alice" not in said
    assert str(alice.pk) not in said


def test_a_provider_s_link_lives_as_long_as_its_queue_and_no_longer(alice):
    file = SimpleUploadedFile("a.png", samples.image_bytes(), "image/png")
    upload = uploads.receive(user_id=alice.pk, file=file)
    live = links.for_provider(upload.pk, lifetime=timedelta(hours=2))
    assert len(content_behind(live)) == upload.bytes
    over = links.for_provider(upload.pk, lifetime=timedelta(minutes=-20))
    assert Client().get(over).status_code == 410
    assert Client().get(live[:-2] + "xx").status_code == 404
    uploads.remove([upload])
    assert Client().get(live).status_code == 404


def test_creating_needs_few_queries(client, django_assert_max_num_queries):
    file = SimpleUploadedFile("a.png", samples.image_bytes(), "image/png")
    with django_assert_max_num_queries(8):
        assert client.post(ADDRESS, {"file": file}, format="multipart").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_uploading_works_under_asgi_too(alice):
    secret = api_keys.create(user=alice, name="tests", scopes=["generate"]).secret
    file = SimpleUploadedFile("a.png", samples.image_bytes(), "image/png")
    posting = AsyncClient().post(ADDRESS, {"file": file}, headers={"Authorization": f"Bearer {secret}"})
    created = asynchronous.run(posting)
    assert created.status_code == 201, created.content
    assert list(spools.folder().iterdir()) == []


def test_an_upload_that_a_running_generation_needs_stays(alice, client):
    created = send(client, samples.image_bytes("PNG"), "a.png", "image/png").json()
    generation = generation_of(alice, status="running")
    generation.uploads.add(created["id"])
    refused = client.delete(f"{ADDRESS}/{created['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "upload_in_use")
    assert content_behind(created["url"])
    type(generation).objects.filter(pk=generation.pk).update(status="failed")
    assert client.delete(f"{ADDRESS}/{created['id']}").status_code == 204
