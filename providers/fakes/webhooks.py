"""Webhooks of the fake providers: sent over HTTP, from a thread, in the order and as often as the faults say."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, Request, build_opener
from weakref import WeakSet

if TYPE_CHECKING:
    from providers.fakes.frame import Frame

logger = logging.getLogger(__name__)
_TIMEOUT = 15.0
# Loopback is reached directly, whatever proxy this machine is set up with.
_OPENER = build_opener(ProxyHandler({}))
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Webhook:
    """One message to us. `headers` may depend on the body, as signatures do, and are made when it is sent."""

    url: str
    payload: Mapping[str, object]
    headers: Callable[[bytes], Mapping[str, str]] = field(default=lambda _body: {})


class Webhooks:
    """Sends the webhooks of each task one after another.

    `sent` remembers them, `answers` the status that each was answered with, 0 for none.
    """

    def __init__(self, frame: "Frame") -> None:
        self._frame = frame
        self._queue: queue.Queue[list[Webhook] | None] = queue.Queue()
        self.sent: list[tuple[Webhook, Mapping[str, str], bytes]] = []
        self.answers: list[int] = []
        self._late: WeakSet[threading.Timer] = WeakSet()
        self._threads = [
            threading.Thread(target=self._work, name="fake-webhooks", daemon=True) for _ in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def send(self, *stages: Webhook, faults: frozenset[str] = frozenset(), after: float = 0.0) -> None:
        """Send the stages of a task, in order, `after` some seconds. An empty address is a task without webhooks."""
        wanted = [stage for stage in stages if stage.url]
        if "no_webhook" in faults or not wanted:
            return
        if "reordered_webhooks" in faults:
            wanted.reverse()
        if "duplicate_webhook" in faults:
            wanted = [stage for stage in wanted for _time in range(2)]
        delay = after + (self._frame.pace.late_webhook if "late_webhook" in faults else 0)
        if not delay:
            self._queue.put(wanted)
            return
        timer = threading.Timer(delay, self._queue.put, [wanted])
        timer.daemon = True
        self._late.add(timer)
        timer.start()

    def settle(self) -> None:
        """Return once all that waits has been sent and answered."""
        self._queue.join()

    def forget(self) -> None:
        """Forget what was sent, once all that waits has been sent; what was to be sent later is not sent."""
        for timer in list(self._late):
            timer.cancel()
            timer.join()
        self.settle()
        self.sent.clear()
        self.answers.clear()

    def stop(self) -> None:
        """Send what is waiting, and end."""
        for _thread in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(_TIMEOUT)

    def wait(self, count: int, *, seconds: float = 60.0) -> None:
        """Wait until `count` webhooks were answered. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while len(self.answers) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.answers)} of {count} webhooks were answered")
            time.sleep(0.01)

    def _work(self) -> None:
        while (stages := self._queue.get()) is not None:
            for webhook in stages:
                body = json.dumps(webhook.payload, ensure_ascii=False).encode()
                headers = {"Content-Type": "application/json", **webhook.headers(body)}
                self.sent.append((webhook, headers, body))
                self.answers.append(_post(webhook.url, headers, body))
            self._queue.task_done()


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    request = Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - the site's own address
    try:
        with _OPENER.open(request, timeout=_TIMEOUT) as answer:
            return int(answer.status)
    except (OSError, HTTPException) as error:
        logger.info("a webhook was not taken: %s", error)
        return int(getattr(error, "code", 0))
