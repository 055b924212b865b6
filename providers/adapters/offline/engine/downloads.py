"""Sends results: whole or a range of them, at once or, when asked to, slowly; or something that is not the file."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, Protocol

from providers.adapters.offline.engine.tasks import Result, Task

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_CHUNK_BYTES = 64 * 1024
_SLOW_PIECES = 40
_BROKEN = b"<!doctype html><title>502</title><p>This is not the file that you were promised.</p>" * 40


class Request(Protocol):
    method: str

    def header(self, name: str) -> str: ...


async def send_result(send: Send, request: Request, task: Task, result: Result, *, slow_seconds: float) -> None:
    """Honours one `bytes` range. Answers 416 to a range outside of the file."""
    is_broken = task.simulation.outcome == "broken_file"
    source = _Source(Result(result.name, result.kind, result.mime, content=_BROKEN) if is_broken else result)
    asked = _range(request.header("range"), source.size)
    if asked is None:
        headers = [(b"content-range", f"bytes */{source.size}".encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 416, "headers": headers})
        await send({"type": "http.response.body"})
        return
    first, last = asked
    headers = [
        (b"content-type", result.mime.encode()),
        (b"content-length", str(last - first + 1).encode()),
        (b"accept-ranges", b"bytes"),
    ]
    is_part = (first, last) != (0, source.size - 1)
    if is_part:
        headers.append((b"content-range", f"bytes {first}-{last}/{source.size}".encode()))
    await send({"type": "http.response.start", "status": 206 if is_part else 200, "headers": headers})
    if request.method != "HEAD":
        is_slow = task.simulation.outcome == "slow_download"
        step = max(1, (last - first + 1) // _SLOW_PIECES) if is_slow else _CHUNK_BYTES
        for chunk in source.read(first, last, step):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if is_slow:
                await asyncio.sleep(slow_seconds / _SLOW_PIECES)
    await send({"type": "http.response.body"})


class _Source:
    def __init__(self, result: Result) -> None:
        self._result = result
        self.size = result.path.stat().st_size if result.path else len(result.content)

    def read(self, first: int, last: int, step: int) -> Iterator[bytes]:
        if self._result.path is None:
            for start in range(first, last + 1, step):
                yield self._result.content[start : min(start + step, last + 1)]
            return
        with self._result.path.open("rb") as stream:
            stream.seek(first)
            left = last - first + 1
            while left > 0 and (chunk := stream.read(min(step, left))):
                left -= len(chunk)
                yield chunk


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte to send. The whole file without a range that we understand; None: outside of the file."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if not match or match.groups() == ("", ""):
        return 0, size - 1
    start, end = match.groups()
    if not start:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(start), min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last and first < size else None
