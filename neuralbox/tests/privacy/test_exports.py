"""Exports: everything that is held, in one archive that is made part by part and fetched within a day (P18)."""

import copy
import csv
import gc
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.services import api_keys
from billing.models import Hold
from generations.models import Asset, Generation, Upload
from generations.services import lifecycle, support
from legal import archive_parts
from legal.errors import ExportInProgress, TooManyExports
from legal.models import Export, ExportPart
from legal.services import consents, exports
from legal.signals import export_ready
from legal.tests.fixtures import REASON
from neuralbox.core import ids, personal_data, storage
from neuralbox.core.errors import NotFound
from neuralbox.core.models import Job

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG" + bytes(range(256)) * 40


@pytest.fixture
def at_work(alice, catalogue, file_store, tmp_path, terms, olga):
    """Alice has something of every kind: an order with a picture, an upload, a key, a consent."""
    consents.record(alice.pk, [terms.versions.get().pk], ip="203.0.113.7", way="sign_up")
    issued = api_keys.create(user=alice, name="Nightly", scopes=["read"])
    make_generation(alice, tmp_path, "A lighthouse at dusk")
    key = f"uploads/{alice.pk}/one.png"
    put(key, tmp_path)
    Upload.objects.create(
        user=alice, kind="image", mime="image/png", bytes=len(PICTURE), sha256="0" * 64, storage_key=key, name="=mine"
    )
    support.open_content(generation_id=Generation.objects.get().pk, reason=REASON, by=olga)
    return issued


def make_generation(user, tmp_path, prompt):
    raw = {"prompt": prompt, "size": "512"}
    started = lifecycle.start(lifecycle.Order(user_id=user.pk, model="demo-image", raw_input=raw))
    key = f"results/{user.pk}/{started.id}/0.png"
    put(key, tmp_path)
    Asset.objects.create(
        generation_id=started.id, position=0, kind="image", mime="image/png", bytes=len(PICTURE), sha256="0" * 64,
        storage_key=key,
    )  # fmt: skip
    return started.id


