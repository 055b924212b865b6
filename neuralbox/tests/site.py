"""The real site for tests: its own processes, database, broker and files; processes can be killed and restarted."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from accounts.fakes import environment as logins_at
from accounts.fakes.server import Fakes
from billing.fakes import Fakes as GatewayFakes
from billing.fakes import environment as gateways_at
from neuralbox.local import ports, processes, servers, site
from neuralbox.tests import databases
from providers import fakes as provider_fakes
from providers.fakes.frame import Frame

START_SECONDS = 120


class LiveSite:
    """A running site at `url` (no slash at its end). `database_url` and `environment` let a test look behind it.

    `providers` are the imitated AI providers of the shared site, whose next calls can be made to fail.
    """

    providers: Frame

    def __init__(self, folder: Path, database_url: str, extra: Mapping[str, str]) -> None:
        self._stack = contextlib.ExitStack()
        self._log = folder / "site.log"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._keys: dict[tuple[str, int], str] = {}
        self._console: subprocess.Popen[str] | None = None
        self._broker = servers.Valkey(folder / "valkey")
        self._port, self._engine_port = ports.free_port(), ports.free_port()
        self.folder = folder
        self.database_url = database_url
        self.url = f"http://localhost:{self._port}"
        addresses = {"DATABASE_URL": database_url, "REDIS_URL": self._broker.url}
        common = site.environment(folder, addresses, site_url=self.url, engine_port=self._engine_port)
        self.environment = {**common, "DJANGO_SETTINGS_MODULE": "neuralbox.settings.test", **extra}
        self._processes = {
            process.name: process for process in site.processes(port=self._port, engine_port=self._engine_port)
        }

    @property
    def broker_url(self) -> str:
        return self._broker.url

    @property
    def log(self) -> str:
        """What the processes have written so far."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        self._broker.start()
        self.manage("prepare_local")
        for name in self._processes:
            self._start(name)
        for name in self._processes:
            self._wait_for(name)

    def stop(self) -> None:
        if self._console is not None:
            # It ends with its input.
            self._console.communicate(timeout=START_SECONDS)
        for name in (*self._running,):
            processes.stop(self._running.pop(name), patience=5)
        self._broker.stop()

    def kill(self, name: str) -> None:
        """SIGKILL `web`, `worker`, `beat`, `offline` or `broker`, at once."""
        if name == "broker":
            self._broker.kill()
        else:
            child = self._running.pop(name)
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def restart(self, name: str) -> None:
        """Start what was killed, at the same address; returns when it answers (beat: at once)."""
        if name == "broker":
            self._broker.start()
        else:
            self._start(name)
            self._wait_for(name)

    def drop_database_connections(self) -> None:
        """As when the database server restarts: every connection of the site is cut."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def manage(self, *arguments: str) -> str:
        """Run a management command against the site; returns its standard output."""
        if self._console is None:
            self._console = self._open_console()
        asked, answered = self._console.stdin, self._console.stdout
        if asked is None or answered is None:
            raise AssertionError("the console was asked for with pipes")
        asked.write(json.dumps(arguments) + "\n")
        asked.flush()
        answer = json.loads(answered.readline())
        if answer["error"]:
            raise AssertionError(f"manage.py {arguments[0]} failed:\n{answer['error']}")
        return str(answer["output"])

    def _open_console(self) -> subprocess.Popen[str]:
        with self._log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "neuralbox.tests.console"],
                env=self.environment,
                cwd=site.REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    def api_key(self, email: str, tokens: int = 0) -> str:
        """An API key of the person with that address, who gets `tokens` when asked for the first time."""
        if (email, tokens) not in self._keys:
            printed = self.manage("create_api_key", "--email", email, "--tokens", str(tokens))
            self._keys[email, tokens] = next(word for word in printed.split() if word.startswith("nb_live_"))
        return self._keys[email, tokens]

    def _start(self, name: str) -> None:
        process = self._processes[name]
        with self._log.open("ab") as output:
            self._running[name] = processes.start(
                process.command,
                output=output,
                environment={**self.environment, **process.environment},
                folder=site.REPOSITORY,
            )

    def _wait_for(self, name: str) -> None:
        port = {"web": self._port, "offline": self._engine_port}.get(name)
        deadline = time.monotonic() + START_SECONDS
        while port and not ports.is_taken(port):
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{name} did not start:\n{self.log[-4000:]}")
            time.sleep(0.05)
        if name == "web":
            assert requests.get(f"{self.url}/readyz", timeout=START_SECONDS).json()["status"] == "ok"
        if name == "worker":
            with redis.Redis.from_url(self.broker_url) as broker:
                while not any(client["cmd"] == "brpop" for client in broker.client_list()):
                    assert time.monotonic() < deadline, f"the worker asks for no work:\n{self.log[-4000:]}"
                    time.sleep(0.05)


@contextlib.contextmanager
def start(folder: Path, **extra: str) -> Iterator[LiveSite]:
    """A site of its own in `folder`, on a fresh database of the test run's server; `extra` adds to its environment."""
    with databases.fresh() as database_url:
        live = LiveSite(folder, database_url, extra)
        try:
            live.start()
            yield live
        finally:
            live.stop()


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory, login_fakes_process: Fakes) -> Iterator[LiveSite]:
    """One site for all browser and reliability tests, with imitated logins, gateways and providers.

    Who kills a process restarts it.
    """
    ai = provider_fakes.start()
    gateways = GatewayFakes(repeat_pauses=())
    gateways.start()
    imitated = logins_at(login_fakes_process.url) | gateways_at(gateways.url) | provider_fakes.environment(ai.url)
    fiscal = {"FISCAL_TAX_SYSTEM": "usn_income", "FISCAL_VAT_CODE": "vat105", "FISCAL_EMAIL": "shop@example.com"}
    with start(tmp_path_factory.mktemp("site"), **imitated, **fiscal) as live:
        gateways.house.site_url = live.url
        live.providers = ai
        yield live
    gateways.stop()
    ai.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a costly server run in the same process of pytest-xdist."""
    for item in items:
        for fixture in ("live_site", "s3_server"):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(fixture))
                break
