"""Files on a real S3-compatible server: private, reached by signed links alone."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine

from generations.services import files, spools
from generations.tests import samples
from neuralbox.core import storage

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def s3(s3_server, settings):
    """The site keeps its files on S3."""
    for name, value in s3_server.environment.items():
        setattr(settings, name, value)
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "neuralbox.core.s3_storage.PrivateS3Storage", "OPTIONS": {}},
    }
    return s3_server


@pytest.fixture
def kept():
    return files.store_output(iter([samples.image_bytes()]), folder="results/u/g/0", kind="image", limit_bytes=MIB)


@pytest.mark.promise("P16")
def test_an_output_is_on_s3_byte_for_byte(kept, s3):
    held = s3.client().get_object(Bucket=s3.bucket, Key=kept.storage_key)
    assert held["Body"].read() == samples.image_bytes()
    assert held["ContentType"] == "image/png"
    assert s3.client().head_object(Bucket=s3.bucket, Key=kept.thumbnail_key)["ContentType"] == "image/webp"


@pytest.mark.promise("P11")
def test_a_signed_link_opens_the_file_under_our_type_and_name(kept):
    answer = requests.get(files.link(kept.storage_key, mime=kept.mime, filename="Кот.png", download=True), timeout=10)
    assert answer.status_code == 200
    assert answer.content == samples.image_bytes()
    assert answer.headers["Content-Type"] == "image/png"
    assert (
        answer.headers["Content-Disposition"]
        == "attachment; filename=\"___.png\"; filename*=UTF-8''%D0%9A%D0%BE%D1%82.png"
    )
    part = requests.get(
        files.link(kept.storage_key, mime=kept.mime, filename="a.png"), headers={"Range": "bytes=1-3"}, timeout=10
    )
    assert (part.status_code, part.content) == (206, b"PNG")


@pytest.mark.promise("P11")
def test_without_a_right_signature_nothing_is_shown(kept, s3):
    link = files.link(kept.storage_key, mime=kept.mime, filename="a.png")
    plain = link.partition("?")[0]
    assert requests.get(plain, timeout=10).status_code == 403
    assert requests.get(f"{s3.url}/{s3.bucket}/", timeout=10).status_code == 403
    assert requests.get(link[:-4] + ("0000" if link[-4:] != "0000" else "1111"), timeout=10).status_code == 403
    other = link.replace("image%2Fpng", "text%2Fhtml")
    assert other != link
    assert requests.get(other, timeout=10).status_code == 403
    assert requests.get(link.replace("/0.png", "/0.thumb.webp"), timeout=10).status_code == 403


@pytest.mark.promise("P11")
def test_an_old_link_opens_nothing(kept):
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=16)):
        link = files.link(kept.storage_key, mime=kept.mime, filename="a.png")
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["900"]
    assert requests.get(link, timeout=10).status_code == 403


def test_a_link_is_the_same_for_five_minutes(kept):
    with time_machine.travel("2026-03-09T12:00:01Z", tick=False) as clock:
        first = files.link(kept.storage_key, mime=kept.mime, filename="a.png")
        clock.shift(298)
        assert files.link(kept.storage_key, mime=kept.mime, filename="a.png") == first


def test_what_a_browser_would_run_is_only_saved(kept):
    answer = requests.get(files.link(kept.storage_key, mime="image/svg+xml", filename="a.svg"), timeout=10)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_storing_again_replaces_and_deleting_may_be_repeated(kept):
    files.store_output(
        iter([samples.image_bytes(size=(50, 50))]), folder="results/u/g/0", kind="image", limit_bytes=MIB
    )
    assert [found.key for found in storage.store().listing("results/u/g")] == [kept.storage_key, kept.thumbnail_key]
    for _ in range(2):
        files.delete([kept.storage_key, kept.thumbnail_key])
    assert list(storage.store().listing("results/u/g")) == []


def test_a_file_in_several_parts_comes_back_whole(tmp_path):
    content = bytes(range(256)) * (20 * MIB // 256)
    with spools.scratch() as path:
        path.write_bytes(content)
        storage.store().put("results/u/g/1.mp4", path, mime="video/mp4")
    with storage.store().open_file("results/u/g/1.mp4") as file:
        assert file.read() == content
        file.seek(5)
        assert file.read(3) == content[5:8]
    files.delete(["results/u/g/1.mp4"])


def test_a_missing_file_is_missing():
    with pytest.raises(FileNotFoundError):
        storage.store().open_file("results/u/g/none.png")


def test_signing_needs_no_call_and_no_client(settings):
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"  # nobody listens
    settings.STORAGES = {**settings.STORAGES}
    started = time.perf_counter()
    for number in range(2000):
        files.link(f"results/u/g/{number}.png", mime="image/png", filename=f"{number}.png")
    assert 2000 / (time.perf_counter() - started) > 200


@pytest.mark.promise("P11")
def test_files_are_stored_without_a_public_permission_and_linked_with_a_signature():
    store = storage.store()
    assert (store.default_acl, store.querystring_auth) == (None, True)
    assert "ACL" not in store.get_object_parameters("results/one.png")
