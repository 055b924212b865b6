"""Answers that carry a file, stored or made on the way: in small pieces, under WSGI and ASGI alike."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe

CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class Unsatisfiable(Exception):
    """The range lies outside of the file."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def bytes(self) -> int:
        return self.last - self.first + 1


def file_response(request: HttpRequest, file: BinaryIO, headers: dict[str, str]) -> HttpResponseBase:
    """Answer a GET or HEAD with the open file, which is closed in the end.

    Understands `If-None-Match`, `If-Modified-Since`, `If-Range` and a single `Range`; of several ranges it gives
    the whole file, as the standard allows.
    """
    found = os.fstat(file.fileno())
    size, modified = found.st_size, int(found.st_mtime)
    etag = f'"{found.st_mtime_ns:x}-{size:x}"'
    common = headers | {"ETag": etag, "Last-Modified": formatdate(modified, usegmt=True), "Accept-Ranges": "bytes"}
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    if unchanged is not None:
        file.close()
        return _with(unchanged, common)
    try:
        span = _span_asked_for(request, size=size, etag=etag, modified=modified)
    except Unsatisfiable:
        file.close()
        return _with(HttpResponse(status=416), common | {"Content-Range": f"bytes */{size}"})
    status = 200
    if span is None:
        span = Span(0, size - 1)
    else:
        status = 206
        common |= {"Content-Range": f"bytes {span.first}-{span.last}/{size}"}
    common |= {"Content-Length": str(span.bytes)}
    if request.method == "HEAD":
        file.close()
        return _with(HttpResponse(status=status), common)
    file.seek(span.first)
    pieces = _pieces_later(file, span.bytes) if isinstance(request, ASGIRequest) else _pieces(file, span.bytes)
    response = StreamingHttpResponse(pieces, status=status)
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    return _with(response, common)


def made_response(request: HttpRequest, pieces: Iterator[bytes], headers: dict[str, str]) -> HttpResponseBase:
    """Answer a GET or HEAD with content that is made while it is sent; `headers` may know its length."""
    if request.method == "HEAD":
        return _with(HttpResponse(), headers)
    if not isinstance(request, ASGIRequest):
        return _with(StreamingHttpResponse(pieces), headers)
    return _with(StreamingHttpResponse(_made_later(pieces)), headers)


async def _made_later(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same, without stopping the event loop: the next piece is made once the last one was sent."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


def _with(response: HttpResponseBase, headers: dict[str, str]) -> HttpResponseBase:
    for name, value in headers.items():
        response[name] = value
    return response


def _span_asked_for(request: HttpRequest, *, size: int, etag: str, modified: int) -> Span | None:
    """The range to send, or None for all of it. Raises Unsatisfiable."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if asked is None or asked.group() == "bytes=-" or not _still_the_same(request, etag, modified):
        return None
    first, last = asked.groups()
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise Unsatisfiable
        return Span(size - length, size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return Span(int(first), min(int(last), size - 1) if last else size - 1)


def _still_the_same(request: HttpRequest, etag: str, modified: int) -> bool:
    """Whether the part that the client holds belongs to the file as it is now."""
    condition = request.headers.get("If-Range")
    return condition is None or condition == etag or parse_http_date_safe(condition) == modified


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.read(min(CHUNK_BYTES, left))):
        left -= len(piece)
        yield piece


async def _pieces_later(file: BinaryIO, left: int) -> AsyncIterator[bytes]:
    """As `_pieces`, without stopping the event loop: the next piece is read once the last one was sent."""
    while left > 0 and (piece := await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))):
        left -= len(piece)
        yield piece
