"""Free ports, and who holds a taken one."""

import socket
import time


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
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
