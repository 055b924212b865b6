"""Result files of the fake providers, under addresses that can expire and misbehave."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat

from providers.fakes import samples

_MIMES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "txt": "text/plain; charset=utf-8",
    "srt": "application/x-subrip",
    "mid": "audio/midi",
}
_PAGE = b"<!doctype html><title>Not a file</title><p>Something else than was promised."
_PIECES = 40
# A sound file of the same kind that nobody ordered.
_OTHER = {"mp3": "wav", "wav": "mp3", "webp": "png", "jpg": "webp", "jpeg": "webp", "png": "webp"}


@dataclass(frozen=True, slots=True)
class _Published:
    make: Callable[[], bytes]
    mime: str
    expires_at: float
    faults: frozenset[str]


@dataclass(frozen=True, slots=True)
class Served:
    """What goes out for one request of a file."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterable[bytes]
    hangs_up: bool = False


@dataclass(slots=True)
class Files:
    """The files that were published, each under an unguessable name."""

    _published: dict[str, _Published] = field(default_factory=dict)

    def publish(
        self,
        base_url: str,
        extension: str,
        *,
        prompt: str = "",
        ratio: str = "1:1",
        seconds: float = 2.0,
        index: int = 0,
        lifetime: float = 24 * 3600,
        faults: frozenset[str] = frozenset(),
    ) -> str:
        """A link to a new, real file of that kind. `prompt`, `ratio`, `seconds` and `index` make it look different.

        It is made when it is first asked for: most results of tests are never looked at.

        `base_url` is the address of a call (`Call.base_url`): the link is on the host that was called.
        """
        if "other_type" in faults:
            extension = _OTHER.get(extension, extension)
        make = partial(samples.make, extension, prompt=prompt, ratio=ratio, seconds=seconds, index=index)
        return self._put(base_url, make, extension, lifetime, faults)

    def keep(
        self,
        base_url: str,
        content: bytes,
        extension: str,
        *,
        lifetime: float = 24 * 3600,
        faults: frozenset[str] = frozenset(),
    ) -> str:
        """A link to `content`, such as an upload."""
        return self._put(base_url, lambda: content, extension, lifetime, faults)

    def _put(
        self, base_url: str, make: Callable[[], bytes], extension: str, lifetime: float, faults: frozenset[str]
    ) -> str:
        name = f"{secrets.token_urlsafe(12)}.{extension}"
        mime = _MIMES.get(extension, "application/octet-stream")
        self._published[name] = _Published(make, mime, time.time() + lifetime, faults)
        scheme, _colon, rest = base_url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}/files/{name}"

    def content(self, url: str) -> bytes:
        """The bytes behind one of our links. Raises KeyError."""
        return self._published[url.rpartition("/")[2]].make()

    def expire(self, url: str) -> None:
        """Let a link's time be over."""
        name = url.rpartition("/")[2]
        one = self._published[name]
        self._published[name] = _Published(one.make, one.mime, 0.0, one.faults)

    def serve(self, path: str, *, base_url: str, pace: float) -> Served:
        """The answer to a request for `path`."""
        straight = path.startswith("/files/straight/")
        one = self._published.get(path.rpartition("/")[2])
        if one is None:
            return _whole(404, "text/plain", b"no such file")
        if one.expires_at < time.time() or ("expired_link" in one.faults and not straight):
            return _whole(403, "text/plain", b"the link has expired")
        if "redirected_file" in one.faults and not straight:
            target = f"{base_url}/files/straight/{path.rpartition('/')[2]}"
            return Served(302, {"Location": target, "Content-Length": "0"}, ())
        if "private_redirect" in one.faults:
            return Served(302, {"Location": "http://169.254.169.254/latest/meta-data/", "Content-Length": "0"}, ())
        if "wrong_type" in one.faults:
            return _whole(200, "text/html", _PAGE)
        content = one.make()
        if "endless_file" in one.faults:
            return Served(200, {"Content-Type": one.mime, "Connection": "close"}, _endless(content), hangs_up=True)
        headers = {"Content-Type": one.mime, "Content-Length": str(len(content))}
        if "broken_off_file" in one.faults:
            return Served(200, headers, [content[: len(content) // 2]], hangs_up=True)
        if "slow_file" in one.faults:
            return Served(200, headers, _trickle(content, pace))
        return Served(200, headers, [content])


def _whole(status: int, mime: str, content: bytes) -> Served:
    return Served(status, {"Content-Type": mime, "Content-Length": str(len(content))}, [content])


def _trickle(content: bytes, pace: float) -> Iterator[bytes]:
    step = max(1, len(content) // _PIECES)
    for start in range(0, len(content), step):
        yield content[start : start + step]
        time.sleep(pace)


def _endless(content: bytes) -> Iterator[bytes]:
    yield content
    yield from repeat(bytes(64 * 1024))
