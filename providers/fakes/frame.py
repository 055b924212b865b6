"""What every fake provider stands on: one loopback HTTP server, an app under each path prefix, faults on order.

An `App` answers `Call`s with `Reply`s; the frame records every call, serves the result files, delivers webhooks over
HTTP, and makes the faults of `FAULTS` happen. A fault is asked for in three ways:

* in a test: `frame.fail_next("lost_answer", path="createTask")`;
* in a running site: the words `[fault:lost_answer]` anywhere in an order, such as in the prompt;
* from a shell: `POST /_/faults {"fault": "too_fast", "path": "/kie/", "times": 3}`.

Webhooks may be sent to `/_/received/<anything>` of the frame itself, where they are recorded as any call.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from providers.fakes.apps import App, Call, Reply, json_reply
from providers.fakes.faults import Orders
from providers.fakes.files import Files
from providers.fakes.server import Handler, Server
from providers.fakes.webhooks import Webhooks

LARGEST_RECORDED = 1024 * 1024
MOST_RECORDED = 50_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds. All zero: at once, for tests that do not care."""

    accept: float = 0.0
    work: float = 0.0
    late_webhook: float = 3.0
    trickle: float = 0.05


class Frame:
    """The server of all fakes. `start` it in a thread, or `serve_forever` in a process of its own."""

    def __init__(
        self, apps: Mapping[str, Callable[["Frame"], App]], *, port: int = 0, pace: Pace | None = None
    ) -> None:
        self.pace = pace or Pace()
        self.requests: list[Call] = []
        self._faults = Orders()
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", port), Handler)
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
        self._faults.forget()
        with self._lock:
            self.requests.clear()
        self.apps = {prefix: type(app)(self) for prefix, app in self.apps.items()}

    def fail_next(self, fault: str, *, path: str = "", times: int = 1) -> None:
        """Make `fault` happen to the next calls whose path (with the prefix) contains `path`. Raises ValueError."""
        self._faults.add(fault, path, times)

    def calls(self, path: str = "") -> list[Call]:
        """The recorded calls whose path (with the prefix) contains `path`."""
        with self._lock:
            return [call for call in self.requests if path in call.path]

    def note(self, call: Call) -> None:
        """Record a call; of a long body its beginning, and of very many calls the latest."""
        with self._lock:
            self.requests.append(replace(call, body=call.body[:LARGEST_RECORDED]))
            if len(self.requests) > MOST_RECORDED:
                del self.requests[: MOST_RECORDED // 10]

    def handle(self, call: Call) -> tuple[Reply | None, bool]:
        """The answer to a call and whether it trickles. None: close the connection without an answer."""
        is_ours = call.path.startswith("/_/")
        faults = frozenset[str]() if is_ours else self._faults.take(call.path, call.text[:LARGEST_RECORDED])
        call = replace(call, faults=faults)
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
        reply = app.answer(replace(call, path=f"/{rest}", base_url=f"{call.base_url}/{prefix}"))
        if "lost_answer" in faults:
            return None, False
        if "server_error_after_accepting" in faults:
            return json_reply({"code": 502, "message": "Bad gateway"}, status=502), False
        if "malformed" in faults:
            return Reply(reply.status, reply.body[: len(reply.body) // 2] + b"\x00{", reply.headers), False
        return reply, "slow" in faults
