"""Loading the catalogue: repeatable, careful with what staff decided, and noticed by every process."""

import json
import shutil
import tomllib
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from redis.exceptions import ConnectionError as RedisDown

from generations.catalogue import files
from generations.errors import ModelUnavailable, UnknownModel
from generations.models import Model, ModelVersion, Route
from generations.services import catalogue as catalogue_service
from generations.services import catalogue_changes, catalogue_loading
from generations.tests.fixtures import read_catalogue

pytestmark = pytest.mark.django_db

ENTRIES = read_catalogue("demo-*.toml")


def loaded(*, without=(), **changed):
    """Load the repository's files, some of them left out, some of them changed: `{slug: (path, value)}`."""
    entries = []
    for one in ENTRIES:
        name = one.slug.replace("-", "_")
        if one.slug in without:
            continue
        entries.append(with_change(one.slug, *changed[name]) if name in changed else one)
    return {one.slug: one.changes for one in catalogue_loading.load(entries)}


def with_change(slug, path, value):
    file = tomllib.loads((files.FOLDER / f"{slug}.toml").read_text("utf-8"))
    part = file
    *way, last = path
    for step in way:
        part = part[step]
    part[last] = value
    return files.checked(f"{slug}.toml", file, files.read_shared())


def staff_price(slug, alice, price="4.1"):
    model = Model.objects.get(slug=slug)
    rule = json.loads(json.dumps(model.current_version.price_rule))
    rule["amount"] = {"kind": "fixed", "amount": price}
    return catalogue_changes._new_version(
        model,
        model.current_version,
        catalogue_changes.PriceRule.model_validate(rule),
        reason="Trial",
        by=alice,
        approved_by=None,
    )


def test_everything_is_loaded_once_and_then_left_alone():
    assert loaded()["demo-image"] == ("created", "version 1", "route to offline (demo-image) added")
    before = set(ModelVersion.objects.values_list("pk", flat=True))
    assert set(loaded().values()) == {()}
    assert set(ModelVersion.objects.values_list("pk", flat=True)) == before


def test_new_words_make_no_new_version():
    loaded()
    changes = loaded(demo_image=(["name", "en"], "Painter"))
    assert changes["demo-image"] == ("file changed",)
    model = Model.objects.get(slug="demo-image")
    assert (model.name_en, model.versions.count()) == ("Painter", 1)


def test_new_terms_make_a_new_version_and_keep_the_old():
    loaded()
    changes = loaded(demo_image=(["deadline_seconds"], 200))
    assert changes["demo-image"] == ("file changed", "version 2")
    versions = Model.objects.get(slug="demo-image").versions.order_by("number")
    assert [(one.number, one.deadline_seconds) for one in versions] == [(1, 120), (2, 200)]


def test_a_price_of_staff_stays_until_the_file_has_another(alice):
    loaded()
    mine = staff_price("demo-text", alice)
    assert loaded()["demo-text"] == ()
    assert loaded(demo_text=(["name", "en"], "Writer"))["demo-text"] == ("file changed",)
    assert Model.objects.get(slug="demo-text").current_version == mine
    changes = loaded(demo_text=(["deadline_seconds"], 200))["demo-text"]
    assert "the price that staff set stays" in changes
    kept = Model.objects.get(slug="demo-text").current_version
    assert (kept.deadline_seconds, kept.price_rule) == (200, mine.price_rule)


def test_the_files_new_price_replaces_that_of_staff(alice):
    loaded()
    staff_price("demo-text", alice)
    changes = loaded(demo_text=(["price", "amount"], {"kind": "fixed", "amount": "0.5"}))["demo-text"]
    assert "the price that staff had set is replaced by the file's new one" in changes
    assert Model.objects.get(slug="demo-text").current_version.author == ModelVersion.Author.FILE


def test_what_staff_switched_off_stays_off(alice):
    loaded()
    Model.objects.filter(slug="demo-text").update(is_enabled=False)
    Route.objects.filter(model__slug="demo-image").update(is_enabled=False)
    loaded(demo_text=(["name", "en"], "Writer"), demo_image=(["name", "en"], "Painter"))
    assert not Model.objects.get(slug="demo-text").is_enabled
    assert not Route.objects.get(model__slug="demo-image").is_enabled


def test_a_model_without_a_file_is_switched_off_until_it_has_one_again():
    loaded()
    assert loaded(without=["demo-text"])["demo-text"] == ("switched off: it has no file any more",)
    assert not Model.objects.get(slug="demo-text").is_enabled
    assert "demo-text" not in loaded(without=["demo-text"])
    assert loaded()["demo-text"] == ("switched on again: its file is back",)
    assert Model.objects.get(slug="demo-text").is_enabled


