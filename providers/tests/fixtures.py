"""Fixtures for every app: the offline engine and the stand-ins for providers, running."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import redis
import uvicorn

from neuralbox.local.ports import free_port
from providers import fakes
from providers.adapters.offline import wire
from providers.adapters.offline.engine.options import EngineOptions
from providers.adapters.offline.engine.server import server


@dataclass(frozen=True, slots=True)
class RunningEngine:
    """Times are short here: `late` comes after 2 s, a slow download takes 1 s."""

    url: str
    options: EngineOptions


def start_engine(folder: Path, **changes: object) -> tuple[RunningEngine, uvicorn.Server, threading.Thread]:
    """An engine in a thread, on a free port, answering when this returns."""
    port = free_port()
    options = EngineOptions(
        folder=folder / str(port),
        api_key=wire.api_key(),
        workers=1,
        late_seconds=2,
        slow_download_seconds=1,
        late_webhook_seconds=0.5,
        webhook_pauses=(0, 0.1, 0.3, 0.6),
    )
    options = replace(options, **changes)
    running = server(options, port=port)
    thread = threading.Thread(target=running.run, name="offline-engine", daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not running.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the offline engine did not start")
        time.sleep(0.02)
    return RunningEngine(f"http://127.0.0.1:{port}", options), running, thread


@pytest.fixture(scope="session")
def _offline_engine_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    engine, running, thread = start_engine(tmp_path_factory.mktemp("offline"))
    yield engine
    running.should_exit = True
    thread.join(10)


@pytest.fixture
def offline_engine(_offline_engine_of_the_session: RunningEngine, settings: object) -> RunningEngine:
    """A running offline engine that the offline adapter speaks to in this test."""
    settings.OFFLINE_BASE_URL = _offline_engine_of_the_session.url
    return _offline_engine_of_the_session


@pytest.fixture(scope="session")
def _fake_providers_of_the_session() -> Iterator[fakes.Frame]:
    frame = fakes.start()
    yield frame
    frame.stop()


@pytest.fixture
def fake_providers(_fake_providers_of_the_session: fakes.Frame, settings: object) -> fakes.Frame:
    """The stand-ins for all providers, afresh, with the settings that make the adapters call them.

    A task of theirs is done when it is first asked for. Whatever was counted and kept of providers is forgotten, too.
    """
    frame = _fake_providers_of_the_session
    frame.forget()
    with redis.Redis.from_url(settings.REDIS_URL) as counters:
        counters.flushdb()
    for name, value in fakes.environment(frame.url).items():
        setattr(settings, name, value)
    return frame
