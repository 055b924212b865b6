"""Free ports, and who holds a taken one."""

import contextlib
import secrets
import socket
import time
from pathlib import Path

from neuralbox.local import processes

# Below those from which systems take ports for outgoing connections. A server that restarts on one of theirs may find
# it taken by somebody's call, or by a client of its own that, calling while nobody listened, got connected to itself.
_LOWEST, _HIGHEST = 10_500, 32_000


def free_port() -> int:
    """A TCP port on loopback that nobody uses now, and that no outgoing connection will take."""
    while True:
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def is_taken(port: int) -> bool:
    """Whether something accepts connections on `port` of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_open(port: int, *, seconds: float) -> None:
    """Return once something accepts connections on `port`; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not is_taken(port):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on port {port} after {seconds} s")
        time.sleep(0.05)


def holder(port: int) -> str:
    """Who listens on `port`, for people: "process 42 (nginx -g …)", or less where the system does not tell."""
    sockets = _listening_sockets(port)
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            held = str(entry.readlink())
        except OSError:
            continue
        if held in sockets:
            process = int(entry.parts[2])
            return f"process {process} ({processes.command_line(process).strip()[:120]})"
    return "another process"


def _listening_sockets(port: int) -> set[str]:
    """Linux: the sockets that listen on `port`, as they appear in /proc/<pid>/fd."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                local_address, state, inode = (line.split()[column] for column in (1, 3, 9))
                if state == "0A" and int(local_address.rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{inode}]")
    return found
