"""A bounded pool of rendering processes, fed one job at a time over their standard input."""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
WORKER_MODULE = "providers.adapters.offline.render.worker"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """Something to render. The callbacks run in the engine's event loop, at most one of the last two, once."""

    key: str
    order: Mapping[str, Any]
    on_progress: Callable[[float, str], None]
    on_done: Callable[[Mapping[str, Any]], None]
    on_failed: Callable[[str, str], None]
    cancelled: bool = field(default=False)


class RenderPool:
    """Jobs wait in line for one of `size` processes. A process that is stuck or dies is replaced."""

    def __init__(self, size: int, *, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._waiting: asyncio.Queue[Job] = asyncio.Queue()
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._lanes: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._lanes = [asyncio.create_task(self._lane()) for _number in range(self._size)]

    async def stop(self) -> None:
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)

    def put(self, job: Job) -> None:
        self._jobs[job.key] = job
        self._waiting.put_nowait(job)

    def cancel(self, key: str) -> None:
        """Forget the job; a process that works on it is stopped."""
        if job := self._jobs.pop(key, None):
            job.cancelled = True
        if process := self._processes.get(key):
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    async def _lane(self) -> None:
        process: asyncio.subprocess.Process | None = None
        try:
            while True:
                job = await self._waiting.get()
                if job.cancelled:
                    continue
                if process is None or process.returncode is not None:
                    process = await _start()
                self._processes[job.key] = process
                try:
                    await asyncio.wait_for(_run(process, job), self._seconds)
                except (TimeoutError, ConnectionError, EOFError):
                    await _end(process)
                    process = None
                    if not job.cancelled:
                        log.warning("rendering of %s was broken off", job.key)
                        job.on_failed("render_failed", "Rendering took too long or broke off.")
                finally:
                    self._processes.pop(job.key, None)
                    self._jobs.pop(job.key, None)
        finally:
            if process is not None:
                await _end(process)


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        WORKER_MODULE,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


async def _run(process: asyncio.subprocess.Process, job: Job) -> None:
    """Raises EOFError or ConnectionError when the process dies on the job."""
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(json.dumps(job.order).encode() + b"\n")
    await process.stdin.drain()
    while line := await process.stdout.readline():
        message = json.loads(line)
        if job.cancelled:
            raise EOFError
        match message["event"]:
            case "progress":
                job.on_progress(message["progress"], message["stage"])
            case "done":
                return job.on_done(message)
            case "failed":
                return job.on_failed(message["code"], message["message"])
    raise EOFError
