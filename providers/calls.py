"""HTTP calls as all adapters make them: one session per thread, bounded in time and size, honest about what is known.

An order (`Caller.order`) is sent once and has three outcomes: it surely did nothing (`ProviderUnavailable`), it was
answered (`Answer`, which the adapter reads), or nobody knows (`SubmissionOutcomeUnknown`). A question (`Caller.ask`)
may be repeated: whatever went wrong with it is `ProviderUnavailable`. Results (`Caller.open_output`) come from hosts
that the provider names: our key is never sent to them, and each hop of a redirect is checked like the first address.
"""

import base64
import binascii
import logging
import mimetypes
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from typing import Any, BinaryIO, TypeVar
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import requests
from pydantic import BaseModel
from urllib3.exceptions import HTTPError, MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from neuralbox.core import http
from providers.base import Download, Output, SubmittedFile
from providers.errors import ProviderUnavailable, SubmissionOutcomeUnknown

logger = logging.getLogger(__name__)

Timeout = tuple[float, float]
ORDER_TIMEOUT: Timeout = (5.0, 60.0)
ASK_TIMEOUT: Timeout = (5.0, 20.0)
UPLOAD_TIMEOUT: Timeout = (5.0, 120.0)
DOWNLOAD_TIMEOUT: Timeout = (5.0, 30.0)
# A body must have arrived whole after so many seconds, however alive the connection looks.
ANSWER_WITHIN = 90.0
DOWNLOAD_WITHIN = 240.0
LARGEST_ANSWER = 8 * 1024 * 1024
LARGEST_REDIRECT_CHAIN = 5
LONGEST_RETRY_AFTER = 3600.0
_CHUNK_BYTES = 64 * 1024
_TEXT_PREFIX = "data:text/plain;charset=utf-8;base64,"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Message = TypeVar("Message", bound=BaseModel)


