"""Child processes that end with the process that started them, and leftovers of one that could not end them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def _in_a_session_of_its_own(when_orphaned: signal.Signals) -> Callable[[], None]:
    """For the child before it becomes the program. Ctrl-C reaches the starter alone, who stops all in order; and on
    Linux the kernel sends `when_orphaned` should the starter be killed."""

    def prepare() -> None:
        os.setsid()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, when_orphaned)

    return prepare


def start(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    when_orphaned: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a program whose standard output and error go to `output`. Call from the main thread: the program
    ends with the thread that started it."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=folder,
        preexec_fn=_in_a_session_of_its_own(when_orphaned),  # noqa: PLW1509
    )


def stop(process: subprocess.Popen[bytes], *, how: signal.Signals = signal.SIGTERM, patience: float) -> None:
    """Ask a process to end and wait; after `patience` seconds kill it."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_leftover(pid: int, marker: str, *, how: signal.Signals = signal.SIGTERM, patience: float = 10) -> bool:
    """End the process `pid` if its command line contains `marker`, that is: if it is ours and not a stranger who
    got the number since. Returns whether there was one."""
    if marker not in command_line(pid):
        return False
    for attempt in (how, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, attempt)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if marker not in command_line(pid):
                return True
            time.sleep(0.05)
    raise RuntimeError(f"process {pid}, left from an earlier start, cannot be ended")


def command_line(pid: int) -> str:
    """With spaces between the arguments; empty when there is no such process (or only its zombie)."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    ps = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, check=False, capture_output=True, text=True).stdout
