"""What every fake provider stands on: one loopback HTTP server, an app under each path prefix, faults on order.

An `App` answers `Call`s with `Reply`s; the frame records every call, serves the result files, delivers webhooks over
HTTP, and makes the faults of `FAULTS` happen. A fault is asked for in three ways:

* in a test: `frame.fail_next("lost_answer", path="createTask")`;
* in a running site: the words `[fault:lost_answer]` anywhere in an order, such as in the prompt;
* from a shell: `POST /_/faults {"fault": "too_fast", "path": "/kie/", "times": 3}`.

Webhooks may be sent to `/_/received/<anything>` of the frame itself, where they are recorded as any call.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from providers.fakes import forms
from providers.fakes.files import Files
from providers.fakes.forms import Part
from providers.fakes.webhooks import Webhooks

logger = logging.getLogger(__name__)

# Of a call: what the frame does by itself, whatever the app would say.
CALL_FAULTS = {
    "lost_answer": "the order is taken, the connection closed without an answer",
    "lost_question": "nothing is done, the connection closed without an answer",
    "too_fast": "the refusal of a call that came too soon, nothing is done",
    "server_error": "HTTP 500, nothing is done",
    "server_error_after_accepting": "the order is taken, the answer is HTTP 502",
    "malformed": "the order is taken, the answer is broken JSON",
    "slow": "the order is taken, the answer trickles",
}
# Of webhooks about a task; the app passes `call.faults` on to `Webhooks.send`.
WEBHOOK_FAULTS = {
    "no_webhook": "none is sent",
    "duplicate_webhook": "each is sent twice",
    "late_webhook": "each is sent some seconds late",
    "reordered_webhooks": "the stages of a task arrive backwards",
}
# Of result files; the app passes `call.faults` on to `Files.publish`.
FILE_FAULTS = {
    "expired_link": "HTTP 403, as of a link whose time is over",
    "slow_file": "the file trickles",
    "endless_file": "the file does not end",
    "broken_off_file": "the file ends before its announced length",
    "wrong_type": "an HTML page instead of the file",
    "redirected_file": "a redirect to the file",
    "private_redirect": "a redirect to a private address",
}
# Of a task: for the app to act out in the words of its provider.
TASK_FAULTS = {
    "never": "the task never ends",
    "fail": "the task ends badly, and another attempt may work",
    "moderation": "the content is refused while the task runs",
    "no_credits": "the order is refused: our money is used up",
    "bad_key": "the order is refused: our key is wrong",
    "rejected": "the order is refused: the input is wrong",
    "maintenance": "the order is refused: maintenance",
}
FAULTS = {**CALL_FAULTS, **WEBHOOK_FAULTS, **FILE_FAULTS, **TASK_FAULTS}

_MAGIC = re.compile(r"\[fault:([a-z_]+)\]")
LARGEST_BODY = 64 * 1024 * 1024
LARGEST_RECORDED = 1024 * 1024
MOST_RECORDED = 50_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a fake. `path` is without the app's prefix; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    faults: frozenset[str] = frozenset()

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            read = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def text(self) -> str:
        """The body as text, for a test that looks for words in it."""
        return self.body.decode("utf-8", "replace")

    def form(self) -> dict[str, Part]:
        """The parts of a multipart body, by their names."""
        return forms.parts(self.headers.get("content-type", ""), self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a fake answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(payload: object, *, status: int = 200, **headers: str) -> Reply:
    """A JSON answer. Header names come as keywords, with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(payload, ensure_ascii=False).encode()
    return Reply(status, body, {"Content-Type": "application/json", **named})


