"""Runs several processes as one: their output goes to one log with names before the lines.

Once all are up, one that ends is started again, as systemd or a container runtime would do it on a server. One that
cannot stay up ends them all.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Protocol

from neuralbox.local import processes
from neuralbox.local.site import REPOSITORY, Process

STOP_PATIENCE_SECONDS = 5.0
# A process that ends more often than this within the time will not stay up by being started again.
MOST_ENDS = 5
WITHIN_SECONDS = 60.0


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class ProcessDied(Exception):
    """A process ended that should not have."""


class Server(Protocol):
    """A server beside the processes, which knows how to stand up again."""

    def revive(self) -> str:
        """Start it again if it has ended. Returns what happened, or nothing."""


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
        self._started: dict[str, Process] = {}
        self._ends: defaultdict[str, list[float]] = defaultdict(list)

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
        self._started[process.name] = process
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

    def keep_up(self, servers: Sequence[Server] = ()) -> None:
        """Start again whatever ends. Returns never: raises `ProcessDied` or, within `stop_signals`, `Stopped`."""
        while True:
            for server in servers:
                if event := server.revive():
                    _say(event)
            for name, child in list(self._running.items()):
                if child.poll() is not None:
                    self._again(name, child)
            time.sleep(0.2)

    def _again(self, name: str, child: subprocess.Popen[bytes]) -> None:
        now = time.monotonic()
        self._ends[name] = [end for end in self._ends[name] if end > now - WITHIN_SECONDS] + [now]
        if len(self._ends[name]) > MOST_ENDS:
            raise ProcessDied(f"{name} ends again and again, last with status {child.returncode}")
        _kill_group(child)
        _say(f"{name} ended with status {child.returncode}: started again.")
        self.start(self._started[name])

    def stop_all(self) -> None:
        """Ask all at once, wait for each, kill what has not ended by then."""
        for child in self._running.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + self._patience
        for child in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            _kill_group(child)
            child.wait()
        self._running.clear()
        self._pid_file.unlink(missing_ok=True)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Whatever the process has started goes with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _show(name: str, output: IO[bytes]) -> None:
    with output:
        for line in output:
            _say(f"{name:<8}| {line.decode(errors='replace').rstrip()}")
