"""Event streams that stay open, as a small ASGI application beside Django.

Thousands of them wait in one process, so a stream holds no thread, no database connection and no Redis connection of
its own: requests are admitted by the ordinary API view in a thread, then one subscription per process feeds
all streams through bounded queues. A stream that cannot keep up is ended; its client comes back and reads the state.
"""

import asyncio
import contextlib
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis.asyncio
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpResponse
from django.utils import translation

from generations.api.events import Admission, Admitted, EventsApi, GenerationEventsApi, encoded, opening
from generations.services.events import CHANNEL
from neuralbox.core import ids

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

QUEUE_LENGTH = 100
SILENCE_SECONDS = 20.0
_PATHS = re.compile(r"/api/v1/(?:generations/(?P<id>[0-9a-fA-F-]{36})/)?events")
_admissions = ThreadPoolExecutor(8, thread_name_prefix="stream-admission")


class Hub:
    """Hands messages of the one subscription to the streams of their user. One per event loop."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[dict[str, Any] | None]]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self, user_id: UUID) -> AsyncIterator[asyncio.Queue[dict[str, Any] | None]]:
        """A queue of this user's messages, from now on. None in it: messages may have been lost."""
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._subscribed.wait(), 2)
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE_LENGTH)
        mine = self._listeners.setdefault(str(user_id), set())
        mine.add(queue)
        try:
            yield queue
        finally:
            mine.discard(queue)
            if not mine and self._listeners.get(str(user_id)) is mine:
                del self._listeners[str(user_id)]

    async def _read(self) -> None:
        while True:
            try:
                async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    self._subscribed.set()
                    async for message in channel.listen():
                        if message["type"] == "message":
                            self._hand_out(json.loads(message["data"]))
            except (redis.RedisError, OSError) as error:
                logger.warning("event subscription lost: %s", type(error).__name__)
            self._subscribed.clear()
            self._interrupt_all()
            await asyncio.sleep(1)

    def _hand_out(self, message: dict[str, Any]) -> None:
        for queue in self._listeners.get(message["user"], ()):
            try:
                queue.put_nowait(message)
            except asyncio.QueueFull:
                _interrupt(queue)

    def _interrupt_all(self) -> None:
        for queues in self._listeners.values():
            for queue in queues:
                _interrupt(queue)


def _interrupt(queue: asyncio.Queue[dict[str, Any] | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def _hub() -> Hub:
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def serves(scope: Scope) -> bool:
    """Whether this application answers the request, rather than Django."""
    return scope["type"] == "http" and scope["method"] == "GET" and bool(_PATHS.fullmatch(scope["path"]))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Admit, then stream until the client leaves, the token expires, or the one generation has ended."""
    loop = asyncio.get_running_loop()
    request_id = str(ids.new())
    admitted = await loop.run_in_executor(_admissions, _admit, scope, request_id)
    headers = [(name.lower().encode(), value.encode()) for name, value in admitted.items()]
    headers += [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
    if not isinstance(admitted, Admitted):
        await send({"type": "http.response.start", "status": admitted.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": admitted.content})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    admission = admitted.admission
    del admitted, headers
    gone = asyncio.create_task(_until_disconnected(receive))
    stream = asyncio.create_task(_stream(admission, scope, send))
    try:
        await asyncio.wait({gone, stream}, return_when=asyncio.FIRST_COMPLETED)
        if stream.done():
            stream.result()
    finally:
        gone.cancel()
        stream.cancel()
        await asyncio.gather(gone, stream, return_exceptions=True)


def _admit(scope: Scope, request_id: str) -> HttpResponse:
    """Run the ordinary view: the same authentication, permissions, limits and errors. Blocking."""
    try:
        request = ASGIRequest(scope, body_file=io.BytesIO())
        request.request_id = request_id  # type: ignore[attr-defined]
        request.is_kept_open = True  # type: ignore[attr-defined]
        found = _PATHS.fullmatch(scope["path"])
        generation_id = found.group("id") if found else None
        with translation.override(translation.get_language_from_request(request)):
            if generation_id:
                response = GenerationEventsApi.as_view()(request, generation_id=UUID(generation_id))
            else:
                response = EventsApi.as_view()(request)
            if hasattr(response, "render"):
                response.render()
        return response
    finally:
        connection.close()


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stream(admission: Admission, scope: Scope, send: Send) -> None:
    async def out(text: str, *, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": more})

    async with _hub().listening(admission.user_id) as queue:
        # The state is read again after subscribing: nothing can fall between the two.
        loop = asyncio.get_running_loop()
        await out(await loop.run_in_executor(_admissions, _opening, admission))
        while True:
            patience = _remaining(admission)
            if patience <= 0:
                break
            try:
                message = await asyncio.wait_for(queue.get(), min(patience, SILENCE_SECONDS))
            except TimeoutError:
                await out(":\n\n")
                continue
            if message is None:
                break
            if admission.generation_id and message["generation"] != str(admission.generation_id):
                continue
            data = message["data"]
            if message["generation"]:
                data = {"generation": message["generation"], **data}
            await out(encoded(message["event"], data, message["id"]))
            if admission.generation_id and data.get("status") in {"succeeded", "failed", "cancelled"}:
                break
        await out("", more=False)


def _opening(admission: Admission) -> str:
    try:
        return "".join(opening(admission))
    finally:
        connection.close()


def _remaining(admission: Admission) -> float:
    if admission.until is None:
        return SILENCE_SECONDS
    return (admission.until - datetime.now(UTC)).total_seconds()
