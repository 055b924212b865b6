"""What every stand-in is made of: requests with their faults, routes, and notifications that are really sent."""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import parse_qsl
from urllib.request import Request as UrlRequest
from urllib.request import build_opener

DELIVERY_SECONDS = 10
REPEAT_PAUSES = (2.0, 10.0, 60.0)
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Request:
    """A call that came in. `path` is without the party's prefix; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    host: str = ""

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            return {}

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def as_html(page: str, status: int = 200) -> Response:
    return Response(status, page.encode(), "text/html; charset=utf-8")


def see_other(url: str) -> Response:
    return Response(303, b"", "text/plain", {"Location": url})


class LostAnswer(Exception):
    """What was asked was done, but the caller hears nothing."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notification that is to be sent. `build` makes the headers and the body of each copy anew."""

    url: str
    build: Callable[[], tuple[dict[str, str], bytes]]
    method: str = "POST"
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification that was sent, and what the site said. `status` 0: nobody answered."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer: str
    is_accepted: bool


Transport = Callable[[str, str, Mapping[str, str], bytes], tuple[int, str]]


@dataclass(slots=True)
class _Fault:
    kind: str
    path: str
    times: int


class Party:
    """One stand-in. `requests` are the latest calls it got, `deliveries` the notifications it sent, both in order.

    Faults are ordered with `fail_next` and meet calls of the API, not pages:
    "error" answers 500 and does nothing, "limit" answers 429, "lost" does all and hangs up, "broken" does all and
    answers with something unreadable.
    """

    prefix: ClassVar[str]
    routes: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    def __init__(self, house: "House") -> None:
        self.house = house
        self.lock = threading.RLock()
        self.requests: deque[Request] = deque(maxlen=REMEMBERED)
        self.deliveries: deque[Delivery] = deque(maxlen=REMEMBERED)
        self._faults: list[_Fault] = []
        self._routes = [(method, re.compile(pattern), name) for method, pattern, name in self.routes]

    @property
    def url(self) -> str:
        return f"{self.house.url}/{self.prefix}"

    def fail_next(self, kind: str, *, path: str = "", times: int = 1) -> None:
        """Let the next `times` calls whose path contains `path` go wrong."""
        with self.lock:
            self._faults.append(_Fault(kind, path, times))

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        for method, pattern, name in self._routes:
            if method == request.method and (found := pattern.fullmatch(request.path)):
                handler = partial(getattr(self, name), request, **found.groupdict())
                return handler() if name.startswith("page_") else self._with_faults(request, handler)
        return as_json({"error": "no such address"}, 404)

    def is_accepted(self, status: int, answer: str) -> bool:
        """Whether the site's answer stops repeats."""
        return 200 <= status < 300

    def send(self, outgoing: Iterable[Outgoing]) -> None:
        """Send notifications now; copies of one go in parallel. What is not accepted is sent again later."""
        for one in outgoing:
            with ThreadPoolExecutor(max(one.copies, 1)) as threads:
                accepted = [copy.result() for copy in [threads.submit(self._deliver, one) for _ in range(one.copies)]]
            if not any(accepted):
                self.house.later(partial(self._deliver, one))

    def _deliver(self, one: Outgoing) -> bool:
        headers, body = one.build()
        status, answer = self.house.transport(one.method, one.url, headers, body) if one.url else (0, "")
        accepted = self.is_accepted(status, answer)
        self.deliveries.append(Delivery(one.method, one.url, headers, body, status, answer, accepted))
        return accepted

    def _with_faults(self, request: Request, handler: Callable[[], Response]) -> Response:
        fault = self._next_fault(request)
        if fault == "error":
            return as_json({"error": "internal"}, 500)
        if fault == "limit":
            return as_json({"error": "too many requests"}, 429)
        with self.lock:
            response = handler()
        if fault == "lost":
            raise LostAnswer
        if fault == "broken":
            return Response(200, b"<html>gateway timeout", "text/html")
        return response

    def _next_fault(self, request: Request) -> str:
        with self.lock:
            for fault in self._faults:
                if fault.path in request.path:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault.kind
        return ""


class House:
    """Where the parties live: their address, the site whose cabinets they keep, and the way notifications go."""

    def __init__(self, site_url: str = "", repeat_pauses: tuple[float, ...] = REPEAT_PAUSES) -> None:
        self.url = ""
        self.site_url = site_url
        self.repeat_pauses = repeat_pauses
        self.transport: Transport = over_http

    def cabinet_address(self, gateway: str) -> str:
        """The notification address that the merchant entered in the cabinet of that gateway."""
        return f"{self.site_url}/webhooks/payments/{gateway}" if self.site_url else ""

    def later(self, attempt: Callable[[], bool]) -> None:
        if not self.repeat_pauses:
            return

        def repeat() -> None:
            for pause in self.repeat_pauses:
                time.sleep(pause)
                if attempt():
                    return

        threading.Thread(target=repeat, daemon=True).start()


def over_http(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """Really send it. Status 0 when nobody answers."""
    request = UrlRequest(url, data=body if method == "POST" else None, headers=dict(headers), method=method)  # noqa: S310
    try:
        with build_opener().open(request, timeout=DELIVERY_SECONDS) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")
    except OSError:
        return 0, ""
