"""A backup of a site that works, restored into nothing: the same rows, the same files, and it goes on from there."""

import json
import subprocess
import sys

import pytest

from neuralbox.core import backups
from neuralbox.local import site
from neuralbox.tests import databases

# On another machine, in one process: restore, be refused a second time, back up again, go on working.
ELSEWHERE = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "neuralbox.settings.test"
django.setup()
from django.core.management import CommandError, call_command
first, second = sys.argv[1:]
call_command("restore", "--from", first)
try:
    call_command("restore", "--from", first)
except CommandError as refusal:
    print("refused:", refusal)
call_command("backup", "--to", second)
call_command("create_api_key", "--email", "carol@example.com", "--tokens", "5")
call_command("check_ledger")
"""


@pytest.fixture
def small_backup(tmp_path):
    """One table and one file, as a backup has them."""
    folder = tmp_path / "small"
    for name, content in {"tables/one.copy.gz": b"rows", "files/results/a/0.png": b"\x89PNG"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    digest = backups._digest
    manifest = {
        "format": backups.FORMAT,
        "migrations": [],
        "tables": {"one": {"columns": ["id"], "rows": 1, "sha256": digest(folder / "tables/one.copy.gz")}},
        "files": {"results/a/0.png": {"bytes": 4, "sha256": digest(folder / "files/results/a/0.png")}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_whole_backup_is_found_whole(small_backup):
    assert backups.check(small_backup)["tables"]["one"]["rows"] == 1


@pytest.mark.parametrize("name", ["tables/one.copy.gz", "files/results/a/0.png", "manifest.json"])
@pytest.mark.parametrize("trouble", ["missing", "cut", "changed"])
def test_a_damaged_backup_is_refused(small_backup, name, trouble):
    path = small_backup / name
    whole = path.read_bytes()
    path.unlink() if trouble == "missing" else path.write_bytes(whole[:-1] if trouble == "cut" else b"x" + whole[1:])
    with pytest.raises(backups.BackupProblem):
        backups.check(small_backup)


def test_a_backup_goes_into_an_empty_folder_only(small_backup):
    with pytest.raises(backups.BackupProblem, match="not empty"):
        backups.make(small_backup)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_backup_is_restored_whole_and_the_site_goes_on_from_there(live_site, tmp_path):
    live_site.api_key("alice@example.com", tokens=1000)
    picture = live_site.folder / "files" / "results" / "one" / "two" / "0.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"\x89PNG" + bytes(1000))
    first, second = tmp_path / "first", tmp_path / "second"
    live_site.manage("backup", "--to", str(first))
    picture.unlink()
    with databases.fresh(migrated=False) as database_url:
        servers = {"DATABASE_URL": database_url, "REDIS_URL": live_site.broker_url}
        place = site.environment(tmp_path / "elsewhere", servers, site_url="http://localhost", engine_port=9)
        cache = {"PYTHONPYCACHEPREFIX": live_site.environment["PYTHONPYCACHEPREFIX"]}
        finished = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, str(first), str(second)],
            check=False,
            env=live_site.environment | place | cache,
            cwd=site.REPOSITORY,
            capture_output=True,
            text=True,
        )
    assert finished.returncode == 0, finished.stderr
    assert "refused: the database is in use" in finished.stdout
    before, after = (json.loads((folder / "manifest.json").read_text()) for folder in (first, second))
    assert after["tables"] == before["tables"]
    assert after["files"] == before["files"]
    assert before["tables"]["accounts_user"]["rows"] >= 2
    assert before["files"]["results/one/two/0.png"]["bytes"] == 1004
