"""A purge of a million rows while the site serves: how fast it goes, and what readers and writers notice of it."""

import itertools
import subprocess
import sys
import threading
import time
from uuid import UUID

import psycopg

from bench import load, people, report
from bench.report import Row
from bench.site import REPOSITORY, BenchSite

ROWS = 1_000_000
PEOPLE = 1000
KIND = "accounts.security_events"
_FILL = """
    INSERT INTO accounts_securityevent (id, user_id, kind, ip, user_agent, details, created_at)
    SELECT gen_random_uuid(), (%(people)s::uuid[])[1 + number %% %(count)s], 'signed_in', '203.0.113.7', 'Firefox',
           '{}', now() - interval '400 days' - number * interval '1 second'
    FROM generate_series(1, %(rows)s) AS number
"""
_WRITE = """
    INSERT INTO accounts_securityevent (id, user_id, kind, ip, user_agent, details)
    VALUES (gen_random_uuid(), %s, 'signed_in', '203.0.113.7', 'Firefox', '{}')
"""


def run(site: BenchSite) -> list[Row]:
    database_url = site.environment["DATABASE_URL"]
    team = people.create(database_url, PEOPLE)
    fill(database_url, [one.id for one in team], ROWS)
    reads = itertools.cycle([load.request("GET", "/api/v1/balance", one.key) for one in team[:50]])
    with site.web() as port:
        calm = load.run(port, reads, connections=2, seconds=5)
        purge = _Purge(site)
        writer = _Writer(database_url, team[0].id)
        busy: list[float] = []
        failed = 0
        while purge.goes_on():
            part = load.run(port, reads, connections=2, seconds=5, warm_up=0)
            busy += part.seconds
            failed += sum(count for status, count in part.statuses.items() if status != 200)
        slowest_write = writer.stop()
    with psycopg.connect(database_url) as connection:
        left = connection.execute(
            "SELECT count(*) FROM accounts_securityevent WHERE created_at < now() - interval '366 days'"
        ).fetchone()
    assert left is not None
    return [
        report.at_least("rows purged, while the site serves", ROWS / purge.seconds, "1/s", 1000),
        report.at_most("rows left afterwards", float(left[0]), "", 0),
        report.plain("a balance before the purge, 99 of 100 within", calm.percentile(0.99) * 1000, "ms"),
        report.at_most("a balance during the purge, 99 of 100 within", load.percentile(busy, 0.99) * 1000, "ms", 250),
        report.at_most("a row written meanwhile, the slowest", slowest_write * 1000, "ms", 1000),
        report.at_most("failed requests meanwhile", float(failed), "", 0),
    ]


def fill(database_url: str, owners: list[UUID], rows: int) -> None:
    """So many entries of the security log that are to be purged."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_FILL, {"people": owners, "count": len(owners), "rows": rows})
        connection.execute("ANALYZE accounts_securityevent")


def write(connection: psycopg.Connection, owner: object) -> None:
    """One new entry of the security log."""
    connection.execute(_WRITE, [owner])


class _Purge:
    """`manage.py purge`, as the clock would run it. `seconds` is how long it took."""

    def __init__(self, site: BenchSite) -> None:
        self._began = time.monotonic()
        self.seconds = 0.0
        command = [sys.executable, "manage.py", "purge", "--kind", KIND]
        self._child = subprocess.Popen(command, env=site.environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        if self._child.wait():
            raise RuntimeError("the purge failed")
        self.seconds = time.monotonic() - self._began

    def goes_on(self) -> bool:
        return self._child.poll() is None


class _Writer:
    """Writes a row twenty times a second into the table that is being purged."""

    def __init__(self, database_url: str, user_id: object) -> None:
        self._ended = threading.Event()
        self._slowest = 0.0
        self._thread = threading.Thread(target=self._write, args=(database_url, user_id))
        self._thread.start()

    def _write(self, database_url: str, user_id: object) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            while not self._ended.wait(0.05):
                began = time.perf_counter()
                write(connection, user_id)
                self._slowest = max(self._slowest, time.perf_counter() - began)

    def stop(self) -> float:
        """The slowest write, in seconds."""
        self._ended.set()
        self._thread.join()
        return self._slowest
