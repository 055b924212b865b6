"""Retention: what is too old goes, in batches, after a warning; what a legal hold keeps stays (P3, P10, P11)."""

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from celery import current_app
from django.utils import timezone

from accounts.models import Notice, SecurityEvent, StaffView
from generations.models import Asset, Generation, Upload
from generations.services import lifecycle
from legal.models import RetentionRun, RetentionWarning
from legal.services import deletions, retention
from legal.signals import retention_warned
from legal.tests.fixtures import REASON
from neuralbox.core import personal_data, storage
from neuralbox.core.errors import InvalidInput, NotFound
from neuralbox.core.models import Job
from providers.models import Deletion

pytestmark = pytest.mark.django_db
HISTORY, UPLOADS, EVENTS = "generations.history", "generations.uploads", "accounts.security_events"


def result(run, kind):
    return run.results.get(kind=kind)


def old_event(user, days):
    return SecurityEvent.objects.create(
        user=user, kind="signed_in", ip="203.0.113.7", created_at=timezone.now() - timedelta(days=days)
    )


def old_generation(user, days, tmp_path):
    started = lifecycle.start(
        lifecycle.Order(user_id=user.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
    )
    ended = timezone.now() - timedelta(days=days)
    Generation.objects.filter(pk=started.id).update(status="failed", created_at=ended, finished_at=ended)
    key = f"results/{user.pk}/{started.id}/0.png"
    put(key, tmp_path)
    Asset.objects.create(
        generation_id=started.id, position=0, kind="image", mime="image/png", bytes=4, sha256="0" * 64, storage_key=key
    )
    return started.id


def put(key, tmp_path, content=b"file"):
    source = tmp_path / "source"
    source.write_bytes(content)
    storage.store().put(key, source, mime="image/png")


def stored():
    return sorted(found.key for found in storage.store().listing(""))


@pytest.fixture
def warned():
    heard = []

    def listen(**news):
        heard.append(news)

    retention_warned.connect(listen)
    yield heard
    retention_warned.disconnect(listen)


@pytest.mark.promise("P3")
def test_old_security_events_are_purged_and_younger_ones_stay(alice):
    old_event(alice, 366)
    young = old_event(alice, 364)
    before = SecurityEvent.objects.filter(user=alice).count()
    run = retention.run(kinds=[EVENTS])
    assert (run.status, result(run, EVENTS).purged) == ("done", {"accounts.SecurityEvent": 1})
    assert SecurityEvent.objects.filter(user=alice).count() == before - 1
    assert SecurityEvent.objects.filter(pk=young.pk).exists()


@pytest.mark.promise("P3")
@pytest.mark.promise("P10")
@pytest.mark.promise("P11")
def test_the_clock_purges_once_a_night(alice, file_store, settings):
    old_event(alice, 400)
    clock = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    nightly = clock["legal.retention"]
    assert (len(nightly.hour), len(nightly.minute), len(nightly.day_of_week)) == (1, 1, 7)
    current_app.tasks["legal.retention"].run()
    assert not SecurityEvent.objects.filter(kind="signed_in").exists()
    assert not RetentionRun.objects.get().is_dry


def test_a_purge_goes_in_batches(alice, monkeypatch):
    for day in range(400, 412):
        old_event(alice, day)
    monkeypatch.setattr(retention, "BATCH", 5)
    assert result(retention.run(kinds=[EVENTS]), EVENTS).batches == 3


@pytest.mark.promise("P10")
def test_a_dry_run_counts_and_shows_samples_and_changes_nothing(alice, catalogue, file_store, tmp_path):
    old_event(alice, 500)
    generation = old_generation(alice, 400, tmp_path)
    run = retention.run(is_dry=True)
    assert (result(run, EVENTS).due, result(run, EVENTS).purged) == (1, {})
    sample = result(run, EVENTS).samples[0]
    assert set(sample) == {"key", "since"}
    assert Generation.objects.filter(pk=generation).exists()
    assert not RetentionWarning.objects.exists()
    assert stored()


@pytest.mark.promise("P10")
def test_results_are_purged_only_after_a_warning_and_its_time(alice, catalogue, file_store, tmp_path, warned):
    generation = old_generation(alice, 400, tmp_path)
    recent = old_generation(alice, 5, tmp_path)
    first = result(retention.run(kinds=[HISTORY]), HISTORY)
    assert (first.due, first.warned, first.purged) == (1, 1, {})
    assert (warned[0]["user_id"], warned[0]["count"]) == (alice.pk, 1)
    assert warned[0]["purge_at"] > timezone.now() + timedelta(days=13)
    again = result(retention.run(kinds=[HISTORY]), HISTORY)
    assert (again.warned, len(warned)) == (0, 1)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        purged = result(retention.run(kinds=[HISTORY]), HISTORY).purged
    assert (purged["generations.Generation"], purged["generations.Asset"], purged["files"]) == (1, 1, 1)
    assert not Generation.objects.filter(pk=generation).exists()
    assert Generation.objects.filter(pk=recent).exists()
    assert Job.objects.filter(name="generations.delete_files").count() == 1
    assert alice.wallet.entries.count() >= 2


@pytest.mark.promise("P10")
def test_nobody_is_warned_twice_in_a_week_and_nobody_is_forgotten(alice, catalogue, file_store, tmp_path, warned):
    old_generation(alice, 352, tmp_path)
    retention.run(kinds=[HISTORY])
    old_generation(alice, 350, tmp_path)
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        retention.run(kinds=[HISTORY])
    assert [news["count"] for news in warned] == [1]
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        retention.run(kinds=[HISTORY])
    assert [news["count"] for news in warned] == [1, 1]


@pytest.mark.promise("P11")
def test_uploads_go_some_time_after_the_last_generation_that_used_them(alice, catalogue, file_store, tmp_path):
    def upload(name, days):
        key = f"uploads/{alice.pk}/{name}.png"
        put(key, tmp_path)
        return Upload.objects.create(
            user=alice, kind="image", mime="image/png", bytes=4, sha256="0" * 64, storage_key=key,
            created_at=timezone.now() - timedelta(days=days),
        )  # fmt: skip

    idle, running, used, fresh = upload("a", 40), upload("b", 40), upload("c", 40), upload("d", 5)
    for days, one in ((10, used), (35, idle)):
        Generation.objects.get(pk=old_generation(alice, days, tmp_path)).uploads.add(one)
    active = lifecycle.start(
        lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
    )
    Generation.objects.get(pk=active.id).uploads.add(running)
    assert result(retention.run(kinds=[UPLOADS]), UPLOADS).due == 1
    assert set(Upload.objects.all()) == {running, used, fresh}


def test_a_legal_hold_stops_the_purge_visibly_until_it_is_lifted(alice, mallory, olga):
    for person in (alice, mallory):
        old_event(person, 400)
    hold = deletions.place_hold(user=alice, ground="Case 12", by=olga)
    held = result(retention.run(kinds=[EVENTS]), EVENTS)
    assert (held.due, held.held, held.purged) == (2, 1, {"accounts.SecurityEvent": 1})
    deletions.lift_hold(hold_id=hold.pk, by=olga, reason=REASON)
    assert result(retention.run(kinds=[EVENTS]), EVENTS).purged == {"accounts.SecurityEvent": 1}


@pytest.mark.promise("P10")
def test_staff_set_a_period_within_its_limits_with_a_reason(alice, olga):
    old_event(alice, 200)
    retention.set_period(kind=EVENTS, days=190, by=olga, reason=REASON)
    assert result(retention.run(kinds=[EVENTS]), EVENTS).purged == {"accounts.SecurityEvent": 1}
    for days in (179, 366, 0):
        with pytest.raises(InvalidInput):
            retention.set_period(kind=EVENTS, days=days, by=olga, reason=REASON)
    with pytest.raises(InvalidInput):
        retention.set_period(kind=EVENTS, days=200, by=olga, reason="")
    with pytest.raises(NotFound):
        retention.set_period(kind="nothing", days=200, by=olga, reason=REASON)
    entry = LogEntry.objects.get(additional_data__event="retention_changed")
    assert (entry.changes, entry.actor) == ({"days": ["365", "190"]}, olga)


@pytest.mark.promise("P12")
def test_no_setting_purges_payment_records_before_the_law_allows(olga):
    rule = personal_data.rules()["billing.payer_details"]
    assert rule.shortest >= timedelta(days=5 * 365)
    with pytest.raises(InvalidInput):
        retention.set_period(kind=rule.kind, days=rule.shortest.days - 1, by=olga, reason=REASON)


@pytest.mark.promise("P11")
def test_files_that_belong_to_nobody_are_found_and_removed(alice, catalogue, file_store, tmp_path):
    old_generation(alice, 5, tmp_path)
    kept = stored()
    put(f"results/{alice.pk}/01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e/0.png", tmp_path)
    put(f"exports/{alice.pk}/01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e/1.zip", tmp_path)
    put("scratch/left-over.bin", tmp_path)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        dry = retention.run(is_dry=True)
        run = retention.run()
    assert (dry.orphan_files, dry.undeclared_files) == (2, 1)
    assert (run.orphan_files, run.undeclared_files) == (2, 1)
    assert stored() == sorted([*kept, "scratch/left-over.bin"])


def test_one_kind_that_fails_does_not_keep_the_others_from_being_done(alice, monkeypatch):
    old_event(alice, 400)

    class Broken(personal_data.Holder):
        name = "broken"

        def retention(self):
            def burst(_before):
                raise ZeroDivisionError

            day = timedelta(days=1)
            yield personal_data.Retention(
                kind="broken.things", title="", effect="", ground="", default=day, shortest=day, longest=day,
                models=(), due=burst, purge=lambda keys: {},
            )  # fmt: skip

    monkeypatch.setattr(personal_data, "_holders", [Broken(), *personal_data.holders()])
    run = retention.run(kinds=[EVENTS, "broken.things"])
    assert run.status == RetentionRun.Status.FAILED
    assert result(run, "broken.things").failure == "ZeroDivisionError"
    assert result(run, EVENTS).purged == {"accounts.SecurityEvent": 1}


def test_every_kind_of_every_app_is_in_the_report(db):
    run = retention.run(is_dry=True)
    assert set(run.results.values_list("kind", flat=True)) == set(personal_data.rules())
    assert run.results.exclude(failure="").count() == 0
    assert Notice.objects.count() == 0


@pytest.mark.promise("P10")
def test_settled_requests_to_providers_to_erase_are_purged_and_open_ones_are_not():
    def asked(status, days):
        at = timezone.now() - timedelta(days=days)
        settled = None if status == "asked" else at
        return Deletion.objects.create(provider="heygen", status=status, created_at=at, finished_at=settled)

    old = [asked(status, 3 * 365 + 1) for status in ("done", "not_offered", "gave_up")]
    kept = {asked("asked", 3 * 365 + 1).pk, asked("done", 3 * 365 - 1).pk}
    purged = result(retention.run(kinds=["providers.deletions"]), "providers.deletions").purged
    assert purged == {"providers.Deletion": len(old)}
    assert set(Deletion.objects.values_list("pk", flat=True)) == kept


@pytest.mark.promise("P10")
def test_looks_at_accounts_are_noted_for_three_years(alice, bob):
    def looked(days):
        at = timezone.now() - timedelta(days=days)
        return StaffView.objects.create(
            user=alice, staff=bob, reason=REASON, digest=bytes([days % 256]) * 32, created_at=at, expires_at=at
        )

    looked(3 * 365 + 1)
    recent = looked(3 * 365 - 1)
    purged = result(retention.run(kinds=["accounts.staff_views"]), "accounts.staff_views").purged
    assert purged == {"accounts.StaffView": 1}
    assert list(StaffView.objects.all()) == [recent]
