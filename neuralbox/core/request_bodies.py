"""How much a request may send. Under ASGI a body is received whole before any view runs: the limit stands in front."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from neuralbox.core import ids
from neuralbox.core.errors import BodyTooLarge
from neuralbox.core.problems import PROBLEM_JSON, problem

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The most bytes that a body may have, and the code of the refusal."""

    bytes: int
    code: str = BodyTooLarge.code


def allowed_for(path: str) -> Allowed:
    """What a request to `path` may send: a little everywhere, more where `LARGE_BODIES` says so."""
    larger = settings.LARGE_BODIES.get(path)
    return Allowed(larger["bytes"], larger["code"]) if larger else Allowed(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class BodyLimit:
    """Wraps an ASGI application: a body that is, or turns out, too large is answered with 413 and not received."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        allowed = allowed_for(scope["path"])
        headers = {name.lower(): value for name, value in scope["headers"]}
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > allowed.bytes:
            await _refuse(headers, allowed, send)
            return
        counted = _CountedBody(receive, allowed.bytes)
        await self._application(scope, counted.receive, counted.guarded(send))
        if counted.is_too_large:
            await _refuse(headers, allowed, send)


class _CountedBody:
    """Passes a body on up to its limit; beyond it, the application is told that the client has gone."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.is_too_large = False

    async def receive(self) -> dict[str, Any]:
        if self.is_too_large:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.is_too_large = True
                return {"type": "http.disconnect"}
        return message

    def guarded(self, send: Send) -> Send:
        """What the application answers to a client that has gone is not sent: ours will be."""

        async def send_unless_refused(message: dict[str, Any]) -> None:
            if not self.is_too_large:
                await send(message)

        return send_unless_refused


async def _refuse(headers: dict[bytes, bytes], allowed: Allowed, send: Send) -> None:
    accepted = headers.get(b"accept-language", b"").decode("latin-1")
    request_id = str(ids.new())
    with translation.override("en" if accepted.lower().startswith("en") else settings.LANGUAGE_CODE):
        body = problem(
            request=None,
            status=BodyTooLarge.status,
            code=allowed.code,
            title=str(BodyTooLarge.title),
            detail=gettext("At most %(bytes)d bytes are accepted here.") % {"bytes": allowed.bytes},
            extra={"limit_bytes": allowed.bytes, "request_id": request_id},
        )
    content = json.dumps(body, ensure_ascii=False).encode()
    shown = {
        "Content-Type": PROBLEM_JSON,
        "Content-Length": str(len(content)),
        "X-Request-ID": request_id,
        # The rest of the body may be on its way: this connection cannot be used again.
        "Connection": "close",
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in shown.items()]
    await send({"type": "http.response.start", "status": BodyTooLarge.status, "headers": encoded})
    await send({"type": "http.response.body", "body": content})
