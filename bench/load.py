"""A small HTTP load generator: keep-alive connections that send prepared requests as fast as they are answered.

It reads what our server sends: HTTP/1.1 with Content-Length. Traffic goes to loopback only.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Result:
    """`seconds` holds one latency per answer."""

    duration: float = 0
    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.duration

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def percentile(self, share: float) -> float:
        return percentile(self.seconds, share)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, key: str, body: bytes = b"", headers: str = "") -> bytes:
    """The bytes of one request. No key: none is sent."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    if key:
        head += f"Authorization: Bearer {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection:
    """One keep-alive connection; opened with the first request, and again when the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; returns the status and the body of its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0
        body = await reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def fetch(port: int, request: bytes) -> tuple[int, bytes]:
    """One request on a connection of its own."""

    async def once() -> tuple[int, bytes]:
        connection = Connection(port)
        try:
            return await connection.ask(request)
        finally:
            connection.close()

    return asyncio.run(once())


def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float, warm_up: float = 1.0) -> Result:
    """Send requests on so many connections for so long; what is sent in the first `warm_up` seconds is not counted."""
    return asyncio.run(_run(port, requests, connections, seconds, warm_up))


async def _run(port: int, requests: Iterator[bytes], connections: int, seconds: float, warm_up: float) -> Result:
    result = Result(duration=seconds)
    begin = time.perf_counter() + warm_up
    end = begin + seconds
    await asyncio.gather(*(_keep_asking(port, requests, result, begin, end) for _number in range(connections)))
    return result


async def _keep_asking(port: int, requests: Iterator[bytes], result: Result, begin: float, end: float) -> None:
    connection = Connection(port)
    try:
        while (sent := time.perf_counter()) < end:
            status, _body = await connection.ask(next(requests))
            if sent >= begin:
                result.seconds.append(time.perf_counter() - sent)
                result.statuses[status] = result.statuses.get(status, 0) + 1
    finally:
        connection.close()