Handler = Callable[..., Reply]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Marks a method of an `App` as the one for `method` and a path like `/v1/tasks/{id}`."""
    regex = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + r"\Z")

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault("routes", []).append((method, regex))
        return handler

    return mark


class App:
    """One provider, under `/<prefix>/`. A subclass marks its handlers with `route` and keeps its state in itself.

    `refused` is asked first: an answer of it, such as for a missing key, is given instead of the handler's.
    """

    prefix: ClassVar[str]
    _handlers: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls._handlers = [
            (method, regex, name) for name in dir(cls) for method, regex in getattr(getattr(cls, name), "routes", ())
        ]

    def __init__(self, frame: "Frame") -> None:
        self.frame = frame
        self.lock = threading.RLock()

    def refused(self, call: Call) -> Reply | None:
        """A refusal of a call before it is looked at. None: go on."""
        return None

    def too_fast(self, call: Call) -> Reply:
        """The refusal of a call that came too soon."""
        return json_reply({"code": 429, "message": "Too many requests"}, status=429, Retry_After="7")

    def not_found(self, call: Call) -> Reply:
        """The answer to a path that this provider does not have."""
        return json_reply({"error": "not found"}, status=404)

    def answer(self, call: Call) -> Reply:
        """Answer a call, under the app's lock."""
        if reply := self.refused(call):
            return reply
        for method, regex, name in self._handlers:
            if method == call.method and (match := regex.match(call.path)):
                handler: Handler = getattr(self, name)
                with self.lock:
                    return handler(call, **match.groupdict())
        return self.not_found(call)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds. All zero: at once, for tests that do not care."""

    accept: float = 0.0
    work: float = 0.0
    late_webhook: float = 3.0
    trickle: float = 0.05


@dataclass(slots=True)
class _Ordered:
    fault: str
    path: str
    times: int


class Frame:
    """The server of all fakes. `start` it in a thread, or `serve_forever` in a process of its own."""

    def __init__(
        self, apps: Mapping[str, Callable[["Frame"], App]], *, port: int = 0, pace: Pace | None = None
    ) -> None:
        self.pace = pace or Pace()
        self.requests: list[Call] = []
        self._ordered: list[_Ordered] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.frame = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.files = Files()
        self.webhooks = Webhooks(self)
        self.apps: dict[str, App] = {prefix: app(self) for prefix, app in apps.items()}

    def start(self) -> "Frame":
        """Serve in a thread of its own, until `stop`."""
        threading.Thread(target=self.serve_forever, name="fake-providers", daemon=True).start()
        return self

    def serve_forever(self) -> None:
        """Serve in this thread, until `stop`."""
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Stop serving, and sending webhooks."""
        self.webhooks.stop()
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Start afresh between tests: no recorded requests, no ordered faults, no tasks."""
        # First of all, for a webhook that is on its way may be addressed to this frame.
        self.webhooks.forget()
        with self._lock:
            self.requests.clear()
            self._ordered.clear()
        self.apps = {prefix: type(app)(self) for prefix, app in self.apps.items()}

    def fail_next(self, fault: str, *, path: str = "", times: int = 1) -> None:
        """Make `fault` happen to the next calls whose path (with the prefix) contains `path`."""
        if fault not in FAULTS:
            raise ValueError(f"no such fault: {fault}")
        with self._lock:
            self._ordered.append(_Ordered(fault, path, times))

    def calls(self, path: str = "") -> list[Call]:
        """The recorded calls whose path (with the prefix) contains `path`."""
        with self._lock:
            return [call for call in self.requests if path in call.path]

    def note(self, call: Call) -> None:
        """Record a call; of a long body its beginning, and of very many calls the latest."""
        with self._lock:
            self.requests.append(_with(call, body=call.body[:LARGEST_RECORDED]))
            if len(self.requests) > MOST_RECORDED:
                del self.requests[: MOST_RECORDED // 10]

    def handle(self, call: Call) -> tuple[Reply | None, bool]:
        """The answer to a call and whether it trickles. None: close the connection without an answer."""
        faults = self._faults_of(call)
        call = _with(call, faults=faults)
        self.note(call)
        if call.path == "/_/faults" and call.method == "POST":
            order = call.json
            self.fail_next(order["fault"], path=order.get("path", ""), times=int(order.get("times", 1)))
            return json_reply({"ordered": True}), False
        if call.path == "/_/health" or call.path.startswith("/_/received/"):
            return json_reply({"status": "ok"}), False
        if "lost_question" in faults:
            return None, False
        if "server_error" in faults:
            return json_reply({"code": 500, "message": "Internal error"}, status=500), False
        prefix, _slash, rest = call.path.removeprefix("/").partition("/")
        app = self.apps.get(prefix)
        if app is None:
            return json_reply({"error": "no such provider"}, status=404), False
        if "too_fast" in faults:
            return app.too_fast(call), False
        if self.pace.accept and call.method == "POST":
            time.sleep(self.pace.accept)
        reply = app.answer(_with(call, path=f"/{rest}", base_url=f"{call.base_url}/{prefix}"))
        if "lost_answer" in faults:
            return None, False
        if "server_error_after_accepting" in faults:
            return json_reply({"code": 502, "message": "Bad gateway"}, status=502), False
        if "malformed" in faults:
            return Reply(reply.status, reply.body[: len(reply.body) // 2] + b"\x00{", reply.headers), False
        return reply, "slow" in faults

    def _faults_of(self, call: Call) -> frozenset[str]:
        named = {name for name in _MAGIC.findall(call.text[:1_000_000]) if name in FAULTS}
        if call.path.startswith("/_/"):
            return frozenset()
        with self._lock:
            for ordered in self._ordered:
                if ordered.path in call.path and ordered.times > 0:
                    ordered.times -= 1
                    named.add(ordered.fault)
            self._ordered = [ordered for ordered in self._ordered if ordered.times > 0]
        return frozenset(named)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    frame: Frame

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up when they have seen enough; that is their right."""
        logger.debug("a caller hung up", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = _chunked(self.rfile) if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
        call = Call(
            method=self.command,
            path=split.path,
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base_url=f"http://{self.headers.get('Host') or self.server.frame.url.removeprefix('http://')}",
        )
        if split.path.startswith("/files/"):
            self.server.frame.note(call)
            self._serve_file(call)
            return
        reply, trickles = self.server.frame.handle(call)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not trickles:
            self.wfile.write(reply.body)
            return
        for start in range(0, len(reply.body), 16):
            self.wfile.write(reply.body[start : start + 16])
            time.sleep(self.server.frame.pace.trickle)

    def _serve_file(self, call: Call) -> None:
        served = self.server.frame.files.serve(call.path, base_url=call.base_url, pace=self.server.frame.pace.trickle)
        self.send_response(served.status)
        for name, value in served.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            for chunk in served.chunks:
                self.wfile.write(chunk)
        self.close_connection = self.close_connection or served.hangs_up

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)


def _with(call: Call, **changes: Any) -> Call:
    values = {name: getattr(call, name) for name in Call.__slots__}
    return Call(**{**values, **changes})


def _chunked(stream: Any) -> bytes:
    """A body that was sent in chunks, as requests does with files of unknown length."""
    body = bytearray()
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
        if len(body) > LARGEST_BODY:
            break
    stream.readline()
    return bytes(body)
