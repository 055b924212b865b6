"""Ten thousand open event streams on two processes: what each costs in memory, and how soon an event arrives.

Every client is a person of their own. What they are told about is real: orders placed through the API.
"""

import asyncio
import contextlib
import json
import os
import random
import resource
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bench import load, people, report
from bench.api import GENERATIONS, ORDER
from bench.people import Person
from bench.report import Row
from bench.site import BenchSite
from neuralbox.local import ports

CLIENTS = 10_000
FILES_FOR_OTHERS = 500
OPENED_AT_ONCE = 48
ORDERS = 600
ORDERS_PER_SECOND = 40.0
KIB = 1024

Told = Callable[[str, dict[str, object]], None]


def run(site: BenchSite) -> list[Row]:
    """Open the streams on two ASGI processes, weigh those, place orders, and time what the streams say."""
    wanted = min(CLIENTS, _files_allowed() - FILES_FOR_OTHERS)
    everybody = people.create(site.environment["DATABASE_URL"], wanted + 100)
    with site.web() as api_port, contextlib.ExitStack() as stack:
        web = [stack.enter_context(events_process(site)) for _number in range(2)]
        seconds, kib, arrivals = asyncio.run(_measure(everybody, api_port, web))
    told = sorted(arrivals)
    return [
        report.plain("open streams, a person each", wanted, ""),
        report.plain("opened per second", wanted / seconds, "1/s"),
        report.at_most("memory per stream", kib, "KiB", 80),
        report.plain("orders whose event arrived", len(told), ""),
        report.at_least("share of the events that arrived", len(told) / ORDERS, "", 1.0),
        report.plain("from the order to its event at the client, p50", 1000 * load.percentile(told, 0.5), "ms"),
        report.at_most("from the order to its event at the client, p99", 1000 * load.percentile(told, 0.99), "ms", 250),
    ]


def _files_allowed() -> int:
    """Sockets are files: ask for as many as the machine grants."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextlib.contextmanager
def events_process(site: BenchSite) -> Iterator[tuple[int, int]]:
    """One ASGI process as in production. Yields its port and its process id."""
    port = ports.free_port()
    uvicorn = ("uvicorn", "neuralbox.asgi:application", "--port", str(port), "--no-access-log", "--lifespan", "off")
    with site.python_module(*uvicorn, "--timeout-graceful-shutdown", "1", "--backlog", "4096", port=port) as process:
        yield port, process.pid


async def _measure(
    everybody: Sequence[Person], api_port: int, web: Sequence[tuple[int, int]]
) -> tuple[float, float, list[float]]:
    """Returns the seconds that opening took, KiB per stream, and the seconds from each order to its event."""
    arrived: dict[str, float] = {}

    def told(event: str, data: dict[str, object]) -> None:
        if event == "status" and data["status"] == "queued":
            arrived.setdefault(str(data["generation"]), time.time())

    # The first streams load code and fill caches; what these cost is not the price of a stream.
    streams = await _open_all(everybody[:100], [port for port, _pid in web], told)
    await asyncio.sleep(1)
    before = _resident(web)
    begun = time.perf_counter()
    streams += await _open_all(everybody[100:], [port for port, _pid in web], told)
    seconds = time.perf_counter() - begun
    await asyncio.sleep(3)
    kib = (_resident(web) - before) / (len(everybody) - 100) / KIB
    placed = await _order(random.Random(1).sample(everybody, ORDERS), api_port)
    await asyncio.sleep(2)
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    return seconds, kib, [arrived[one] - moment for one, moment in placed.items() if one in arrived]


def _resident(web: Sequence[tuple[int, int]]) -> int:
    return sum(resident_bytes(pid) for _port, pid in web)


def resident_bytes(pid: int) -> int:
    """The memory that a process really occupies."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _open_all(persons: Sequence[Person], ports: Sequence[int], told: Told) -> list[asyncio.Task[None]]:
    """Returns once every stream has been answered."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_one(number: int, person: Person) -> asyncio.Task[None]:
        async with gate:
            return await listen(ports[number % len(ports)], person.key, told)

    return await asyncio.gather(*(open_one(number, person) for number, person in enumerate(persons)))


async def listen(port: int, key: str, told: Told) -> asyncio.Task[None]:
    """Open a person's event stream. Returns, after its first event, the task that passes events on to `told`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=16 * KIB)
    writer.write(load.request("GET", "/api/v1/events", key))
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0]:
        raise RuntimeError(f"no stream: {head!r}")
    await reader.readuntil(b"event: balance")
    return asyncio.create_task(_pass_on(reader, writer, told))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: Told) -> None:
    event = ""
    try:
        while line := await reader.readline():
            name, _colon, value = line.decode().strip().partition(": ")
            if name == "event":
                event = value
            elif name == "data" and event:
                told(event, json.loads(value))
    finally:
        writer.close()


async def _order(persons: Sequence[Person], api_port: int) -> dict[str, float]:
    """Place an order for each, evenly over time. Returns by generation the moment of its creation."""
    placed: dict[str, float] = {}

    async def place(connection: load.Connection, person: Person) -> None:
        status, body = await connection.ask(load.request("POST", GENERATIONS, person.key, ORDER))
        if status != 202:
            raise RuntimeError(f"order answered {status}: {body!r}")
        generation = json.loads(body)
        placed[generation["id"]] = datetime.fromisoformat(generation["created_at"]).timestamp()

    await evenly(persons, place, api_port, per_second=ORDERS_PER_SECOND)
    return placed


async def evenly(
    persons: Sequence[Person],
    act: Callable[[load.Connection, Person], Awaitable[None]],
    port: int,
    *,
    per_second: float,
    connections: int = 4,
) -> None:
    """Do something for each person, so many times per second, on a few connections."""
    begun = time.perf_counter()

    async def share(first: int) -> None:
        connection = load.Connection(port)
        try:
            for number in range(first, len(persons), connections):
                await asyncio.sleep(max(0.0, begun + number / per_second - time.perf_counter()))
                await act(connection, persons[number])
        finally:
            connection.close()

    await asyncio.gather(*(share(first) for first in range(connections)))
