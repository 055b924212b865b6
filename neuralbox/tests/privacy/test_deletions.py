"""Deletion: asked for, taken back, done in order, repeatable after any crash, and nothing is found afterwards."""

import logging
from datetime import timedelta

import pytest
import redis
import time_machine
from allauth.socialaccount.models import SocialAccount
from celery import current_app
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import api_keys
from billing.models import JournalEntry
from billing.selectors import ledger_differences
from generations.models import Asset, Generation, Upload
from generations.services import lifecycle, support
from legal.errors import DeletionPending, NotConfirmed, NothingToCancel, WrongState
from legal.models import DeletionRequest
from legal.services import consents, deletions, exports, registers
from legal.signals import deletion_cancelled, deletion_scheduled
from legal.tests.fixtures import REASON
from neuralbox.core import personal_data, storage
from neuralbox.core.models import Job

pytestmark = pytest.mark.django_db
NAME, EMAIL, PROVIDER_ID, PROMPT = "Zinaida Quux", "zinaida.quux@example.com", "5550199583231", "A xylophone of Zembla"
TRACES = ("zinaida", "quux", PROVIDER_ID, "zembla")
LATER = timedelta(days=14, minutes=1)


@pytest.fixture
def zinaida(catalogue, file_store, tmp_path, terms, olga):
    """A person with something in every table that can hold a trace of her."""
    from accounts.services import users
    from billing.services import top_ups

    person = users.join(email=EMAIL, name=NAME, language="en")
    top_ups.credit(wallet_id=person.wallet.pk, amount=1000, reference="test:z", description="Test")
    SocialAccount.objects.create(user=person, provider="github", uid=PROVIDER_ID, extra_data={"name": NAME})
    api_keys.create(user=person, name="Quux's key", scopes=["read"])
    consents.record(person.pk, [terms.versions.get().pk], ip="203.0.113.7", way="sign_up")
    started = lifecycle.start(
        lifecycle.Order(
            user_id=person.pk, model="demo-image", raw_input={"prompt": PROMPT, "size": "512"},
            metadata={"for": "quux"}, idempotency_key="quux-1", body={},
        )
    )  # fmt: skip
    lifecycle.fail(Generation.objects.get(pk=started.id), "offline")
    for key in (f"results/{person.pk}/{started.id}/0.png", f"uploads/{person.pk}/one.png"):
        source = tmp_path / "source"
        source.write_bytes(b"zembla")
        storage.store().put(key, source, mime="image/png")
    Asset.objects.create(
        generation_id=started.id, position=0, kind="image", mime="image/png", bytes=6, sha256="0" * 64,
        storage_key=f"results/{person.pk}/{started.id}/0.png",
    )  # fmt: skip
    Upload.objects.create(
        user=person, name="zembla.png", kind="image", mime="image/png", bytes=6, sha256="0" * 64,
        storage_key=f"uploads/{person.pk}/one.png",
    )  # fmt: skip
    support.open_content(generation_id=started.id, reason="Quux wrote to us", by=olga)
    registers.receive(kind="access", way="mail", text=f"I am {NAME}", contact=EMAIL, user_id=person.pk)
    export = exports.request(user=person, language="en")
    while exports.make_part(export.pk):
        pass
    return person


def erased(request):
    """Run the erasure after its grace period, as the clock does."""
    with time_machine.travel(timezone.now() + LATER):
        done = deletions.erase(request.pk)
    request.refresh_from_db()
    return done


