"""The wallet through the API: balance, ledger, caps."""

import pytest
from django.db import connection
from django.test import override_settings

from accounts.services import users
from billing import selectors
from billing.errors import SpendCapReached
from billing.services import bonuses, holds
from neuralbox.core import ids

pytestmark = pytest.mark.django_db


def spend(user, tokens, *, captured=None, reference=None):
    hold = ids.new()
    holds.place(owner_id=user.pk, hold_id=hold, amount=tokens, reference=reference or f"generation:{hold}")
    if captured is not None:
        holds.capture(hold, captured)
    return hold


@pytest.mark.promise("P2")
@pytest.mark.promise("P4")
def test_the_balance_is_shown(alice, api_client_of):
    bonuses.grant(wallet_id=alice.wallet.pk, amount=50, reference="gift")
    spend(alice, 80)
    answer = api_client_of(alice).get("/api/v1/balance")
    assert answer.json() == {"available": 970, "held": 80, "paid": 970, "bonus": 0}


@override_settings(WELCOME_TOKENS=100)
def test_who_joins_finds_a_wallet_with_welcome_tokens(api_client_of, db):
    carol = users.join(email="carol@example.com", name="Carol", language="ru")
    client = api_client_of(carol)
    assert client.get("/api/v1/balance").json() == {"available": 100, "held": 0, "paid": 0, "bonus": 100}
    [entry] = client.get("/api/v1/ledger").json()["results"]
    assert (entry["kind"], entry["reference"]) == ("bonus", f"bonus:welcome:{carol.pk}")
    assert entry["description"] == "Welcome tokens"
    [entry] = client.get("/api/v1/ledger", HTTP_ACCEPT_LANGUAGE="ru").json()["results"]
    assert entry["description"] == "Приветственные токены"


@pytest.mark.promise("P5")
def test_the_ledger_tells_every_movement_newest_first(alice, api_client_of):
    spend(alice, 60, captured=20)
    newest, placed, bought = api_client_of(alice).get("/api/v1/ledger").json()["results"]
    assert [entry["sequence"] for entry in (newest, placed, bought)] == [3, 2, 1]
    assert (bought["kind"], bought["amount"], bought["balance_after"]) == ("top_up", 1000, 1000)
    assert (placed["kind"], placed["amount"], placed["balance_after"], placed["held_after"]) == ("hold", -60, 940, 60)
    assert newest["kind"] == "capture"
    assert (newest["amount"], newest["available_change"], newest["held_change"]) == (-20, 40, -60)
    assert (newest["balance_after"], newest["held_after"]) == (980, 0)
    assert newest["description"] == "Paid for a generation"


def test_the_ledger_comes_in_pages_without_gaps_or_doubles(alice, api_client_of):
    for _ in range(6):
        spend(alice, 1)
    client = api_client_of(alice)
    seen, address = [], "/api/v1/ledger?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [entry["sequence"] for entry in page["results"]]
        address = page["next"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_the_ledger_is_filtered(alice, api_client_of):
    spend(alice, 60, captured=20)
    client = api_client_of(alice)
    times = {entry["kind"]: entry["created_at"] for entry in client.get("/api/v1/ledger").json()["results"]}

    def kinds(**query):
        return [entry["kind"] for entry in client.get("/api/v1/ledger", query).json()["results"]]

    assert kinds(kind="hold") == ["hold"]
    assert kinds(kind="top_up,capture") == ["capture", "top_up"]
    assert kinds(created_after=times["hold"]) == ["capture", "hold"]
    assert kinds(created_before=times["hold"]) == ["top_up"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("kind=gift", "/kind"),
        ("created_after=yesterday", "/created_after"),
        ("created_before=0001-01-01T00:00:00%2B14:00", "/created_before"),
        ("kind=%00", "/kind"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=cD1hYmM%3D", "/cursor"),
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "/cursor"),
    ],
)
def test_wrong_filters_are_refused_with_a_reason(alice, api_client_of, query, pointer):
    answer = api_client_of(alice).get(f"/api/v1/ledger?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_each_sees_only_their_own(alice, bob, api_client_of):
    client = api_client_of(bob)
    assert client.get("/api/v1/balance").json()["available"] == 0
    assert client.get("/api/v1/ledger").json()["results"] == []


def test_the_number_of_queries_does_not_grow(alice, api_client_of, django_assert_num_queries):
    client = api_client_of(alice)
    client.get("/api/v1/balance")
    with django_assert_num_queries(2):
        client.get("/api/v1/balance")
    for _ in range(20):
        spend(alice, 1)
    with django_assert_num_queries(2):
        assert len(client.get("/api/v1/ledger").json()["results"]) == 20


def test_a_page_reads_its_own_rows_however_long_the_ledger_is(alice):
    """The index gives the order: nothing is sorted."""
    page = selectors.entries(alice.pk).filter(sequence__lt=5).order_by("-sequence")[:21]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = page.explain()
    assert "Index Scan Backward using billing_one_entry_per_number" in plan
    assert "Sort" not in plan


def test_nobody_is_asked_to_sign_in(client):
    for address in ("balance", "ledger", "ledger/statement", "wallet/caps"):
        assert client.get(f"/api/v1/{address}").status_code == 401


def test_limits_are_set_seen_and_kept(alice, person_client_of):
    spend(alice, 100, captured=70)
    client = person_client_of(alice)
    answer = client.put("/api/v1/wallet/caps", {"day": 300, "total": None}, format="json")
    assert answer.status_code == 200
    assert answer.json()["hour"] is answer.json()["month"] is answer.json()["total"] is None
    assert (answer.json()["day"]["limit"], answer.json()["day"]["used"]) == (300, 70)
    spend(alice, 230)
    with pytest.raises(SpendCapReached):
        spend(alice, 1)
    assert client.get("/api/v1/wallet/caps").json()["day"]["used"] == 300
    answer = client.put("/api/v1/wallet/caps", {}, format="json")
    assert set(answer.json().values()) == {None}
    spend(alice, 1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"day": -1}, "/day"),
        ({"day": "many"}, "/day"),
        ({"day": 10**12 + 1}, "/day"),
        ({"week": 5}, "/week"),
        ([], "/"),
    ],
)
def test_wrong_limits_are_refused_and_change_nothing(alice, person_client_of, body, pointer):
    client = person_client_of(alice)
    client.put("/api/v1/wallet/caps", {"day": 5}, format="json")
    answer = client.put("/api/v1/wallet/caps", body, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert client.get("/api/v1/wallet/caps").json()["day"]["limit"] == 5


def test_a_program_cannot_change_the_limits(alice, api_client_of):
    client = api_client_of(alice)
    assert client.get("/api/v1/wallet/caps").status_code == 403
    assert client.put("/api/v1/wallet/caps", {}, format="json").status_code == 403
