"""Ten thousand generations in flight on one worker process, with a provider that takes its time.

The offline engine, which answers with constant files here, has a task for each of them that never ends by itself, so
that the worker has 10,000 to watch. Beside them, orders go the whole road, from the API to the stored file, and are
timed: half of these are announced by the engine's webhook, half are found by polling. At last many end within one
second, all announced by webhook.
"""

import asyncio
import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime

import psycopg

from bench import load, people, report
from bench.api import GENERATIONS
from bench.people import Person
from bench.report import Row
from bench.site import BenchSite
from bench.streams import evenly, events_process, listen, resident_bytes
from neuralbox.local import ports
from neuralbox.local.site import QUEUES

IN_FLIGHT = 10_000
PEOPLE = 200
TIMED = 180
TIMED_PER_SECOND = 4.0
TIMED_DELAY = 10
BURST = 40
MIB = 1024 * 1024

# Written by the database itself, when a poll is taken: how late it is.
_TRIGGER = """
    CREATE UNLOGGED TABLE bench_poll (at timestamptz DEFAULT clock_timestamp(), seconds float);
    CREATE FUNCTION bench_note_poll() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO bench_poll (seconds) VALUES (extract(epoch FROM clock_timestamp() - OLD.next_poll_at));
        RETURN NULL;
    END $$;
    CREATE TRIGGER bench_note_poll AFTER UPDATE ON generations_providertask FOR EACH ROW
    WHEN (NEW.polls > OLD.polls AND OLD.next_poll_at IS NOT NULL) EXECUTE FUNCTION bench_note_poll();
    UPDATE generations_modelversion SET deadline_seconds = 3600;
"""


def run(site: BenchSite) -> list[Row]:
    """Fill the site with work, then watch it for a while. Bounded to about four minutes."""
    database_url = site.environment["DATABASE_URL"]
    with psycopg.connect(database_url) as connection:
        connection.execute(_TRIGGER)
    everybody = people.create(database_url, PEOPLE)
    with contextlib.ExitStack() as stack:
        api_port, hook_port, engine_port = (ports.free_port() for _number in range(3))
        addresses = {
            "OFFLINE_BASE_URL": f"http://127.0.0.1:{engine_port}",
            "WEBHOOK_BASE_URL": f"http://127.0.0.1:{hook_port}",
        }
        site = dataclasses.replace(site, environment=site.environment | addresses)
        engine = ("manage.py", "offline_engine", "--no-render", "--workers", "1", "--port", str(engine_port))
        stack.enter_context(site.running(sys.executable, *engine, port=engine_port))
        site.python("-m", "bench.filling", str(IN_FLIGHT))
        stack.enter_context(site.web(api_port))
        events_port, _pid = stack.enter_context(events_process(site))
        worker = stack.enter_context(_worker(site))
        stack.enter_context(site.python_module("celery", "--app", "neuralbox", "beat", "--pidfile", ""))
        watch = _Watch(database_url, worker)
        return asyncio.run(watch.run(everybody, api_port, hook_port, events_port))


@contextlib.contextmanager
def _worker(site: BenchSite) -> Iterator[int]:
    """The one worker process. Yields its process id."""
    size = ("--pool", "threads", "--concurrency", "16", "--queues", ",".join(QUEUES))
    celery = ("celery", "--app", "neuralbox", "--quiet", "worker", *size, "--without-gossip", "--without-mingle")
    with site.python_module(*celery, "--loglevel", "error", DATABASE_POOL_SIZE="20") as worker:
        yield worker.pid


