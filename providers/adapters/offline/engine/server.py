"""Runs the engine under uvicorn, on loopback."""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from providers.adapters.offline.engine.app import EngineApp
from providers.adapters.offline.engine.engine import Engine
from providers.adapters.offline.engine.options import EngineOptions


class _Protocol(H11Protocol):
    """Lets the application hang up: a lost answer is one of the things that it has to show."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state: dict[str, Any] = {**self.app_state, "hang_up": transport.abort}
        super().connection_made(transport)


def server(options: EngineOptions, *, port: int) -> uvicorn.Server:
    """A server that `run()` runs until it is told to stop."""
    config = uvicorn.Config(
        EngineApp(Engine(options)),
        host="127.0.0.1",
        port=port,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        backlog=2048,
    )
    return uvicorn.Server(config)
