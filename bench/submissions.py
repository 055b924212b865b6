"""A thousand submissions a minute through one worker process, and never more than the provider allows.

The provider here takes 200 ms to accept an order, as real ones do, and notes when each arrived. Its limit is set as
staff would set it. A limit is kept if no window of its length, wherever it begins, saw more arrivals.
"""

import asyncio
import bisect
import contextlib
import json
import sys
import time
import uuid
from collections.abc import Iterator

import psycopg

from bench import load, people, report
from bench.api import GENERATIONS
from bench.people import Person
from bench.report import Row
from bench.site import BenchSite
from bench.streams import evenly
from neuralbox.local import ports
from neuralbox.local.site import QUEUES

ORDERS = 1000
ORDERS_PER_SECOND = 50.0
ACCEPTS_AFTER = 0.2
LIMIT = 250
WINDOW = 10
PATIENCE = 150.0


def run(site: BenchSite) -> list[Row]:
    """Order everything within some twenty seconds, and watch it arrive."""
    database_url = site.environment["DATABASE_URL"]
    everybody = people.create(database_url, 50)
    limit(database_url)
    port = ports.free_port()
    site.environment["OFFLINE_BASE_URL"] = f"http://127.0.0.1:{port}"
    try:
        with contextlib.ExitStack() as stack:
            api_port = stack.enter_context(site.web())
            stack.enter_context(_worker(site))
            stack.enter_context(site.python_module("celery", "--app", "neuralbox", "beat", "--pidfile", ""))
            provider = asyncio.run(_watch(everybody, api_port, port))
    finally:
        del site.environment["OFFLINE_BASE_URL"]
        with psycopg.connect(database_url) as connection:
            connection.execute("DELETE FROM providers_providerhealth")
            refused = connection.execute(
                "SELECT count(*) FROM generations_providertask WHERE failure_code = 'rate_limited'"
            ).fetchone()
    arrivals = sorted(provider.arrivals)
    span = arrivals[-1] - arrivals[0]
    return [
        report.at_least("orders that arrived", len(provider.references), "", ORDERS),
        report.at_most("orders that arrived twice", len(arrivals) - len(provider.references), "", 0),
        report.at_least("submissions a minute through one worker process", 60 * len(arrivals) / span, "1/min", 1000),
        report.at_most(f"most arrivals in any {WINDOW} s", busiest(arrivals, WINDOW), "", LIMIT),
        report.at_most("submissions that the provider refused as too many", refused[0] if refused else 0, "", 0),
    ]


def limit(database_url: str) -> None:
    """Set the limit of the provider, as staff would."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            """INSERT INTO providers_providerhealth (id, provider, status, reason, detail, failures, pauses,
                   is_switched_off, switch_reason, requests, per_seconds, balance_unit)
               VALUES (%s, 'offline', 'closed', '', '', 0, 0, false, '', %s, %s, '')
               ON CONFLICT (provider) DO UPDATE SET requests = EXCLUDED.requests, per_seconds = EXCLUDED.per_seconds""",
            [uuid.uuid4(), LIMIT, WINDOW],
        )


@contextlib.contextmanager
def _worker(site: BenchSite) -> Iterator[None]:
    size = ("--pool", "threads", "--concurrency", "16", "--queues", ",".join(QUEUES))
    celery = (sys.executable, "-m", "celery", "--app", "neuralbox", "--quiet", "worker", *size)
    with site.running(*celery, "--without-gossip", "--without-mingle", "--loglevel", "error", DATABASE_POOL_SIZE="20"):
        yield


def busiest(arrivals: list[float], window: float) -> int:
    """The most of the sorted moments that lie within any `window` seconds."""
    return max(bisect.bisect_left(arrivals, moment + window) - at for at, moment in enumerate(arrivals))


async def _watch(everybody: list[Person], api_port: int, port: int) -> "_Provider":
    provider = _Provider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", port)
    await evenly((everybody * ORDERS)[:ORDERS], _place, api_port, per_second=ORDERS_PER_SECOND)
    deadline = time.monotonic() + PATIENCE
    while len(provider.references) < ORDERS and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    # Long enough for one that would be sent twice.
    await asyncio.sleep(3)
    server.close()
    await provider.hang_up()
    return provider


async def _place(connection: load.Connection, person: Person) -> None:
    body = json.dumps({"model": "demo-image", "input": {"prompt": "A lighthouse", "size": "512"}}).encode()
    status, answer = await connection.ask(load.request("POST", GENERATIONS, person.key, body))
    if status != 202:
        raise RuntimeError(f"order answered {status}: {answer!r}")


class _Provider:
    """Speaks the wire of the offline engine: takes orders slowly, and never ends them."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self.references: set[str] = set()
        self._callers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower():
                length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                path = head.split(" ", 2)[1]
                content = await self._answer(path, head, body)
                answer = json.dumps(content).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        writer.close()

    async def hang_up(self) -> None:
        for caller in self._callers:
            caller.close()
        await asyncio.sleep(0.1)

    async def _answer(self, path: str, head: str, body: bytes) -> object:
        if path == "/v1/tasks":
            reference = next(line[17:] for line in head.split("\r\n") if line.startswith("idempotency-key: "))
            self.arrivals.append(time.monotonic())
            self.references.add(reference)
            await asyncio.sleep(ACCEPTS_AFTER)
            return _task(reference)
        if path == "/v1/tasks/query":
            return {"tasks": [_task(one.removeprefix("task-")) for one in json.loads(body)["ids"]]}
        if path.startswith("/v1/tasks/"):
            return _task(path.removeprefix("/v1/tasks/task-"))
        return {"status": "ok"}


def _task(reference: str) -> dict[str, object]:
    return {"id": f"task-{reference}", "reference": reference, "status": "queued", "progress": 0}
