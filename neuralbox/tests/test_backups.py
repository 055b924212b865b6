"""A backup of a site that works, restored into nothing: the same rows, the same files, and it goes on from there."""

import json
import subprocess
import sys

import pytest

from neuralbox.core import backups
from neuralbox.local import site
from neuralbox.tests.site import _database


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
    with _database() as database_url:
        servers = {"DATABASE_URL": database_url, "REDIS_URL": live_site.broker_url}
        place = site.environment(tmp_path / "elsewhere", servers, site_url="http://localhost", engine_port=9)
        environment = live_site.environment | place | {"DJANGO_SETTINGS_MODULE": "neuralbox.settings.test"}

        def manage(*arguments, fails=False):
            finished = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                check=False, env=environment, cwd=site.REPOSITORY, capture_output=True, text=True,
            )  # fmt: skip
            assert (finished.returncode != 0) == fails, finished.stderr
            return finished.stdout + finished.stderr

        manage("restore", "--from", str(first))
        assert "in use" in manage("restore", "--from", str(first), fails=True)
        manage("backup", "--to", str(second))
        before, after = (json.loads((folder / "manifest.json").read_text()) for folder in (first, second))
        assert after["tables"] == before["tables"]
        assert after["files"] == before["files"]
        assert before["tables"]["accounts_user"]["rows"] >= 2
        assert before["files"]["results/one/two/0.png"]["bytes"] == 1004
        manage("create_api_key", "--email", "carol@example.com", "--tokens", "5")
        manage("check_ledger")
