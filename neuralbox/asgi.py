"""Entry point for ASGI servers: event streams in production, everything in local mode."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.production")

_django = get_asgi_application()

from generations import streams  # noqa: E402 - Django must be set up first
from neuralbox.core.request_bodies import BodyLimit  # noqa: E402

django_application = BodyLimit(_django)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Open event streams beside Django, everything else through it."""
    if streams.serves(scope):
        await streams.application(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await django_application(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
