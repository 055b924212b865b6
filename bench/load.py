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

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def request(method: str, path: str, key: str, body: bytes = b"", headers: str = "") -> bytes:
    """The bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n{headers}"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def run(port: int, requests: Iterator[bytes], *, connections: int, seconds: float, warm_up: float = 1.0) -> Result:
    """Send requests on so many connections for so long; the first `warm_up` seconds are not counted."""
    return asyncio.run(_run(port, requests, connections, seconds, warm_up))


async def _run(port: int, requests: Iterator[bytes], connections: int, seconds: float, warm_up: float) -> Result:
    result = Result(duration=seconds)
    begin = time.perf_counter() + warm_up
    end = begin + seconds
    await asyncio.gather(*(_connection(port, requests, result, begin, end) for _number in range(connections)))
    return result


async def _connection(port: int, requests: Iterator[bytes], result: Result, begin: float, end: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (sent := time.perf_counter()) < end:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            at = head.lower().find(b"content-length:")
            await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
            if sent >= begin:
                result.seconds.append(time.perf_counter() - sent)
                result.statuses[status] = result.statuses.get(status, 0) + 1
            if b"connection: close" in head.lower():
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
    finally:
        writer.close()