def put(key, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(PICTURE)
    storage.store().put(key, source, mime="image/png")


def made(user, language="en"):
    """An archive, made to its end as the worker does it."""
    export = exports.request(user=user, language=language)
    while exports.make_part(export.pk):
        pass
    export.refresh_from_db()
    return export


def unpacked(export):
    """All files of all parts, by name. Fails for a damaged archive."""
    found = {}
    for part in export.parts.all():
        with storage.store().open_file(part.storage_key) as file, zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                assert name not in found
                found[name] = archive.read(name)
    return found


@pytest.mark.promise("P18")
@pytest.mark.promise("P2")
@pytest.mark.promise("P4")
def test_the_archive_holds_everything_that_every_app_declares(alice, at_work):
    files = unpacked(made(alice))
    for holder in personal_data.holders():
        for section in holder.sections(alice):
            records = json.loads(files[f"data/{section.name}.json"])
            rows = list(csv.DictReader(io.StringIO(files[f"data/{section.name}.csv"].decode("utf-8-sig"))))
            assert len(records) == len(rows), section.name
            assert f"data/{section.name}.html" in files
            assert f"data/{section.name}.html" in files["index.html"].decode()
            if section.name not in {"exports", "ledger", "notices"}:
                assert len(records) == section.count(), section.name
    assert json.loads(files["data/profile.json"])[0]["email"] == "alice@example.com"
    assert json.loads(files["data/consents.json"])[0]["ip"] == "203.0.113.7"
    assert json.loads(files["data/access_log.json"])[0]["reason"] == REASON


@pytest.mark.promise("P18")
@pytest.mark.promise("P2")
def test_every_generation_has_its_file_and_its_json(alice, at_work):
    generation = Generation.objects.get()
    files = unpacked(made(alice))
    described = json.loads(files[f"generations/{generation.pk}/generation.json"])
    assert (described["prompt"], described["results"][0]["file"]) == ("A lighthouse at dusk", "0.png")
    assert files[f"generations/{generation.pk}/0.png"] == PICTURE
    assert "A lighthouse at dusk" in files["data/generations.html"].decode()
    assert f"../generations/{generation.pk}/0.png" in files["data/generations.html"].decode()


@pytest.mark.promise("P18")
def test_hidden_generations_are_in_it_and_those_of_others_are_not(alice, mallory, at_work, tmp_path):
    make_generation(mallory, tmp_path, "Mallory's secret")
    Generation.objects.filter(user=alice).update(hidden=True)
    everything = b"".join(unpacked(made(alice)).values())
    assert b"A lighthouse at dusk" in everything
    assert b"Mallory" not in everything


@pytest.mark.promise("P20")
def test_no_secret_of_a_key_is_in_it(alice, at_work):
    everything = b"".join(unpacked(made(alice)).values())
    assert at_work.secret.encode() not in everything
    assert at_work.secret[17:57].encode() not in everything


def test_the_pages_need_no_network_and_no_script(alice, at_work):
    for name, content in unpacked(made(alice)).items():
        if name.endswith(".html"):
            text = content.decode()
            assert "<script" not in text
            assert 'src="http' not in text
            assert "href='http" not in text


def test_what_a_person_typed_cannot_become_markup_or_a_formula(alice, at_work, tmp_path):
    make_generation(alice, tmp_path, "<img src=x onerror=alert(1)>")
    files = unpacked(made(alice))
    assert b"<img src=x" not in files["data/generations.html"]
    rows = list(csv.DictReader(io.StringIO(files["data/uploads.csv"].decode("utf-8-sig"))))
    assert rows[0]["name"] == "'=mine"


def test_the_archive_speaks_the_language_of_the_person(alice, at_work):
    index = unpacked(made(alice, language="ru"))["index.html"].decode()
    assert "<html lang='ru'>" in index
    assert "Ваши данные" in index


@pytest.mark.promise("P18")
def test_a_large_archive_comes_in_parts_that_complete_each_other(alice, at_work, tmp_path, settings):
    for number in range(5):
        make_generation(alice, tmp_path, f"Picture {number}")
    settings.EXPORT_PART_BYTES = 4 * len(PICTURE)
    export = made(alice)
    assert export.parts.count() > 1
    files = unpacked(export)
    for generation in Generation.objects.all():
        assert files[f"generations/{generation.pk}/0.png"] == PICTURE
    assert export.done == export.total


def test_after_a_crash_the_work_goes_on_where_it_stood(alice, at_work, tmp_path, settings, monkeypatch):
    for number in range(4):
        make_generation(alice, tmp_path, f"Picture {number}")
    settings.EXPORT_PART_BYTES = 2 * len(PICTURE)
    export = exports.request(user=alice, language="en")
    assert exports.make_part(export.pk)
    first = ExportPart.objects.get()

    class Crash(Exception):
        pass

    def crash(*_args, **_rest):
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(exports, "_keep", crash)
        with pytest.raises(Crash):
            exports.make_part(export.pk)
    assert ExportPart.objects.get() == first
    while exports.make_part(export.pk):
        pass
    export.refresh_from_db()
    assert export.status == "ready"
    files = unpacked(export)
    assert {str(one.pk) for one in Generation.objects.all()} <= {name.split("/")[1] for name in files if "/" in name}


def test_two_workers_at_one_part_make_one_part(alice, at_work):
    export = exports.request(user=alice, language="en")
    stale = Export.objects.get()
    assert not exports.make_part(export.pk)
    assert not exports._keep(stale, 1, "exports/x", 1, "0" * 64, archive_parts.Progress("", "", 1))
    assert ExportPart.objects.count() == 1


def test_an_account_that_goes_stops_its_export(alice, at_work, monkeypatch):
    monkeypatch.setattr(archive_parts, "NOTE_EVERY", 1)
    export = exports.request(user=alice, language="en")
    original = exports._begin

    def begin_and_lose(row):
        begun = original(row)
        Export.objects.filter(pk=row.pk).update(status="failed")
        return begun

    monkeypatch.setattr(exports, "_begin", begin_and_lose)
    with pytest.raises(NotFound):
        exports.make_part(export.pk)
    assert not ExportPart.objects.exists()


def test_a_file_that_is_gone_is_said_to_be_missing(alice, at_work):
    storage.store().remove([Asset.objects.get().storage_key])
    files = unpacked(made(alice))
    assert f"generations/{Generation.objects.get().pk}/0.png.missing.txt" in files


def test_the_person_is_told_and_the_archive_lives_for_a_day(alice, at_work):
    heard = []
    export_ready.connect(heard_by := lambda **news: heard.append(news), weak=False)
    export = made(alice)
    export_ready.disconnect(heard_by)
    assert [(news["user_id"], news["export_id"]) for news in heard] == [(alice.pk, export.pk)]
    assert export.expires_at - export.ready_at == timedelta(hours=24)
    assert exports.expire() == 0
    assert exports.expire(now=timezone.now() + timedelta(hours=24, minutes=1)) == 1
    export.refresh_from_db()
    assert export.status == "expired"
    assert list(storage.store().listing("exports")) == []


def test_one_at_a_time_and_three_a_day(alice, file_store):
    exports.request(user=alice, language="en")
    with pytest.raises(ExportInProgress):
        exports.request(user=alice, language="en")
    for _again in range(2):
        Export.objects.update(status="expired")
        exports.request(user=alice, language="en")
    Export.objects.update(status="expired")
    with pytest.raises(TooManyExports):
        exports.request(user=alice, language="en")
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        exports.request(user=alice, language="en")


def test_what_nobody_finished_is_given_up(alice, file_store):
    exports.request(user=alice, language="en")
    assert exports.expire(now=timezone.now() + timedelta(days=3)) == 1
    assert Export.objects.get().status == "failed"
    assert Job.objects.filter(name="legal.make_export").exists()


@pytest.mark.promise("P18")
def test_the_memory_does_not_grow_with_the_number_of_generations(alice, catalogue, file_store, tmp_path):
    """What is in use while the archive is written, at 30 and at 110 generations: each adds a line."""
    first = make_generation(alice, tmp_path, "One")
    key = Asset.objects.get().storage_key
    used = []
    for count in (30, 80):
        clone(Generation.objects.get(pk=first), key, count)
        export = Export.objects.create(user=alice, language="en", status="failed")
        in_use = [0]

        def look(_done, seen=in_use):
            gc.collect()
            seen.append(tracemalloc.get_traced_memory()[0])

        with (tmp_path / "archive.zip").open("wb") as file:
            tracemalloc.start()
            reached = archive_parts.Part(export, 1, look).write(file)
            tracemalloc.stop()
        assert reached.is_complete
        assert len(in_use) > 1
        used.append(max(in_use))
    grown = (used[1] - used[0]) / 80
    assert used[1] < 16 * 1024 * 1024
    assert grown < 8 * 1024, f"{grown:.0f} bytes for each generation"


def clone(original, key, count):
    """Many generations like this one, each with a row of a result; the rows share one file."""
    hold = Hold.objects.get(pk=original.hold_id)
    holds, rows, assets = [], [], []
    for _number in range(count):
        hold.pk, hold.reference = ids.new(), f"copy:{ids.new()}"
        holds.append(copy.copy(hold))
        original.pk, original.hold_id, original.quote_id = ids.new(), hold.pk, None
        rows.append(copy.copy(original))
        assets.append(
            Asset(
                generation_id=original.pk, position=0, kind="image", mime="image/png", bytes=1, sha256="0" * 64,
                storage_key=key,
            )
        )  # fmt: skip
    Hold.objects.bulk_create(holds)
    Generation.objects.bulk_create(rows)
    Asset.objects.bulk_create(assets)