class OutputGone(ProviderUnavailable):
    """The link of a result is dead: refused, unknown or expired. A fresh link may work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, of whatever status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self, kind: type[Message]) -> Message:
        """The body as such a message. Raises ValueError."""
        return kind.model_validate_json(self.body)

    @property
    def retry_after(self) -> float | None:
        """Seconds that they ask us to wait, at most an hour; None when they do not say."""
        return seconds_to_wait(self.headers.get("retry-after", ""))


class _OfThread(threading.local):
    session: requests.Session | None = None
    built_for: tuple[str, ...] = ()


class Caller:
    """Calls one provider. `base_urls` and `headers` are asked at each call, so that settings may change.

    `headers` (the key) go with calls to `base_urls` alone. Base addresses may be on loopback in local mode.
    """

    def __init__(
        self, provider: str, *, base_urls: Callable[[], Sequence[str]], headers: Callable[[], Mapping[str, str]]
    ) -> None:
        self.provider = provider
        self._base_urls = base_urls
        self._headers = headers
        self._of_thread = _OfThread()

    def order(
        self, url: str, *, json: Any = None, headers: Mapping[str, str] | None = None, timeout: Timeout = ORDER_TIMEOUT
    ) -> Answer:
        """POST something that costs money, once.

        Raises ProviderUnavailable when it surely did not arrive, and SubmissionOutcomeUnknown when that is not known.
        """
        try:
            return self._call("POST", url, json=json, headers=headers, timeout=timeout)
        except (requests.RequestException, HTTPError, _AnswerTooLong) as error:
            if _never_left(error):
                raise ProviderUnavailable(f"{self.provider} cannot be reached") from error
            raise SubmissionOutcomeUnknown(f"the answer of {self.provider} to the submission was lost") from error

    def ask(self, method: str, url: str, *, timeout: Timeout = ASK_TIMEOUT, **rest: Any) -> Answer:
        """A call that may be repeated. `rest` is as for `requests.request`. Raises ProviderUnavailable."""
        try:
            return self._call(method, url, timeout=timeout, **rest)
        except (requests.RequestException, HTTPError, _AnswerTooLong) as error:
            raise ProviderUnavailable(f"{self.provider} does not answer") from error

    @contextmanager
    def open_output(self, output: Output) -> Iterator[Download]:
        """Stream a result, byte for byte. Raises ProviderUnavailable, and OutputGone when the link is dead."""
        if output.url.startswith("data:"):
            content, mime = _inline(output.url)
            yield Download(iter([content]), content_length=len(content), content_type=mime)
            return
        try:
            with self._follow(output.url) as answer:
                # Of a body that is compressed after all, the length is not that of the file.
                length = "" if "Content-Encoding" in answer.headers else answer.headers.get("Content-Length", "")
                yield Download(
                    chunks=self._chunks(answer),
                    content_length=int(length) if length.isdecimal() else None,
                    content_type=answer.headers.get("Content-Type", ""),
                )
        except (requests.RequestException, HTTPError) as error:
            raise ProviderUnavailable(f"a result of {self.provider} could not be read") from error

    @contextmanager
    def _follow(self, url: str) -> Iterator[requests.Response]:
        """The answer at the end of a chain of redirects; every hop is a request of its own, with its own check."""
        for _hop in range(LARGEST_REDIRECT_CHAIN + 1):
            # Not even well-meant compression: what is stored is what they made.
            with self._session().get(
                url,
                headers={"Accept-Encoding": "identity"},
                stream=True,
                timeout=DOWNLOAD_TIMEOUT,
                allow_redirects=False,
            ) as answer:
                if answer.status_code in _REDIRECTS and "Location" in answer.headers:
                    url = urljoin(url, answer.headers["Location"])
                    continue
                if answer.status_code == HTTPStatus.OK:
                    yield answer
                    return
                message = f"a result of {self.provider} was answered with {answer.status_code}"
                if answer.status_code in {
                    HTTPStatus.BAD_REQUEST,
                    HTTPStatus.UNAUTHORIZED,
                    HTTPStatus.FORBIDDEN,
                    HTTPStatus.NOT_FOUND,
                    HTTPStatus.GONE,
                }:
                    raise OutputGone(message)
                raise ProviderUnavailable(message, retry_after=seconds_to_wait(answer.headers.get("Retry-After", "")))
        raise ProviderUnavailable(f"a result of {self.provider} is behind too many redirects")

    def _chunks(self, answer: requests.Response) -> Iterator[bytes]:
        try:
            yield from _arriving(answer, within=DOWNLOAD_WITHIN)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise ProviderUnavailable(f"a result of {self.provider} broke off") from error

    def _call(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **rest: Any) -> Answer:
        if not self._is_theirs(url):
            raise http.AddressRefused("our key goes to configured addresses only")
        with self._session().request(
            method, url, headers={**self._headers(), **(headers or {})}, stream=True, allow_redirects=False, **rest
        ) as answer:
            body = bytearray()
            for chunk in _arriving(answer, within=ANSWER_WITHIN):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise _AnswerTooLong
            lowered = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status_code, lowered, bytes(body))

    def _is_theirs(self, url: str) -> bool:
        called = urlsplit(url)
        return any(
            (called.scheme, called.netloc) == (base.scheme, base.netloc) for base in map(urlsplit, self._base_urls())
        )

    def _session(self) -> requests.Session:
        base_urls, mine = tuple(self._base_urls()), self._of_thread
        if mine.session is None or mine.built_for != base_urls:
            mine.session = http.session(trusted_base_urls=base_urls)
            # Two customers' results are not to be connected by a cookie.
            mine.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            mine.built_for = base_urls
        return mine.session


class MultipartFile:
    """One file and some fields as `multipart/form-data`, read while it is sent: `ask("POST", …, data=it)`.

    The file's own name stays here: it may say more about its owner than the file does.
    """

    def __init__(self, file: SubmittedFile, stream: BinaryIO, *, name: str, fields: Mapping[str, str]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        head = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in fields.items()
        ]
        head.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {file.mime}\r\n\r\n"
        )
        before, after = "".join(head).encode(), f"\r\n--{boundary}--\r\n".encode()
        self._size = len(before) + file.bytes + len(after)
        self._parts: list[BinaryIO] = [BytesIO(before), stream, BytesIO(after)]

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        while self._parts:
            if piece := self._parts[0].read(size):
                return piece
            self._parts.pop(0)
        return b""


def random_name(mime: str) -> str:
    """A new file name that says nothing but the kind of the file."""
    return f"{secrets.token_hex(16)}{mimetypes.guess_extension(mime.partition(';')[0].strip()) or '.bin'}"


class _AnswerTooLong(Exception):
    """More bytes than any answer of an API has."""


def text_output(text: str, name: str) -> Output:
    """A result that the provider gave inside its answer, as an output that `Caller.open_output` can open."""
    return Output(_TEXT_PREFIX + base64.b64encode(text.encode()).decode(), "text", name)


def seconds_to_wait(header: str) -> float | None:
    """The meaning of a `Retry-After` header: seconds from now, at most an hour. None: absent or unreadable."""
    if header.isdecimal():
        return min(float(header), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def unknown_status(provider: str, status: object) -> None:
    """Raise the alarm over a status that is in no documentation. Its task counts as running, until its deadline."""
    logger.error("a provider reports an unknown status", extra={"provider": provider, "status": str(status)[:100]})


def lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a webhook under names in lower case, whatever the server made of them."""
    return {name.lower(): value for name, value in headers.items()}


def _arriving(answer: requests.Response, *, within: float) -> Iterator[bytes]:
    """What arrives, as it arrives. Raises ReadTimeout when the whole takes longer than `within` seconds."""
    deadline = time.monotonic() + within
    while chunk := answer.raw.read1(_CHUNK_BYTES, decode_content=True):
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the body takes too long")
        yield chunk


def _inline(url: str) -> tuple[bytes, str]:
    head, comma, rest = url.removeprefix("data:").partition(",")
    mime, is_base64 = head.removesuffix(";base64"), head.endswith(";base64")
    try:
        if not comma:
            raise ValueError("no comma")
        return (base64.b64decode(rest, validate=True) if is_base64 else unquote_to_bytes(rest)), mime
    except (binascii.Error, ValueError) as error:
        raise ProviderUnavailable("a result inside the answer is unreadable") from error


def _never_left(error: Exception) -> bool:
    """Whether the request surely did not reach them: no connection was made."""
    if isinstance(error, requests.ConnectTimeout | http.AddressRefused | requests.exceptions.InvalidURL):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, SSLError):
        # Their certificate was looked at before anything was said.
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | NameResolutionError)