class _Watch:
    """What is seen from outside: the worker's memory, the database, the streams, and the webhooks passing by."""

    def __init__(self, database_url: str, worker: int) -> None:
        self._database_url = database_url
        self._worker = worker
        self._memory = 0
        self._ended: dict[str, float] = {}
        self._called: dict[str, float] = {}
        self._burst: dict[str, float] = {}
        self._calling = self._called
        self._callers: list[asyncio.StreamWriter] = []

    async def run(self, everybody: list[Person], api_port: int, hook_port: int, events_port: int) -> list[Row]:
        callback = await asyncio.start_server(self._forwarder(api_port), "127.0.0.1", hook_port)
        weighing = asyncio.create_task(self._weigh())
        streams = [await listen(events_port, person.key, self._told) for person in everybody]
        in_flight = self._in_flight()
        # Until the polls have found their pace.
        await asyncio.sleep(5)
        since = datetime.now().astimezone()
        await self._order_timed(everybody, api_port)
        await asyncio.sleep(TIMED_DELAY + 25)
        self._calling = self._burst
        body = _order(delay_seconds=TIMED_DELAY, instant=True, webhook="once")
        await evenly(everybody[:BURST], _placing(body), api_port, per_second=BURST)
        await asyncio.sleep(TIMED_DELAY + 15)
        rows = self._rows(in_flight, since)
        for task in (*streams, weighing):
            task.cancel()
        await asyncio.gather(*streams, weighing, return_exceptions=True)
        callback.close()
        for caller in self._callers:
            caller.close()
        await asyncio.sleep(0.1)
        return rows

    async def _order_timed(self, everybody: list[Person], api_port: int) -> None:
        for hook in ("once", "none"):
            body = _order(delay_seconds=TIMED_DELAY, instant=True, webhook=hook)
            await evenly(everybody[: TIMED // 2], _placing(body), api_port, per_second=TIMED_PER_SECOND)

    def _told(self, event: str, data: dict[str, object]) -> None:
        if event == "status" and data["status"] == "succeeded":
            self._ended.setdefault(str(data["generation"]), time.time())

    async def _weigh(self) -> None:
        while True:
            self._memory = max(self._memory, resident_bytes(self._worker))
            await asyncio.sleep(0.5)

    def _forwarder(self, api_port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        """Stands between the engine and the site, to see when each webhook sets out."""

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._callers.append(writer)
            connection = load.Connection(api_port)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while head := await reader.readuntil(b"\r\n\r\n"):
                    lowered = head.lower()
                    at = lowered.find(b"content-length:")
                    body = await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
                    self._calling.setdefault(json.loads(body)["task"]["reference"], time.time())
                    status, answer = await connection.ask(head + body)
                    writer.write(b"HTTP/1.1 %d -\r\nContent-Length: %d\r\n\r\n%s" % (status, len(answer), answer))
            connection.close()
            writer.close()

        return forward

    def _query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self._database_url) as connection:
            return connection.execute(sql, values).fetchall()

    def _in_flight(self) -> int:
        sql = "SELECT count(*) FROM generations_providertask WHERE status IN ('submitted', 'running')"
        return int(str(self._query(sql)[0][0]))

    def _rows(self, in_flight: int, since: datetime) -> list[Row]:
        late = [
            max(0.0, float(str(row[0]))) for row in self._query("SELECT seconds FROM bench_poll WHERE at > %s", since)
        ]
        begun = [
            1000 * float(str(row[0]))
            for row in self._query(
                """SELECT extract(epoch FROM task.prompt_sent_at - generation.created_at)
                   FROM generations_providertask AS task
                   JOIN generations_generation AS generation ON generation.id = task.generation_id
                   WHERE generation.created_at > %s""",
                since,
            )
        ]
        tasks = {
            str(task): str(generation)
            for task, generation in self._query("SELECT id, generation_id FROM generations_providertask")
        }
        hooks, burst = (
            [
                1000 * (self._ended[tasks[task]] - called)
                for task, called in calls.items()
                if tasks.get(task) in self._ended
            ]
            for calls in (self._called, self._burst)
        )
        return [
            report.at_least("generations in flight on one worker process", in_flight, "", IN_FLIGHT),
            report.at_most("resident memory of the worker, most", self._memory / MIB, "MiB", 300),
            report.plain("polls in the steady state", len(late), ""),
            report.at_most("lateness of a poll, p50", load.percentile(late, 0.5), "s", 1.5),
            report.at_most("lateness of a poll, p99", load.percentile(late, 0.99), "s", 5),
            report.at_most("from the order to the call of the provider, p50", load.percentile(begun, 0.5), "ms", 100),
            report.plain("from the order to the call of the provider, p99", load.percentile(begun, 0.99), "ms"),
            report.at_least("of those timed, ended", len(self._ended), "", TIMED + BURST),
            report.at_most("from webhook to `succeeded` seen, p50", load.percentile(hooks, 0.5), "ms", 500),
            report.at_most("from webhook to `succeeded` seen, p99", load.percentile(hooks, 0.99), "ms", 2000),
            report.at_most(f"the same of {BURST} within a second, p50", load.percentile(burst, 0.5), "ms", 500),
            report.at_most(f"the same of {BURST} within a second, p99", load.percentile(burst, 0.99), "ms", 2000),
        ]


def _order(**simulate: object) -> bytes:
    given = {"prompt": "A lighthouse", "size": "512", "simulate": simulate}
    return json.dumps({"model": "demo-image", "input": given}).encode()


def _placing(body: bytes) -> Callable[[load.Connection, Person], Awaitable[None]]:
    async def place(connection: load.Connection, person: Person) -> None:
        status, answer = await connection.ask(load.request("POST", GENERATIONS, person.key, body))
        if status != 202:
            raise RuntimeError(f"order answered {status}: {answer!r}")

    return place