def found_in_database(words):
    """Every table that has one of the words somewhere in one of its rows."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text ILIKE %s', [f"%{word}%"])  # noqa: S608
                if cursor.fetchone()[0]:
                    found.append((table, word))
    return found


def found_in_cache(words):
    with redis.Redis.from_url(django_settings.REDIS_URL) as server:
        for key in server.scan_iter():
            kind = server.type(key)
            value = server.get(key) if kind == b"string" else server.lrange(key, 0, -1) if kind == b"list" else b""
            text = f"{key!r} {value!r}".lower()
            if any(word in text for word in words):
                return key
    return None


@pytest.mark.promise("P18")
@pytest.mark.promise("P12")
def test_after_the_erasure_nothing_of_the_person_is_found_anywhere(zinaida, caplog, file_store):
    caplog.set_level(logging.DEBUG)
    assert found_in_database(TRACES)
    books = list(JournalEntry.objects.order_by("pk").values())
    request = deletions.ask(user=zinaida, confirm=EMAIL.upper())
    mail.outbox.clear()
    assert erased(request)
    assert found_in_database(TRACES) == []
    assert [path for path in file_store.rglob("*") if path.is_file()] == []
    assert found_in_cache(TRACES) is None
    logged = "\n".join(
        record.getMessage().lower() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert not [word for word in TRACES if word in logged]
    last = [letter for letter in mail.outbox if EMAIL in letter.to]
    assert len(last) <= 1, "the letter that says that the account is being deleted"
    assert not [word for word in TRACES[2:] for letter in last if word in letter.body]
    assert list(JournalEntry.objects.order_by("pk").values()) == books
    assert list(ledger_differences()) == []


@pytest.mark.promise("P18")
def test_the_act_has_numbers_and_names_nobody(zinaida):
    request = deletions.ask(user=zinaida, confirm=NAME)
    assert erased(request)
    assert (request.status, request.user, request.erased) == ("done", None, {})
    act = request.act
    assert act["held"]["generations"] == 1
    assert act["erased"]["generations"]["generations.Generation"] == 1
    assert act["erased"]["generations"]["files"] == 2
    assert act["erased"]["legal"]["files"] == 1
    assert act["in_time"] is True
    assert str(zinaida.pk) not in str(act)


@pytest.mark.parametrize(
    ("moment", "step"),
    [
        ("before", "generations"),
        ("after", "generations"),
        ("after", "billing"),
        ("after", "accounts"),
        ("after", "legal"),
        ("after", "the act"),
    ],
)
@pytest.mark.promise("P18")
def test_a_crash_at_any_step_costs_nothing_but_time(zinaida, monkeypatch, step, moment):
    request = deletions.ask(user=zinaida, confirm=EMAIL)

    class Crash(Exception):
        pass

    target = deletions if step == "the act" else next(one for one in personal_data.holders() if one.name == step)
    name = "_finish" if step == "the act" else "erase"
    original = getattr(target, name)

    def crash(*args):
        if moment == "after":
            original(*args)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(target, name, crash)
        with pytest.raises(Crash):
            erased(request)
    request.refresh_from_db()
    if (step, moment) == ("the act", "after"):
        assert request.status == "done"
    else:
        assert request.status == "running"
        assert deletions.start_due() == 1
        assert erased(request)
    assert found_in_database(TRACES) == []
    assert request.act["held"]["generations"] == 1
    assert not deletions.erase(request.pk)


@pytest.mark.promise("P18")
def test_the_clock_begins_what_is_due(alice, settings):
    deletions.ask(user=alice, confirm="alice@example.com")
    clock = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"legal.start_erasures", "legal.expire_exports"} <= clock
    with time_machine.travel(timezone.now() + LATER):
        current_app.tasks["legal.start_erasures"].run()
    assert Job.objects.filter(name="legal.erase").count() == 1


def test_the_erasure_waits_for_what_runs(zinaida):
    lifecycle.start(
        lifecycle.Order(user_id=zinaida.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
    )
    request = deletions.ask(user=zinaida, confirm=EMAIL)
    assert not erased(request)
    assert (request.status, request.waits_for) == ("running", "a generation is being made")
    assert User.objects.get(pk=zinaida.pk).email == EMAIL
    lifecycle.fail(Generation.objects.get(status="queued"), "offline")
    assert erased(request)
    assert request.waits_for == ""


def test_a_legal_hold_stops_the_erasure_visibly(zinaida, olga):
    hold = deletions.place_hold(user=zinaida, ground="Case 12", by=olga)
    request = deletions.ask(user=zinaida, confirm=EMAIL)
    assert not erased(request)
    assert (request.status, request.waits_for) == ("scheduled", deletions.ON_HOLD)
    assert Generation.objects.exists()
    deletions.lift_hold(hold_id=hold.pk, by=olga, reason=REASON)
    assert erased(request)


@pytest.mark.parametrize("typed", ["", "zinaida", "someone@example.com", " - "])
def test_the_person_has_to_type_who_they_are(zinaida, typed):
    with pytest.raises(NotConfirmed):
        deletions.ask(user=zinaida, confirm=typed)
    assert not DeletionRequest.objects.exists()


def test_one_request_at_a_time(zinaida, olga):
    deletions.ask(user=zinaida, confirm=EMAIL)
    with pytest.raises(DeletionPending):
        deletions.ask(user=zinaida, confirm=EMAIL)
    with pytest.raises(DeletionPending):
        deletions.enter(user=zinaida, way="support", by=olga, reason=REASON)


def test_within_the_grace_period_the_person_can_think_again(zinaida):
    heard = []
    for signal in (deletion_scheduled, deletion_cancelled):
        signal.connect(heard_by := lambda signal, **news: heard.append(signal), weak=False)
    request = deletions.ask(user=zinaida, confirm=EMAIL)
    assert not deletions.erase(request.pk)
    assert deletions.cancel(user=zinaida).status == "cancelled"
    for signal in (deletion_scheduled, deletion_cancelled):
        signal.disconnect(heard_by)
    assert heard == [deletion_scheduled, deletion_cancelled]
    assert not erased(request)
    assert Generation.objects.exists()
    with pytest.raises(NothingToCancel):
        deletions.cancel(user=zinaida)


def test_the_link_of_the_letter_keeps_the_account_and_can_do_nothing_else(zinaida):
    request = deletions.ask(user=zinaida, confirm=EMAIL)
    token = deletions.letter_token(request.pk)
    for forged in ("", token[:-1], token.replace(token[:4], "AAAA"), str(request.pk)):
        with pytest.raises(NothingToCancel):
            deletions.cancel_by_letter(forged)
    assert deletions.cancel_by_letter(token).status == "cancelled"
    with pytest.raises(NothingToCancel):
        deletions.cancel_by_letter(token)


def test_once_the_erasure_has_begun_nobody_can_stop_it(zinaida, olga):
    request = deletions.ask(user=zinaida, confirm=EMAIL)
    DeletionRequest.objects.update(status="running")
    with pytest.raises(NothingToCancel):
        deletions.cancel(user=zinaida)
    with pytest.raises(WrongState):
        deletions.reject(request_id=request.pk, by=olga, reason=REASON)


@pytest.mark.promise("P21")
def test_the_account_of_a_child_goes_at_once(zinaida, olga):
    request = deletions.enter(user=zinaida, way="child", by=olga, reason="Her mother wrote")
    assert request.status == "scheduled"
    assert request.erase_at <= timezone.now()
    assert Job.objects.filter(name="legal.erase", args=[str(request.pk)]).exists()
    with pytest.raises(NothingToCancel):
        deletions.cancel(user=zinaida)
    assert deletions.erase(request.pk)
    assert found_in_database(TRACES) == []


@pytest.mark.promise("P21")
@pytest.mark.parametrize("way", ["profile", "support"])
def test_a_child_does_not_wait_for_the_end_of_a_grace_period(zinaida, olga, way):
    if way == "profile":
        waiting = deletions.ask(user=zinaida, confirm=EMAIL)
    else:
        waiting = deletions.enter(user=zinaida, way=way, by=olga, reason=REASON)
    request = deletions.enter(user=zinaida, way="child", by=olga, reason="Her mother wrote")
    assert request.pk == waiting.pk
    assert (request.way, request.status) == ("child", "scheduled")
    with pytest.raises(NothingToCancel):
        deletions.cancel(user=zinaida)
    assert deletions.erase(request.pk)


@pytest.mark.promise("P18")
@pytest.mark.promise("P23")
def test_a_request_by_letter_waits_until_staff_are_sure_who_asks(zinaida, olga):
    request = deletions.enter(user=zinaida, way="support", by=olga, reason=REASON)
    assert request.status == "requested"
    assert not erased(request)
    confirmed = deletions.confirm(request_id=request.pk, by=olga, reason="Same address")
    assert confirmed.status == "scheduled"
    assert erased(request)


def test_a_rejected_request_gives_the_account_back(zinaida, olga):
    request = deletions.enter(user=zinaida, way="staff", by=olga, reason=REASON)
    deletions.reject(request_id=request.pk, by=olga, reason="Not the owner")
    request.refresh_from_db()
    assert request.status == "rejected"
    deletions.ask(user=zinaida, confirm=EMAIL)


@pytest.mark.promise("P18")
def test_everything_is_over_within_thirty_days_and_staff_are_reminded(zinaida, olga, caplog):
    request = deletions.enter(user=zinaida, way="support", by=olga, reason=REASON)
    assert request.deadline - timezone.now() <= timedelta(days=30)
    assert deletions.watch() == 0
    with time_machine.travel(timezone.now() + timedelta(days=26)):
        assert deletions.watch() == 1
        assert "near its deadline" in caplog.text
        confirmed = deletions.confirm(request_id=request.pk, by=olga, reason=REASON)
        assert confirmed.erase_at <= request.deadline


def test_the_same_person_can_come_back_as_somebody_new(zinaida):
    from accounts.services import users

    request = deletions.ask(user=zinaida, confirm=EMAIL)
    assert erased(request)
    again = users.join(email=EMAIL, name=NAME, language="en")
    assert again.pk != zinaida.pk
