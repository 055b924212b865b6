"""The archive of a person with ten thousand generations, each with a file: the memory that making it takes."""

import io
import json
import random
import subprocess
import sys

import psycopg
from PIL import Image

from bench import million, people, report
from bench.report import Row
from bench.site import REPOSITORY, BenchSite

# One in twenty fails and has no file.
GENERATIONS = 10_527
FILES = 10_000


def run(site: BenchSite) -> list[Row]:
    database_url = site.environment["DATABASE_URL"]
    person, nobody = people.create(database_url, 2)
    million.fill(database_url, [person.id], each=GENERATIONS)
    stored = _store_files(site, person.id)
    made = _in_a_worker(site, str(nobody.id), str(person.id))
    return [
        report.at_least("generations with a file", float(stored), "", FILES),
        report.at_least("files in the archive", float(made["files"]), "", 2 * FILES),
        report.at_most("damaged files in the archive", float(made["damaged"]), "", 0),
        report.at_most("memory of the worker, growth at most", made["growth"] / 2**20, "MiB", 64),
        report.plain("memory of the worker before", made["baseline"] / 2**20, "MiB"),
        report.plain("size of the archive", made["bytes"] / 2**20, "MiB"),
        report.plain("time", made["seconds"], "s"),
    ]


def _store_files(site: BenchSite, person: object) -> int:
    """A real picture for each result; all look alike, and each is a file of its own."""
    content = _picture()
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        rows = connection.execute(
            """UPDATE generations_asset SET bytes = %s, thumbnail_key = ''
               FROM generations_generation AS generation
               WHERE generation.id = generation_id AND user_id = %s
               RETURNING storage_key""",
            [len(content), person],
        ).fetchall()
    for (key,) in rows:
        path = site.folder / "files" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return len(rows)


def _picture() -> bytes:
    image = Image.frombytes("RGB", (64, 64), random.randbytes(64 * 64 * 3))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _in_a_worker(site: BenchSite, *people_ids: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.exporting", *people_ids]
    done = subprocess.run(
        command, env=site.environment, cwd=REPOSITORY, check=False, capture_output=True, text=True, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
