"""The engine's HTTP interface, as a small ASGI application. Described in the README of the offline adapter."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from providers.adapters.offline.engine import downloads
from providers.adapters.offline.engine.engine import Engine, Refused, refusal
from providers.adapters.offline.engine.files import TooMuch

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_MAX_JSON_BYTES = 2 * 1024 * 1024
_MAX_QUERIED = 1000


class EngineApp:
    """One request at a time per connection. Every road but the results' wants the shared key."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                await self._answer(_Request(scope, receive), send)
            except Refused as refused:
                await _send_json(send, refused.status, {"error": refused.error.model_dump()})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.engine.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.engine.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, request: "_Request", send: Send) -> None:
        match request.method, request.parts:
            case "GET" | "HEAD", ["v1", "results", task_id, name]:
                task, result = self.engine.result(task_id, name)
                slow_seconds = self.engine.options.slow_download_seconds
                await downloads.send_result(send, request, task, result, slow_seconds=slow_seconds)
            case "GET", ["v1", "health"]:
                await _send_json(send, 200, {"status": "ok"})
            case _:
                self._authenticate(request)
                await self._answer_authenticated(request, send)

    async def _answer_authenticated(self, request: "_Request", send: Send) -> None:
        match request.method, request.parts:
            case "POST", ["v1", "tasks"]:
                await self._create(request, send)
            case "GET", ["v1", "tasks"]:
                found = self.engine.find(request.parameter("reference"))
                await _send_json(send, 200, {"tasks": [found.as_json()] if found else []})
            case "POST", ["v1", "tasks", "query"]:
                tasks = self.engine.known(_ids(await request.json()))
                await _send_json(send, 200, {"tasks": [task.as_json() for task in tasks]})
            case "GET", ["v1", "tasks", task_id]:
                await _send_json(send, 200, self.engine.get(task_id).as_json())
            case "POST", ["v1", "tasks", task_id, "cancel"]:
                await _send_json(send, 200, self.engine.cancel(task_id).as_json())
            case "POST", ["v1", "files"]:
                await self._upload(request, send)
            case _:
                raise refusal(404, "not_found", "There is nothing here.")

    def _authenticate(self, request: "_Request") -> None:
        given = request.header("authorization").encode()
        if not hmac.compare_digest(given, f"Bearer {self.engine.options.api_key}".encode()):
            raise refusal(401, "not_authenticated", "The key is missing or wrong.")

    async def _create(self, request: "_Request", send: Send) -> None:
        reference = request.header("idempotency-key")
        if not 1 <= len(reference) <= 255:
            raise refusal(422, "no_reference", "The header Idempotency-Key is missing or too long.")
        task, is_new = self.engine.create(reference, await request.json(), request.base_url)
        if is_new and task.simulation.outcome == "lost_answer":
            await request.hang_up()
            return
        await _send_json(send, 201 if is_new else 200, task.as_json())

    async def _upload(self, request: "_Request", send: Send) -> None:
        name = unquote(request.header("file-name")) or "file"
        mime = request.header("content-type") or "application/octet-stream"
        try:
            stored = await self.engine.files.store(request.chunks(), name=name[:255], mime=mime[:255])
        except TooMuch as error:
            raise refusal(413, "file_too_large", "The file is too large.") from error
        await _send_json(send, 201, {"id": stored.id, "bytes": stored.bytes})


class _Request:
    """What the roads above need of an ASGI scope."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.method: str = scope["method"]
        self.parts: list[str] = scope["path"].strip("/").split("/")

    @property
    def base_url(self) -> str:
        return f"http://{self.header('host')}"

    def header(self, name: str) -> str:
        return self._headers.get(name, "")

    def parameter(self, name: str) -> str:
        return parse_qs(self._scope["query_string"].decode()).get(name, [""])[0]

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces. Raises ConnectionError when the caller hangs up in the middle."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise refusal(400, "incomplete", "The body broke off.")
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    async def json(self) -> dict[str, Any]:
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > _MAX_JSON_BYTES:
                raise refusal(413, "too_large", "The body is too large.")
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise refusal(400, "malformed_json", "The body is not JSON.") from error
        if not isinstance(parsed, dict):
            raise refusal(400, "malformed_json", "The body must be an object.")
        return parsed

    async def hang_up(self) -> None:
        """Close the connection without a word, as a broken network does."""
        self._scope["state"]["hang_up"]()
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


def _ids(query: dict[str, Any]) -> list[str]:
    ids = query.get("ids")
    if not isinstance(ids, list) or len(ids) > _MAX_QUERIED or not all(isinstance(one, str) for one in ids):
        raise refusal(422, "invalid_query", f"ids must be a list of at most {_MAX_QUERIED} texts.")
    return ids


async def _send_json(send: Send, status: int, content: Any) -> None:
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
