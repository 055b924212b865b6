"""The processes that make the site on one machine, and how each is started."""

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

QUEUES = ("submit", "poll", "download", "webhook", "mail", "default", "sweep")
REPOSITORY = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the site: its name in the log, its command, what it sees beyond the common environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandIn:
    """One process that plays third parties on loopback, wanted when the environment says `<switch>=fake`."""

    name: str
    module: str
    switch: str


STAND_INS = (
    StandIn("ai", "providers.fakes", "PROVIDERS"),
    StandIn("payments", "billing.fakes", "GATEWAYS"),
    StandIn("logins", "accounts.fakes", "LOGINS"),
)
# The sandbox gateway lives in this one, so it runs always.
_WITH_SANDBOX = "payments"


def wanted_stand_ins() -> Iterator[StandIn]:
    """Those that the environment asks for, and the one with the sandbox gateway. Raises ValueError."""
    for one in STAND_INS:
        asked = os.environ.get(one.switch, "")
        if asked not in {"", "fake"}:
            raise ValueError(f'{one.switch} can be "fake" or nothing, not "{asked}"')
        if asked or one.name == _WITH_SANDBOX:
            yield one


def stand_in_process(one: StandIn, port: int, *, site_url: str) -> Process:
    """How a stand-in is started on `port`."""
    site_option = ("--site", site_url) if one.name == _WITH_SANDBOX else ()
    return Process(one.name, (sys.executable, "-m", one.module, "--port", str(port), *site_option))


def stand_in_environment(one: StandIn, port: int) -> dict[str, str]:
    """What makes the site speak to a stand-in: its base addresses and keys."""
    base_url = f"http://127.0.0.1:{port}"
    variables: dict[str, str] = {}
    if os.environ.get(one.switch):
        variables |= importlib.import_module(one.module).environment(base_url)
    if one.name == _WITH_SANDBOX:
        variables["SANDBOX_BASE_URL"] = f"{base_url}/sandbox"
    return variables


def processes(*, port: int, engine_port: int) -> Iterator[Process]:
    """Web (pages, API and event streams from one ASGI process), worker, beat, and the demonstration engine."""
    python = (sys.executable, "-m")
    web = ("uvicorn", "neuralbox.asgi:application", "--host", "127.0.0.1", "--port", str(port))
    quietly = ("--log-level", "warning", "--no-access-log", "--timeout-graceful-shutdown", "2", "--lifespan", "off")
    yield Process("web", (*python, *web, *quietly))
    celery = (*python, "celery", "--app", "neuralbox", "--quiet")
    worker = ("worker", "--pool", "threads", "--concurrency", "16", "--queues", ",".join(QUEUES))
    alone = ("--without-gossip", "--without-mingle", "--loglevel", "warning")
    # Celery warns of root at each start. It fears pickled jobs; ours are JSON.
    without_alarm = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    yield Process("worker", (*celery, *worker, *alone), {"DATABASE_POOL_SIZE": "20", **without_alarm})
    yield Process("beat", (*celery, "beat", "--loglevel", "warning", "--pidfile", ""))
    yield Process("offline", (sys.executable, "manage.py", "offline_engine", "--port", str(engine_port)))


def environment(data_dir: Path, servers: Mapping[str, str], *, site_url: str, engine_port: int) -> dict[str, str]:
    """What every process of the site sees: our environment, the servers' addresses, and `data_dir` for whatever it
    writes, temporary files and bytecode included."""
    temporary = data_dir / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        **servers,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "neuralbox.settings.local"),
        "NEURALBOX_DATA_DIR": str(data_dir),
        "OFFLINE_BASE_URL": f"http://127.0.0.1:{engine_port}",
        "SITE_URL": site_url,
        "TMPDIR": str(temporary),
        "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(data_dir / "pycache")),
        "PYTHONUNBUFFERED": "1",
    }
