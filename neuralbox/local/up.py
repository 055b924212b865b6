"""`make run`: the whole site on this machine, until Ctrl-C.

Needs no Django of its own, so it stands within a second; what does need it runs in the processes that it starts.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from neuralbox.local import ports, running, servers, site
from neuralbox.local.supervisor import ProcessDied, Server, Stopped, Supervisor, stop_signals

BANNER = """
  NeuralBox is up:  {url}

  Staff login       {url}/admin/   {staff}
                    (then a second factor: in local mode the page shows the code to type)
  API documents     {url}/api/docs/
  An API key        {python} manage.py create_api_key --email alice@example.com --tokens 1000
  Then              curl -H "Authorization: Bearer <key>" {url}/api/v1/models
                    curl -H "Authorization: Bearer <key>" {url}/api/v1/generations \\
                      --json '{{"model": "demo-image", "input": {{"prompt": "a lighthouse at dawn"}}}}'

  Ctrl-C stops everything. Data stays in {data_dir}.
"""


class CannotRun(Exception):
    """Why the site did not start or did not stay up, in a line for people."""


def run(*, port: int) -> None:
    """Start everything, report on standard output, return after Ctrl-C or SIGTERM. Raises CannotRun."""
    started = time.monotonic()
    data_dir = running.data_dir(site.REPOSITORY)
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with stop_signals(), running.only_one(data_dir), contextlib.ExitStack() as stack:
            _run(stack, data_dir, port, started)
    except Stopped:
        _say("All stopped.")
    except running.AlreadyRunning as other:
        raise CannotRun(f"NeuralBox already runs in {data_dir} ({other}). Stop that one first.") from None
    except (ProcessDied, RuntimeError, TimeoutError, ValueError) as error:
        raise CannotRun(f"Stopped everything: {error}.") from None


def _run(stack: contextlib.ExitStack, data_dir: Path, port: int, started: float) -> None:
    pid_file = data_dir / "up.pids"
    Supervisor({}, pid_file).end_leftovers()
    if ports.is_taken(port):
        raise CannotRun(f"Port {port} is taken by {ports.holder(port)}. Another port: make run PORT={port + 1}")
    url = f"http://localhost:{port}"
    engine_port = ports.free_port()
    addresses, embedded = _start_servers(stack, data_dir)
    stand_ins = {one: ports.free_port() for one in site.wanted_stand_ins()}
    for one, its_port in stand_ins.items():
        addresses |= site.stand_in_environment(one, its_port)
    environment = site.environment(data_dir, addresses, site_url=url, engine_port=engine_port)
    published = {name: environment[name] for name in (*addresses, "OFFLINE_BASE_URL", "SITE_URL")}
    stack.enter_context(running.published(data_dir, published))
    supervisor = Supervisor(environment, pid_file)
    stack.callback(supervisor.stop_all)
    stack.callback(_say, "Stopping …")
    processes = {process.name: process for process in site.processes(port=port, engine_port=engine_port)}
    # On two cores it is the start of Python that takes the time: what nobody waits for comes last.
    supervisor.start(processes["offline"])
    for one, its_port in stand_ins.items():
        supervisor.start(site.stand_in_process(one, its_port, site_url=url))
    staff = _prepare(environment)
    supervisor.start(processes["web"])
    supervisor.start(processes["worker"])
    _wait_until_answering(f"{url}/healthz", supervisor)
    supervisor.start(processes["beat"])
    _say(f"Started in {time.monotonic() - started:.0f} s.")
    _say(BANNER.format(url=url, staff=staff, python=os.path.relpath(sys.executable), data_dir=data_dir))
    supervisor.keep_up(embedded)


def _start_servers(stack: contextlib.ExitStack, data_dir: Path) -> tuple[dict[str, str], list[Server]]:
    """The addresses of those servers that the environment does not name, and those that are to be kept up.

    PostgreSQL keeps itself up: its first process starts the others again.
    """
    addresses: dict[str, str] = {}
    embedded: list[Server] = []
    if "DATABASE_URL" not in os.environ and "DATABASE_URL_FILE" not in os.environ:
        _say("Starting PostgreSQL …")
        addresses["DATABASE_URL"] = stack.enter_context(servers.postgres(data_dir / "postgres"))
    if "REDIS_URL" not in os.environ and "REDIS_URL_FILE" not in os.environ:
        _say("Starting Valkey …")
        valkey = stack.enter_context(servers.redis(data_dir / "valkey"))
        addresses["REDIS_URL"] = valkey.url
        embedded.append(valkey)
    return addresses, embedded


def _prepare(environment: Mapping[str, str]) -> str:
    """Migrates and fills the database; returns the staff login."""
    _say("Preparing the database …")
    prepared = subprocess.run(
        [sys.executable, "manage.py", "prepare_local"],
        env=dict(environment),
        cwd=site.REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    if prepared.returncode != 0:
        raise RuntimeError(f"the database could not be prepared:\n{prepared.stderr.strip()}")
    return prepared.stdout.strip().splitlines()[-1]


def _wait_until_answering(url: str, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        supervisor.check()
        with contextlib.suppress(URLError, TimeoutError, ConnectionError), urlopen(url, timeout=5):  # noqa: S310 - our own address
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
