"""Notifications of a gateway through the web processes: 10,000 payments are told as paid, a tenth of them twice at the
same time, against an empty view in the same server and run. Every payment has to be credited once.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import psycopg

from bench import load, people, report
from bench.report import Row
from bench.site import BenchSite

PAYMENTS = 10_000
PEOPLE = 500
REPEATED_EVERY = 10
CONNECTIONS = 32
SECONDS_OF_EMPTY = 3.0
TOKENS = 100
AMOUNT = 25_000
SECRET = "sandbox-secret-of-the-benchmark"  # noqa: S105


def run(site: BenchSite) -> list[Row]:
    database_url = site.environment["DATABASE_URL"]
    owners = people.create(database_url, PEOPLE)
    payments = begin(database_url, [owner.id for owner in owners], PAYMENTS)
    gateway = {"SANDBOX_SECRET": SECRET, "SANDBOX_BASE_URL": "http://127.0.0.1:9/sandbox"}
    with site.web(None, **gateway) as port:
        empty = load.request("POST", "/bench/empty", owners[0].key, b"{}")
        before = _rate_of_empty(port, empty)
        answers, seconds = asyncio.run(_send_all(port, _requests(payments)))
        after = _rate_of_empty(port, empty)
    rate, empty_rate = sum(answers.values()) / seconds, (before + after) / 2
    paid, credited, kept = _outcome(database_url)
    site.manage("check_ledger")
    return [
        report.plain("POST to an empty view", empty_rate, "1/s"),
        report.plain("notifications", rate, "1/s"),
        report.at_least("notifications, share of the empty view's rate", rate / empty_rate, "", 1 / 3),
        report.at_most("answers other than 200", float(sum(answers.values()) - answers[200]), "", 0),
        report.at_most("notifications that were not kept", float(sum(answers.values()) - kept), "", 0),
        report.at_most("payments that were not credited", float(PAYMENTS - paid), "", 0),
        report.at_most("tokens credited beyond what was paid", float(credited - PAYMENTS * TOKENS), "", 0),
    ]


def begin(database_url: str, owners: list[UUID], count: int) -> list[UUID]:
    """So many payments that wait for their money."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            """INSERT INTO billing_payment (id, wallet_id, gateway, is_test, status, amount, full_amount, currency,
                   tokens, bonus_tokens, email, language, external_id, charge_id, method, redirect_url, failure,
                   refunded_amount, refunded_tokens, refunded_bonus, closed_amount, expires_at, polls,
                   creation_attempts)
               SELECT id, (%s::uuid[])[1 + number %% %s], 'sandbox', true, 'pending', %s, %s, 'RUB', %s, 0, '', 'en',
                      'sp_' || id, '', '', 'http://127.0.0.1:9/', '', 0, 0, 0, 0, now() + interval '3 hours', 0, 1
               FROM (SELECT gen_random_uuid() AS id, number FROM generate_series(1, %s) AS number) AS one
               RETURNING id""",
            [owners, len(owners), AMOUNT, AMOUNT, TOKENS, count],
        ).fetchall()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return [row[0] for row in rows]


def _requests(payments: list[UUID]) -> Iterator[bytes]:
    """One per payment; each tenth twice in a row, so that both copies are on their way at once."""
    for number, payment in enumerate(payments):
        request = _notification(payment, number)
        yield from itertools.repeat(request, 2 if number % REPEATED_EVERY == 0 else 1)


def _notification(payment: UUID, number: int) -> bytes:
    told = {
        "id": f"sp_{payment}", "reference": str(payment), "status": "paid", "amount": AMOUNT, "currency": "RUB",
        "refunded": 0,
    }  # fmt: skip
    body = json.dumps({"id": f"se_{number}", "payment": told}).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = f"Sandbox-Signature: t={stamp},v1={signature}\r\n"
    return load.request("POST", "/webhooks/payments/sandbox", "", body, headers)


def _rate_of_empty(port: int, request: bytes) -> float:
    requests = itertools.repeat(request)
    return load.run(port, requests, connections=CONNECTIONS, seconds=SECONDS_OF_EMPTY).rate


async def _send_all(port: int, requests: Iterator[bytes]) -> tuple[Counter[int], float]:
    """Send each request once; returns the statuses of the answers and how long it took."""
    statuses: Counter[int] = Counter()

    async def keep_sending() -> None:
        connection = load.Connection(port)
        try:
            for request in requests:
                status, _body = await connection.ask(request)
                statuses[status] += 1
        finally:
            connection.close()

    begun = time.perf_counter()
    await asyncio.gather(*(keep_sending() for _number in range(CONNECTIONS)))
    return statuses, time.perf_counter() - begun


def _outcome(database_url: str) -> tuple[int, int, int]:
    """Payments that are paid, tokens that were credited for payments, notifications that were kept."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            """SELECT (SELECT count(*) FROM billing_payment WHERE status = 'paid'),
                      (SELECT coalesce(sum(paid), 0) FROM billing_journalentry WHERE reference LIKE 'top-up:payment:%'),
                      (SELECT count(*) FROM billing_paymentnotification)"""
        ).fetchone()
    assert row is not None
    return row[0], int(row[1]), row[2]
