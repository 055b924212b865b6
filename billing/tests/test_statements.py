"""A customer verifies what they downloaded, with the program that we serve and nothing else."""

import csv
import io
import json
import subprocess
import sys

import pytest
from django.test import AsyncClient

from billing import verify_statement
from billing.models import JournalEntry
from billing.services import bonuses, holds
from neuralbox.core import ids
from neuralbox.tests import asynchronous

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(alice):
    bonuses.grant(
        wallet_id=alice.wallet.pk, amount=50, reference="gift", description='С "любовью" 🎁, \\ и\nс новой строки\x7f'
    )
    for captured in (30, 0, None):
        hold = ids.new()
        holds.place(owner_id=alice.pk, hold_id=hold, amount=70, reference=f"generation:{hold}")
        holds.release(hold) if captured is None else holds.capture(hold, captured)
    return alice


@pytest.fixture
def verify(client, tmp_path):
    """Runs the served program on files with these contents. Returns its exit code and what it said."""
    served = client.get("/api/v1/ledger/verify_statement.py")
    assert served.status_code == 200
    assert served["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in served["Content-Disposition"]
    program = tmp_path / "verify_statement.py"
    program.write_bytes(served.content)

    def run(*contents):
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"statement-{number}")
            paths[-1].write_bytes(content)
        ended = subprocess.run([sys.executable, "-I", program, *paths], capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    return run


def download(client, **query):
    answer = client.get("/api/v1/ledger/statement", query)
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    return b"".join(answer.streaming_content)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_honest_statement_is_found_whole(busy, api_client_of, verify, form):
    code, said = verify(download(api_client_of(busy), format=form))
    assert (code, "OK, entries 1 to 8" in said) == (0, True), said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_asynchronous_server_streams_the_same(busy, api_client_of, form):
    client = api_client_of(busy)
    headers = {"Authorization": client._credentials["HTTP_AUTHORIZATION"], "Accept-Language": "en"}

    async def receive():
        answer = await AsyncClient().get("/api/v1/ledger/statement", {"format": form}, headers=headers)
        return [piece async for piece in answer.streaming_content]

    assert b"".join(asynchronous.run(receive())) == download(client, format=form)


def test_the_statement_of_nobody_is_empty_and_sound(bob, api_client_of, verify):
    client = api_client_of(bob)
    for form in ("json", "csv"):
        code, said = verify(download(client, format=form))
        assert (code, "OK, no entries" in said) == (0, True), said


def change(entries, number, **changes):
    entries[number] |= changes
    return entries


def rehashed(entries, number, **changes):
    """Changed by somebody who also mends the hash of the entry."""
    change(entries, number, **changes)
    entries[number]["hash"] = verify_statement.entry_hash(entries[number])
    return entries


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    ("forge", "found"),
    [
        (lambda entries: change(entries, 1, description="another"), "entry 2: the content does not match its hash"),
        (lambda entries: change(entries, 2, held=71), "entry 3: the amounts do not sum to zero"),
        (lambda entries: change(entries, 2, created_at="2020-01-01T00:00:00.000000Z"), "entry 3: the content"),
        (lambda entries: rehashed(entries, 2, description="another"), "entry 4: it does not continue"),
        (lambda entries: rehashed(entries, 7, available_after=5), "entry 8: the available balance does not follow"),
        (lambda entries: rehashed(entries, 7, held_after=5), "entry 8: the held balance does not follow"),
        (lambda entries: entries[:3] + entries[4:], "entry 5: the entry before it is number 3"),
        (lambda entries: entries[::-1], "entry 7: the entry before it is number 8"),
        (lambda entries: rehashed(entries, 0, previous_hash="1" * 64), "entry 1: it does not continue"),
        (lambda entries: rehashed(entries, 7, wallet=str(ids.new())), "entry 8: it belongs to another wallet"),
    ],
)
def test_a_forged_statement_is_found_out(busy, api_client_of, verify, forge, found):
    statement = json.loads(download(api_client_of(busy)))
    statement["entries"] = forge(statement["entries"])
    code, said = verify(json.dumps(statement).encode())
    assert code == 1
    assert found in said


def test_history_that_was_rewritten_between_two_downloads_is_found(busy, api_client_of, verify):
    client = api_client_of(busy)
    first = download(client)
    statement = json.loads(first)
    rewritten = statement["entries"]
    for number, entry in enumerate(rewritten):
        previous = rewritten[number - 1]["hash"] if number else verify_statement.START
        rehashed(rewritten, number, previous_hash=previous, description=entry["description"] or "mended")
    second = json.dumps(statement).encode()
    assert verify(second)[0] == 0
    code, said = verify(first, second)
    assert (code, "differ" in said) == (1, True)
    assert verify(first, download(client, format="csv"))[0] == 0


@pytest.mark.parametrize("content", [b"", b"{", b"a,b\n1,2\n", b'{"entries": [{}]}', b"{}", b"\xff\xfe\x00", b"[]"])
def test_what_is_no_statement_is_said_to_be_none(verify, content):
    code, said = verify(content)
    assert "Traceback" not in said
    assert (code, "not a statement" in said) == (1, True)


def test_a_period_is_part_of_the_chain(busy, api_client_of, verify):
    client = api_client_of(busy)
    whole = json.loads(download(client))["entries"]
    part = download(client, **{"from": whole[2]["created_at"], "to": whole[5]["created_at"]})
    assert [entry["sequence"] for entry in json.loads(part)["entries"]] == [3, 4, 5]
    assert verify(part)[0] == 0
    today = whole[0]["created_at"][:10]
    assert len(json.loads(download(client, **{"from": today, "to": today}))["entries"]) == 8
    assert json.loads(download(client, to="2020-01-01"))["entries"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "yesterday"}, "/from"),
        ({"to": "2026-02-30"}, "/to"),
        ({"to": "9999-12-31"}, "/to"),
        ({"format": "xml"}, "/format"),
        ({"from": "\x00"}, "/from"),
    ],
)
def test_a_wrong_period_or_format_is_refused(alice, api_client_of, query, pointer):
    answer = api_client_of(alice).get("/api/v1/ledger/statement", query)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_the_table_has_readable_titles_in_the_callers_language(busy, api_client_of):
    text = download(api_client_of(busy), format="csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows][:1] == ["Test"]
    assert rows[3]["title"] == "Paid for a generation"
    assert {row["wallet"] for row in rows} == {str(busy.wallet.pk)}


def test_each_downloads_only_their_own(busy, mallory, api_client_of):
    entries = json.loads(download(api_client_of(mallory)))["entries"]
    assert {entry["wallet"] for entry in entries} == {str(mallory.wallet.pk)}
    assert JournalEntry.objects.count() == len(entries) + 8
