"""What the benchmarks write by SQL fits the tables: one column more breaks a test here, and not a measurement later."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo
from rest_framework.test import APIClient

from accounts.models import SecurityEvent
from bench import api, filling, million, notifications, people, purge, submissions
from billing.models import Hold, JournalEntry, Payment, Wallet
from billing.selectors import balance, ledger_differences
from generations.models import Asset, Generation, ProviderTask
from generations.services import lifecycle
from providers import selectors
from providers.services import limits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def database_url() -> str:
    """The database of this test, for connections of the benchmarks' own."""
    found = connection.settings_dict
    return make_conninfo(
        dbname=found["NAME"], user=found["USER"], password=found["PASSWORD"], host=found["HOST"], port=found["PORT"]
    )


@pytest.fixture
def team(database_url) -> list[people.Person]:
    return people.create(database_url, 3)


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        return {row[0] for row in cursor.fetchall()}


def test_people_have_tokens_and_keys_that_work(team):
    for person in team:
        answer = APIClient().get("/api/v1/balance", headers={"Authorization": f"Bearer {person.key}"})
        assert answer.json()["available"] == people.TOKENS_EACH
    call_command("check_ledger")


def test_a_history_is_written_as_the_product_would_have_written_it(team, database_url, catalogue):
    before = indexes()
    million.fill(database_url, [person.id for person in team], each=30)
    assert indexes() == before
    ended = Counter(Generation.objects.values_list("status", flat=True))
    assert (sum(ended.values()), set(ended)) == (90, {"succeeded", "failed"})
    assert Asset.objects.count() == ended["succeeded"]
    assert Counter(Hold.objects.values_list("status", flat=True)) == {
        "captured": ended["succeeded"],
        "released": ended["failed"],
    }
    for wallet in Wallet.objects.all():
        last = JournalEntry.objects.filter(wallet=wallet).latest("sequence")
        assert (last.sequence, last.available_after) == (wallet.entries_count, wallet.paid)
    # Chains are not written. All else is as an audit wants it.
    assert [line for line in ledger_differences() if not line.startswith("the chain of wallet")] == []


def test_everything_that_was_ordered_can_look_finished(alice, database_url, catalogue):
    order = lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input={"prompt": "A lighthouse", "size": "512"})
    started = lifecycle.start(order)
    api.finish_all(database_url)
    generation = Generation.objects.get(pk=started.id)
    assert (generation.status, generation.assets.count()) == ("succeeded", 1)


def test_what_is_put_in_flight_was_really_ordered_and_paid_for(team, catalogue, offline_engine):
    filling.fill(4)
    tasks = ProviderTask.objects.select_related("generation")
    assert [(task.status, task.generation.status) for task in tasks] == [("running", "running")] * 4
    assert all(task.external_id for task in tasks)
    assert sum(balance(person.id).held for person in team) == 4 * filling.TOKENS
    call_command("check_ledger")


def test_payments_wait_for_their_money(team, database_url):
    begun = notifications.begin(database_url, [person.id for person in team], 5)
    assert set(Payment.objects.values_list("pk", "status")) == {(payment, "pending") for payment in begun}
    assert Payment.objects.filter(amount=notifications.AMOUNT, wallet__owner_id=team[0].id).exists()
    call_command("check_ledger")


def test_a_security_log_is_old_but_for_what_is_written_meanwhile(team, database_url):
    purge.fill(database_url, [person.id for person in team], 7)
    with connection.cursor() as cursor:
        purge.write(cursor, team[0].id)
    rows = SecurityEvent.objects.order_by("created_at")
    assert rows.count() == 8
    assert (rows.last().created_at - rows[6].created_at).days >= 399


def test_the_limit_of_the_provider_is_what_staff_could_have_set(database_url):
    submissions.limit(database_url)
    submissions.limit(database_url)
    kept = limits.limits_of(selectors.health()["offline"])
    assert (kept.requests, kept.per_seconds) == (submissions.LIMIT, submissions.WINDOW)