def test_a_route_that_the_file_lost_is_switched_off():
    loaded()
    changes = loaded(demo_text=(["routes", 0, "provider_model"], "demo-text-2"))["demo-text"]
    assert "route to offline (demo-text-2) added" in changes
    enabled = dict(Route.objects.filter(model__slug="demo-text").values_list("provider_model", "is_enabled"))
    assert enabled == {"demo-text": False, "demo-text-2": True}


def test_a_provider_that_nobody_knows_stops_the_load_before_it_begins():
    with pytest.raises(files.InvalidFile, match=r"demo-text\.toml: /routes/0/provider: must be one of kie, "):
        loaded(demo_text=(["routes", 0, "provider"], "nobody"))
    assert not Model.objects.exists()


def run(*arguments):
    out = StringIO()
    call_command("load_catalogue", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(tmp_path):
    """Of a folder of its own: somebody may be editing the files while this runs."""
    shutil.copytree(files.FOLDER, tmp_path, dirs_exist_ok=True)
    folder = ("--folder", str(tmp_path))
    assert "demo-image: created; version 1" in run(*folder)
    assert "demo-image: unchanged" in run(*folder)
    assert run(*folder, "--check") == f"{len(list(tmp_path.glob('[!_]*.toml')))} files are right\n"


def test_the_command_refuses_a_bad_file_and_changes_nothing(tmp_path):
    shutil.copytree(files.FOLDER, tmp_path, dirs_exist_ok=True)
    bad = tmp_path / "demo-text.toml"
    bad.write_text(bad.read_text("utf-8").replace("deadline_seconds = 120", "deadline_seconds = 1"), "utf-8")
    with pytest.raises(CommandError, match=r"demo-text\.toml: /deadline_seconds: "):
        run("--folder", str(tmp_path))
    assert not Model.objects.exists()


# --- What this process remembers -------------------------------------------------------------------


def test_an_offer_costs_no_query_once_known(catalogue, django_assert_num_queries):
    catalogue_service.offered("demo-image")
    with django_assert_num_queries(0):
        offer = catalogue_service.offered("demo-image")
    assert (offer.slug, offer.modality, offer.deadline_seconds) == ("demo-image", "image", 120)
    assert [(route.provider, route.provider_model) for route in offer.routes] == [("offline", "demo-image")]
    assert offer.results.expected({"count": 3}) == 3
    assert offer.results.limit_bytes == 50 * 1024 * 1024


def test_reading_the_whole_catalogue_takes_two_queries(catalogue, django_assert_num_queries):
    catalogue_service.forget()
    with django_assert_num_queries(2):
        catalogue_service.known("demo-image")


def test_unknown_and_switched_off_models_are_refused(catalogue):
    with pytest.raises(UnknownModel):
        catalogue_service.offered("nothing")
    Model.objects.filter(slug="demo-text").update(is_enabled=False)
    catalogue_service.forget()
    with pytest.raises(ModelUnavailable):
        catalogue_service.offered("demo-text")


def test_an_old_version_is_read_once(catalogue, alice, django_assert_num_queries):
    old = catalogue_service.offered("demo-text")
    staff_price("demo-text", alice)
    assert catalogue_service.offered("demo-text").version_id != old.version_id
    assert catalogue_service.by_version(old.version_id).price_rule == old.price_rule
    with django_assert_num_queries(0):
        catalogue_service.by_version(old.version_id)


def another_process_switches_off(slug):
    """What another process does: it writes, and tells by the revision."""
    Model.objects.filter(slug=slug).update(is_enabled=False)


def test_a_change_elsewhere_is_seen_within_two_seconds(catalogue, time_machine_now):
    catalogue_service.offered("demo-text")
    another_process_switches_off("demo-text")
    cache.set(catalogue_service.REVISION_KEY, "changed elsewhere", timeout=None)
    time_machine_now(1.5)
    with pytest.raises(ModelUnavailable):
        catalogue_service.offered("demo-text")


def test_without_redis_the_database_is_read_again_within_seconds(catalogue, time_machine_now, redis_down):
    catalogue_service.forget()
    catalogue_service.offered("demo-text")
    another_process_switches_off("demo-text")
    time_machine_now(1.5)
    catalogue_service.offered("demo-text")
    time_machine_now(3)
    with pytest.raises(ModelUnavailable):
        catalogue_service.offered("demo-text")


@pytest.fixture
def time_machine_now(monkeypatch):
    """Lets seconds of the monotonic clock pass for the catalogue."""
    passed = 0.0
    real = catalogue_service.time.monotonic

    class Clock:
        @staticmethod
        def monotonic():
            return real() + passed

    def let_pass(seconds):
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(catalogue_service, "time", Clock)
    return let_pass


@pytest.fixture
def redis_down(settings):
    """A cache on a port where nobody listens."""
    from django.core.cache import caches

    broken = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": broken}
    with pytest.raises(RedisDown):
        caches["default"].get("anything")
