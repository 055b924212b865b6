"""Outgoing webhooks: signed, repeated a bounded number of times until they are answered with 2xx."""

import asyncio
import json
import logging
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from neuralbox.core import http
from providers.adapters.offline import wire

log = logging.getLogger(__name__)
_TIMEOUT = (2.0, 10.0)
_THREADS = 8


class WebhookSender:
    """Sends from a few threads; waits between attempts in the event loop, so that 10,000 waiting cost little."""

    def __init__(self, key: str, pauses: Sequence[float]) -> None:
        self._key = key
        self._pauses = tuple(pauses)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="offline-webhook")
        self._of_thread = threading.local()
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def send(self, url: str, message: Mapping[str, Any], *, after: float = 0.0, times: int = 1) -> None:
        """Deliver `message` `times` times under one delivery id, the first attempt `after` so many seconds."""
        delivery_id = str(uuid.uuid4())
        body = json.dumps(message, ensure_ascii=False).encode()
        for _repetition in range(times):
            self._schedule(url, delivery_id, body, attempt=0, extra=after)

    def _schedule(self, url: str, delivery_id: str, body: bytes, *, attempt: int, extra: float = 0.0) -> None:
        if attempt >= len(self._pauses):
            log.warning("webhook %s was given up", delivery_id)
            return
        self._loop.call_later(self._pauses[attempt] + extra, self._begin, url, delivery_id, body, attempt)

    def _begin(self, url: str, delivery_id: str, body: bytes, attempt: int) -> None:
        if not self._closed:
            self._threads.submit(self._attempt, url, delivery_id, body, attempt)

    def _attempt(self, url: str, delivery_id: str, body: bytes, attempt: int) -> None:
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            wire.DELIVERY_HEADER: delivery_id,
            wire.TIMESTAMP_HEADER: str(timestamp),
            wire.SIGNATURE_HEADER: wire.signature(self._key, delivery_id=delivery_id, timestamp=timestamp, body=body),
        }
        try:
            answer = self._session(url).post(url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
            delivered = answer.ok
        except (requests.RequestException, ValueError) as error:
            log.info("webhook %s could not be delivered: %s", delivery_id, error)
            delivered = False
        if not delivered and not self._closed:
            self._loop.call_soon_threadsafe(lambda: self._schedule(url, delivery_id, body, attempt=attempt + 1))

    def _session(self, url: str) -> requests.Session:
        """One session per thread and site."""
        site = "/".join(url.split("/", 3)[:3])
        sessions: dict[str, requests.Session] = self._of_thread.__dict__.setdefault("sessions", {})
        if site not in sessions:
            sessions.clear()
            sessions[site] = http.session(trusted_base_urls=[site])
        return sessions[site]
