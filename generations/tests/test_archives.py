"""Several results in one ZIP, made while it is sent, for their owner only (P16)."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.test import AsyncRequestFactory
from django.utils import timezone

from generations.models import Asset, Generation
from generations.services import archives, lifecycle
from neuralbox.core import storage
from neuralbox.core.file_responses import made_response
from neuralbox.tests import asynchronous

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

DOWNLOAD = "/api/v1/generations/download"
LARGE = bytes(range(256)) * 4000  # some pieces of it


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": tmp_path / "files"}},
    }


def made(user, tmp_path, prompt, *contents):
    started = lifecycle.start(lifecycle.Order(user_id=user.pk, model="demo-image", raw_input={"prompt": prompt}))
    lifecycle.fail(Generation.objects.get(pk=started.id), "offline")
    for position, content in enumerate(contents):
        key = f"results/{user.pk}/{started.id}/{position}.png"
        (tmp_path / "new").write_bytes(content)
        storage.store().put(key, tmp_path / "new", mime="image/png")
        Asset.objects.create(
            generation_id=started.id, position=position, kind="image", mime="image/png", bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(), storage_key=key, created_at=timezone.now(),
        )  # fmt: skip
    return str(started.id)


def token_of(link):
    return link.path.rpartition("/")[2]


def unpacked(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.promise("P16")
def test_a_selection_comes_as_one_zip_without_what_is_anothers(alice, mallory, api_client_of, client, tmp_path):
    two = made(alice, tmp_path, "A lighthouse at dawn / 50%", b"one", LARGE)
    one = made(alice, tmp_path, "Маяк на рассвете", b"three")
    hers = made(mallory, tmp_path, "Secret", b"hers")
    offered = api_client_of(alice).post(DOWNLOAD, {"ids": [two, one, hers]}, format="json").json()
    answer = client.get(offered["url"])
    body = b"".join(answer.streaming_content)
    assert offered["files"] == 3
    assert len(body) == offered["bytes"] == int(answer["Content-Length"])
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith('attachment; filename="neuralbox-')
    assert answer["Cache-Control"] == "private, no-store"
    day, ends = f"{timezone.now():%Y-%m-%d}", (two.replace("-", "")[-8:], one.replace("-", "")[-8:])
    names = [
        f"{day}_demo-image_маяк-на-рассвете_{ends[1]}.png",
        f"{day}_demo-image_a-lighthouse-at-dawn-50_{ends[0]}-1.png",
        f"{day}_demo-image_a-lighthouse-at-dawn-50_{ends[0]}-2.png",
    ]
    files = unpacked(body)
    listed = json.loads(files.pop("list.json"))
    assert files == dict(zip(names, [b"three", b"one", LARGE], strict=True))
    assert [entry["file"] for entry in listed] == names
    assert listed[0]["prompt"] == "Маяк на рассвете"
    assert listed[0]["generation"] == one


def test_the_asynchronous_server_sends_the_same(alice, tmp_path):
    made(alice, tmp_path, "A lighthouse", LARGE)
    pieces = archives.opened(token_of(archives.link(alice.pk, list(Generation.objects.values_list("pk", flat=True)))))

    async def fetched():
        answer = made_response(AsyncRequestFactory().get("/"), pieces.pieces, {})
        return b"".join([piece async for piece in answer.streaming_content])

    assert LARGE in unpacked(asynchronous.run(fetched())).values()


def test_a_look_at_the_headers_reads_no_file(alice, client, tmp_path):
    mine = made(alice, tmp_path, "A lighthouse", LARGE)
    link = archives.link(alice.pk, [mine])
    answer = client.head(link.path)
    assert (answer.content, int(answer["Content-Length"])) == (b"", link.bytes)


@pytest.mark.promise("P16")
def test_a_link_ends_and_cannot_be_changed(alice, client, tmp_path):
    path = archives.link(alice.pk, [made(alice, tmp_path, "A lighthouse", b"one")]).path
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert client.get(path).status_code == 410
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404


@pytest.mark.promise("P18")
def test_what_was_erased_after_the_link_is_not_in_the_zip(alice, api_client_of, client, tmp_path):
    kept, gone = made(alice, tmp_path, "Kept", b"one"), made(alice, tmp_path, "Gone", b"two")
    path = archives.link(alice.pk, [kept, gone]).path
    api_client_of(alice).delete(f"/api/v1/generations/{gone}")
    files = unpacked(b"".join(client.get(path).streaming_content))
    assert len(files) == 2
    api_client_of(alice).delete(f"/api/v1/generations/{kept}")
    assert client.get(path).status_code == 404


def test_without_a_file_there_is_nothing_to_download(alice, mallory, api_client_of, tmp_path):
    hers = made(alice, tmp_path, "A lighthouse", b"one")
    for client, ids in ((mallory, [hers]), (alice, [made(alice, tmp_path, "Failed")])):
        answer = api_client_of(client).post(DOWNLOAD, {"ids": ids}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_to_download")


def test_a_selection_is_bounded_and_its_link_stays_short_enough_for_any_proxy(alice, api_client_of, tmp_path):
    many = [made(alice, tmp_path, f"Number {number}", b"x") for number in range(3)]
    too_many = (many * archives.MOST)[: archives.MOST + 1]
    assert api_client_of(alice).post(DOWNLOAD, {"ids": too_many}, format="json").status_code == 422
    one, three = (len(archives.link(alice.pk, ids).path) for ids in (many[:1], many))
    assert one + (three - one) / 2 * archives.MOST < 4096
