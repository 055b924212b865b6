"""The audit finds what somebody with the database's password could do."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from billing.selectors import ledger_differences
from billing.services import bonuses, holds, spend_caps, transfers
from billing.tests.helpers import assert_ledger_is_clean
from neuralbox.core import ids

pytestmark = pytest.mark.django_db

SETTLED = "(SELECT id FROM billing_hold WHERE status = 'captured')"


@pytest.fixture
def busy(alice):
    """alice's wallet after one of everything."""
    wallet = alice.wallet.pk
    spend_caps.replace(owner_id=alice.pk, caps={"day": 900})
    bonuses.grant(wallet_id=wallet, amount=50, reference="gift", description='Ein Geschenk 🎁 "с любовью"\n')
    transfers.post(wallet_id=wallet, kind="refund", amount=-100, reference="refund:payment:1", description="")
    kept, taken, given_back = ids.new(), ids.new(), ids.new()
    for number, hold in enumerate([kept, taken, given_back]):
        holds.place(owner_id=alice.pk, hold_id=hold, amount=100, reference=f"generation:{number}")
    holds.capture(taken, 30)
    holds.release(given_back)
    return alice


def tamper(sql):
    """Change rows as a database administrator could, past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")


def insert(**columns):
    """SQL that adds an entry like another one, with some other values, given as SQL."""
    same = [
        "wallet_id",
        "sequence",
        "kind",
        "reference",
        "description",
        "hold_id",
        "created_at",
        "paid",
        "bonus",
        "held",
    ]
    same += ["issued", "granted", "revenue", "refunded", "corrections", "available_after", "held_after"]
    same += ["previous_hash", "hash"]
    values = ", ".join(str(columns.get(name, name)) for name in same)
    into = f"INSERT INTO billing_journalentry ({', '.join(same)})"
    return f"{into} SELECT {values} FROM billing_journalentry WHERE kind = 'refund'"  # noqa: S608


def test_honest_books_are_clean(busy, capsys):
    assert_ledger_is_clean()
    call_command("check_ledger")
    assert "clean: 8 entries" in capsys.readouterr().out


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE billing_wallet SET paid = paid + 1", "balance is not the sum"),
        ("UPDATE billing_wallet SET held = held + 1, paid = paid - 1", "balance is not the sum"),
        (
            "UPDATE billing_hold SET status = 'released', captured = 0 WHERE status = 'active'",
            "not those of its active holds",
        ),
        ("UPDATE billing_hold SET captured = 31 WHERE captured = 30", "different stories"),
        ("UPDATE billing_spendusage SET used = 0", "spend cap counts something else"),
        ("DELETE FROM billing_spendusage", "spend cap is not counted"),
        ("UPDATE billing_journalentry SET description = 'A present' WHERE kind = 'bonus'", "does not match its hash"),
        (
            "UPDATE billing_journalentry SET created_at = created_at - interval '1 microsecond' WHERE kind = 'refund'",
            "match its hash",
        ),
        (
            "UPDATE billing_journalentry SET paid = paid + 5, issued = issued - 5 WHERE kind = 'top_up'",
            "balance is not the sum",
        ),
        (
            "UPDATE billing_journalentry SET revenue = 0, corrections = revenue WHERE kind = 'capture'",
            "different stories",
        ),
        ("DELETE FROM billing_journalentry WHERE kind = 'refund'", "some are missing"),
        ("DELETE FROM billing_journalentry WHERE sequence = 8", "does not end with the entry"),
        ("DELETE FROM billing_journalentry", "8 entries are missing"),
        ("UPDATE billing_wallet SET last_hash = decode(repeat('00', 32), 'hex')", "does not end with the entry"),
    ],
)
def test_tampering_is_found(busy, sql, found):
    tamper(sql)
    assert any(found in difference for difference in ledger_differences())
    with pytest.raises(CommandError):
        call_command("check_ledger")


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_journalentry SET description = 'x'",
        "UPDATE billing_journalentry SET description = 'x' WHERE false",
        "DELETE FROM billing_journalentry",
        "UPDATE billing_wallet SET paid = -1",
        "UPDATE billing_wallet SET bonus = -1",
        "UPDATE billing_wallet SET held = -1",
        "UPDATE billing_hold SET captured = amount + 1, status = 'captured'",
        "UPDATE billing_hold SET captured = -1, status = 'captured'",
        "UPDATE billing_hold SET paid = paid + 1",
        "DELETE FROM billing_hold; SET CONSTRAINTS ALL IMMEDIATE",
        "DELETE FROM billing_wallet; SET CONSTRAINTS ALL IMMEDIATE",
        insert(sequence=99, reference="'x'", paid=1),  # not balanced
        insert(sequence=99, reference="'x'", kind="'capture'", hold_id=SETTLED),  # twice
        insert(sequence=1, reference="'x'"),  # the number is taken
        insert(sequence=99, reference="'refund:payment:1'"),  # the reference is taken
    ],
)
def test_the_database_itself_refuses(busy, sql):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert_ledger_is_clean()


def test_only_a_test_database_can_be_emptied(busy):
    """The trigger lets TRUNCATE through where the name of the database begins with test_, and nowhere else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("test_")
        cursor.execute("SELECT pg_get_functiondef('billing_refuse_change'::regproc)")
        assert r"current_database() LIKE 'test\_%'" in cursor.fetchone()[0]
        cursor.execute("SELECT tgtype FROM pg_trigger WHERE tgname = 'billing_journal_is_append_only'")
        before, delete, update, truncate = 2, 8, 16, 32
        assert cursor.fetchone()[0] & (before | delete | update | truncate) == before | delete | update | truncate
