"""Runs several processes as one: their output goes to one log with names before the lines, one ends and all end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import IO

from neuralbox.local import processes
from neuralbox.local.site import REPOSITORY, Process

STOP_PATIENCE_SECONDS = 5.0


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class ProcessDied(Exception):
    """A process ended that should not have."""


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    """Within, the first SIGINT, SIGTERM or SIGHUP raises `Stopped`; further ones are ignored, for all is ending."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Supervisor:
    """Starts processes and ends them. `pid_file` tells the next start what a killed supervisor left running."""

    def __init__(self, environment: Mapping[str, str], pid_file: Path, patience: float = STOP_PATIENCE_SECONDS) -> None:
        self._environment = environment
        self._pid_file = pid_file
        self._patience = patience
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def end_leftovers(self) -> None:
        """End what an earlier supervisor left running because it was killed."""
        if self._pid_file.exists():
            for pid in self._pid_file.read_text().split():
                processes.end_leftover(int(pid), marker=sys.executable, patience=3)
            self._pid_file.unlink()

    def start(self, process: Process) -> None:
        environment = {**self._environment, **process.environment}
        child = processes.start(process.command, output=subprocess.PIPE, environment=environment, folder=REPOSITORY)
        self._running[process.name] = child
        with self._pid_file.open("a") as pids:
            pids.write(f"{child.pid}\n")
        if child.stdout is None:
            raise AssertionError("the output was asked for as a pipe")
        threading.Thread(target=_show, args=(process.name, child.stdout), daemon=True).start()

    def check(self) -> None:
        """Raises `ProcessDied` when one of the processes has ended."""
        for name, child in self._running.items():
            if child.poll() is not None:
                raise ProcessDied(f"{name} ended with status {child.returncode}")

    def wait(self) -> None:
        """Return never: raises `ProcessDied` or, within `stop_signals`, `Stopped`."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop_all(self) -> None:
        """Ask all at once, wait for each, kill what has not ended by then."""
        for child in self._running.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + self._patience
        for child in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            # The whole group: whatever the process has started goes with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self._running.clear()
        self._pid_file.unlink(missing_ok=True)


def _show(name: str, output: IO[bytes]) -> None:
    with output:
        for line in output:
            sys.stdout.write(f"{name:<8}| {line.decode(errors='replace').rstrip()}\n")
            sys.stdout.flush()
