"""The servers that a benchmark needs: PostgreSQL and Valkey of its own, and web processes as in production."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from neuralbox.local import ports, processes, servers, site

REPOSITORY = site.REPOSITORY


@dataclass(frozen=True, slots=True)
class BenchSite:
    """`environment` is what processes of the site see."""

    folder: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it printed. Raises RuntimeError with what it complained of."""
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> str:
        """Run a Python program of the site and wait for it; returns what it printed."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=REPOSITORY, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}:\n{done.stderr[-2000:]}")
        return done.stdout

    @contextlib.contextmanager
    def running(self, *command: str, port: int | None = None, **extra: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program of the site, until the block ends; waits for its port."""
        with (self.folder / "bench.log").open("ab") as log:
            child = processes.start(command, output=log, environment={**self.environment, **extra}, folder=REPOSITORY)
        try:
            deadline = time.monotonic() + 60
            while port and not ports.is_taken(port):
                if child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[:4]} did not start, see {self.folder / 'bench.log'}")
                time.sleep(0.05)
            yield child
        finally:
            processes.stop(child, patience=10)

    @contextlib.contextmanager
    def python_module(
        self, *arguments: str, port: int | None = None, **extra: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run `python -m …`, until the block ends."""
        with self.running(sys.executable, "-m", *arguments, port=port, **extra) as child:
            yield child

    @contextlib.contextmanager
    def web(self, port: int | None = None, **extra: str) -> Iterator[int]:
        """The API under WSGI, as in production: a process per core, two threads each. Yields the port."""
        port = port or ports.free_port()
        gunicorn = (
            "gunicorn",
            "neuralbox.wsgi:application",
            "--worker-class",
            "gthread",
            "--log-level",
            "error",
            "--no-control-socket",
        )
        size = ("--workers", "2", "--threads", "2", "--keep-alive", "30")
        with self.python_module(*gunicorn, *size, "--bind", f"127.0.0.1:{port}", port=port, **extra):
            yield port


@contextlib.contextmanager
def start(folder: Path) -> Iterator[BenchSite]:
    """Fresh servers in `folder`, the database migrated and the catalogue loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    with servers.postgres(folder / "postgres") as database_url, servers.redis(folder / "valkey") as valkey:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey.url,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "NEURALBOX_DATA_DIR": str(folder),
            "PYTHONWARNINGS": "ignore",
        }
        live = BenchSite(folder, environment)
        live.manage("prepare_local")
        yield live
