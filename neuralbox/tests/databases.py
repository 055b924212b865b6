"""Databases of a test run: one is migrated, the others are copies of it."""

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from neuralbox.local import site

# Whichever process comes first migrates; the others wait for it.
_LOCK = 20_260_101


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database of this process's tests is a copy, too: migrating costs ten times as much as copying."""
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template()


@contextlib.contextmanager
def fresh(*, migrated: bool = True) -> Iterator[str]:
    """The address of a database of one's own, dropped at the end whoever is connected."""
    name = f"site_{secrets.token_hex(6)}"
    with _server() as server:
        source = template() if migrated else "template1"
        server.execute(_command("CREATE DATABASE {} TEMPLATE {}", name, source))
        try:
            yield address(name)
        finally:
            server.execute(_command("DROP DATABASE {} WITH (FORCE)", name))


@cache
def template() -> str:
    """The name of a migrated, empty database of this run, made by whoever asks first."""
    name = os.environ["TEST_TEMPLATE"]
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            unfinished = f"{name}_unfinished"
            server.execute(_command("CREATE DATABASE {}", unfinished))
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"],
                check=True,
                cwd=site.REPOSITORY,
                env={**os.environ, "DATABASE_URL": address(unfinished)},
            )
            server.execute(_command("ALTER DATABASE {} RENAME TO {}", unfinished, name))
    return name


def address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _server() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _command(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
