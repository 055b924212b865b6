"""A backup of a site that works, restored into nothing: every row, every file, and it goes on from there."""

import subprocess
import sys

import psycopg
import pytest

from neuralbox.local import site
from neuralbox.tests.site import _database

pytestmark = pytest.mark.slow


def manage(environment, *arguments, fails=False):
    finished = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        check=False, env=environment, cwd=site.REPOSITORY, capture_output=True, text=True,
    )  # fmt: skip
    assert (finished.returncode != 0) == fails, finished.stderr
    return finished.stdout + finished.stderr


def contents(database_url):
    """Every row of every table, as text."""
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        ).fetchall()
        return {
            table: connection.execute(f'SELECT t::text FROM "{table}" AS t ORDER BY 1').fetchall()  # noqa: S608
            for (table,) in tables
        }


def files(folder):
    root = folder / "files"
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_backup_is_restored_whole_and_the_site_goes_on_from_there(tmp_path):
    backup, source, target = tmp_path / "backup", tmp_path / "source", tmp_path / "target"
    with _database() as from_url, _database() as to_url:
        common = {"DATABASE_URL": from_url, "REDIS_URL": "redis://127.0.0.1:9/0"}
        environment = site.environment(source, common, site_url="http://localhost", engine_port=9)
        environment["DJANGO_SETTINGS_MODULE"] = "neuralbox.settings.test"
        manage(environment, "prepare_local")
        manage(environment, "create_api_key", "--email", "alice@example.com", "--tokens", "1000")
        picture = source / "files" / "results" / "one" / "two" / "0.png"
        picture.parent.mkdir(parents=True)
        picture.write_bytes(b"\x89PNG" + bytes(1000))
        assert "1 files of 1004 bytes" in manage(environment, "backup", "--to", str(backup))
        assert "not empty" in manage(environment, "backup", "--to", str(backup), fails=True)
        assert "in use" in manage(environment, "restore", "--from", str(backup), fails=True)

        elsewhere = environment | {"DATABASE_URL": to_url, "NEURALBOX_DATA_DIR": str(target)}
        table = backup / "tables" / "accounts_user.copy.gz"
        whole = table.read_bytes()
        table.write_bytes(whole[:-1])
        assert "accounts_user.copy.gz is missing or damaged" in manage(
            elsewhere, "restore", "--from", str(backup), fails=True
        )
        table.write_bytes(whole)
        manage(elsewhere, "restore", "--from", str(backup))
        assert contents(to_url) == contents(from_url)
        assert files(target) == files(source)
        assert "alice@example.com" in str(contents(to_url)["accounts_user"])
        manage(elsewhere, "check_ledger")
        manage(elsewhere, "create_api_key", "--email", "bob@example.com", "--tokens", "5")
        manage(elsewhere, "check_ledger")
