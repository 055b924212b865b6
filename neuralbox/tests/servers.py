"""Starts the servers that the tests need, before Django reads its settings.

Loaded by `pytest -p`. Runs in the controlling process alone; workers of pytest-xdist inherit the addresses.
With `DATABASE_URL` or `REDIS_URL` in the environment, those servers are used.
"""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from neuralbox.local import servers

_running = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """A wrapper, because it must run before the Django plugin reads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start_servers()
    else:
        _take_own_keyspace(int(worker.removeprefix("gw")))
    return (yield)


def _take_own_keyspace(number: int) -> None:
    """What one worker counts and caches is nothing to the others. The server has 16 keyspaces."""
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number % 16}").geturl()


def _start_servers() -> None:
    data_dir = Path(os.environ.get("NEURALBOX_DATA_DIR", Path(__file__).resolve().parents[2] / "var"))
    data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=data_dir))
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NEURALBOX_DATA_DIR"] = str(folder)
    # Where tests leave what people look at afterwards; this folder goes with the run.
    os.environ["TEST_ARTIFACTS"] = str(data_dir)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = _running.enter_context(servers.postgres(folder / "postgres", durable=False))
    if "REDIS_URL" not in os.environ:
        os.environ["REDIS_URL"] = _running.enter_context(servers.redis(folder / "redis")).url
    os.environ["TEST_TEMPLATE"] = f"migrated_{secrets.token_hex(6)}"
    _running.callback(_drop_template)


def _drop_template() -> None:
    """What databases.py made, for a server that outlives the run."""
    name = os.environ["TEST_TEMPLATE"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        for one in (name, f"{name}_unfinished"):
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(one)))


def pytest_unconfigure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _running.close()
