"""Signed links to local files, and the answers behind them."""

import time

import pytest
import time_machine
from django.test import AsyncClient, Client

from generations.services import files, links
from generations.tests import samples
from neuralbox.core import storage
from neuralbox.tests import asynchronous

CONTENT = bytes(range(256)) * 2000
KEY = "results/u/g/0.mp4"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": tmp_path / "files"}},
    }
    (tmp_path / "new").write_bytes(CONTENT)
    storage.store().put(KEY, tmp_path / "new", mime="video/mp4")


class ReadingClient(Client):
    """A client that reads each answer to its end, as browsers do."""

    def request(self, **request):
        response = super().request(**request)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
        return response


@pytest.fixture
def client() -> Client:
    return ReadingClient()


@pytest.fixture
def address() -> str:
    return files.link(KEY, mime="video/mp4", filename="clip.mp4")


def ranged(client, address, asked, **headers):
    return client.get(address, headers={"Range": asked, **headers})


@pytest.mark.promise("P16")
def test_a_link_gives_the_file_to_who_has_no_cookie_and_no_key(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response.body == CONTENT
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Content-Disposition"] == 'inline; filename="clip.mp4"'
    assert not response.cookies


def test_the_answer_can_run_nothing_and_is_kept_by_nobody_else(client, address):
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"].startswith("private, max-age=")


@pytest.mark.parametrize(
    "mime",
    ["image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "text/javascript", "application/pdf", ""],
)
def test_what_a_browser_would_run_is_only_saved(client, mime):
    for asked in (mime, mime.upper(), f"{mime}; charset=utf-8"):
        headers = client.get(files.link(KEY, mime=asked, filename="x.svg")).headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment")


def test_a_download_has_the_users_name_for_it_in_any_alphabet(client):
    response = client.get(files.link(KEY, mime="video/mp4", filename='Мой "фильм"\r\n.mp4', download=True))
    assert response["Content-Disposition"] == (
        'attachment; filename="___ _____.mp4"; '
        "filename*=UTF-8''%D0%9C%D0%BE%D0%B9%20%D1%84%D0%B8%D0%BB%D1%8C%D0%BC.mp4"
    )


def test_text_is_plain_text_in_utf_8(client):
    assert (
        client.get(files.link(KEY, mime="text/plain", filename="a.txt"))["Content-Type"] == "text/plain; charset=utf-8"
    )


@pytest.mark.promise("P11")
def test_a_link_ends_after_10_to_15_minutes(client):
    with time_machine.travel("2026-03-09T12:04:59Z", tick=False) as clock:
        address = files.link(KEY, mime="video/mp4", filename="clip.mp4")
        assert client.get(address)["Cache-Control"] == "private, max-age=601, no-transform"
        clock.shift(600)
        assert client.get(address).status_code == 200
        clock.shift(1)
        expired = client.get(address)
    assert expired.status_code == 410
    assert expired.json()["code"] == "link_expired"


def test_a_link_is_the_same_for_five_minutes():
    with time_machine.travel("2026-03-09T12:00:01Z", tick=False) as clock:
        first = files.link(KEY, mime="video/mp4", filename="clip.mp4")
        clock.shift(298)
        assert files.link(KEY, mime="video/mp4", filename="clip.mp4") == first
        clock.shift(2)
        assert files.link(KEY, mime="video/mp4", filename="clip.mp4") != first


@pytest.mark.promise("P11")
def test_a_changed_link_opens_nothing(client, address):
    token = address.removeprefix("/files/")
    for position in range(0, len(token), 7):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        assert client.get(f"/files/{changed}").status_code == 404
    for nonsense in ("x", "x:y", "W10:" + "A" * 43, "%00", "..%2f..%2fetc%2fpasswd"):
        assert client.get(f"/files/{nonsense}").status_code == 404


def test_a_link_to_a_deleted_file_opens_nothing(client, address):
    files.delete([KEY])
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "results/../../secret"])
def test_keys_cannot_leave_the_folder(client, key):
    assert client.get(files.link(key, mime="image/png", filename="a.png")).status_code in {400, 404}


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=511999-", 511_999, 511_999),
        ("bytes=-100", 511_900, 511_999),
        ("bytes=100-9999999", 100, 511_999),
        ("bytes=-9999999", 0, 511_999),
    ],
)
def test_a_range_gives_that_part(client, address, asked, first, last):
    response = ranged(client, address, asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/512000"
    assert response["Content-Length"] == str(last - first + 1)
    assert response.body == CONTENT[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=512000-", "bytes=999999-9999999", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(client, address, asked):
    response = ranged(client, address, asked)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */512000"


@pytest.mark.parametrize("asked", ["bytes=0-9,20-29", "bytes=9-3", "bytes=-", "bytes=a-b", "items=0-9", "bytes=٣-٤"])
def test_other_ranges_give_the_whole_file(client, address, asked):
    response = ranged(client, address, asked)
    assert response.status_code == 200
    assert response.body == CONTENT


def test_if_range_gives_the_part_only_of_the_same_file(client, address):
    seen = client.get(address)
    for still in (seen["ETag"], seen["Last-Modified"]):
        assert ranged(client, address, "bytes=0-9", **{"If-Range": still}).status_code == 206
    for other in ('"other"', "Mon, 09 Mar 2015 12:00:00 GMT"):
        assert ranged(client, address, "bytes=0-9", **{"If-Range": other}).status_code == 200


def test_head_tells_without_a_body(client, address):
    response = client.head(address)
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Accept-Ranges"] == "bytes"
    assert response.body == b""


def test_an_unchanged_file_is_not_sent_again(client, address):
    seen = client.get(address)
    for header, value in (("If-None-Match", seen["ETag"]), ("If-Modified-Since", seen["Last-Modified"])):
        again = client.get(address, headers={header: value})
        assert again.status_code == 304
        assert again["ETag"] == seen["ETag"]


def test_nothing_but_reading_is_allowed(client, address):
    assert client.post(address).status_code == 405
    assert client.delete(address).status_code == 405


def test_an_empty_file_is_served(client, tmp_path):
    (tmp_path / "new").write_bytes(b"")
    storage.store().put("results/u/g/1.txt", tmp_path / "new", mime="text/plain")
    response = client.get(files.link("results/u/g/1.txt", mime="text/plain", filename="a.txt"))
    assert (response.status_code, response.body) == (200, b"")


def test_under_asgi_the_file_comes_piece_by_piece(address):
    async def fetch() -> tuple[list[int], bytes]:
        response = await AsyncClient().get(address)
        assert response.is_async
        pieces = [piece async for piece in response.streaming_content]
        return [len(piece) for piece in pieces], b"".join(pieces)

    sizes, content = asynchronous.run(fetch())
    assert content == CONTENT
    assert len(sizes) > 1
    assert max(sizes) <= 256 * 1024


def test_signing_costs_next_to_nothing():
    started = time.perf_counter()
    for number in range(2000):
        files.link(f"results/u/g/{number}.png", mime="image/png", filename=f"{number}.png")
    assert 2000 / (time.perf_counter() - started) > 200


def test_a_replaced_file_has_another_etag(client, address, tmp_path):
    before = client.get(address)["ETag"]
    (tmp_path / "new").write_bytes(samples.image_bytes())
    storage.store().put(KEY, tmp_path / "new", mime="video/mp4")
    assert client.get(address)["ETag"] != before


def test_a_token_says_what_it_leads_to(address):
    target = links.read(address.removeprefix("/files/"))
    assert (target.key, target.mime) == (KEY, "video/mp4")
