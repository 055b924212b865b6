"""A result of 500 MB takes no more than 64 MiB of memory, on its way in and on its way out."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from generations.services import links
from neuralbox.local import ports, processes

REPOSITORY = Path(__file__).resolve().parents[2]
ALLOWED_MIB = 64
RESULT_MIB = 500


def store_in_a_process_of_its_own(kind: str, folder: Path, environment: dict[str, str]) -> float:
    finished = subprocess.run(
        [sys.executable, "-m", "generations.tests.storing_large", kind, str(RESULT_MIB), str(folder)],
        env={**os.environ, "NEURALBOX_DATA_DIR": str(folder), **environment},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return float(finished.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_storing_on_disk(kind, tmp_path):
    assert store_in_a_process_of_its_own(kind, tmp_path, {}) < ALLOWED_MIB


@pytest.mark.slow
def test_storing_on_s3(tmp_path, s3_server):
    assert store_in_a_process_of_its_own("video", tmp_path, s3_server.environment) < ALLOWED_MIB


SERVERS = {
    "asgi": ["uvicorn", "neuralbox.asgi:application", "--port", "{port}", "--log-level", "warning"],
    "wsgi": ["gunicorn", "neuralbox.wsgi:application", "-b", "127.0.0.1:{port}", "-k", "gthread", "--threads", "2"],
}


@pytest.fixture
def serving(tmp_path):
    """Start a server of that kind over a folder of files; gives its port and its process."""
    running = []

    def start(kind: str) -> tuple[int, psutil.Process]:
        port = ports.free_port()
        command = [part.format(port=port) for part in SERVERS[kind]]
        process = processes.start(
            [str(Path(sys.executable).with_name(command[0])), *command[1:]],
            environment={**os.environ, "NEURALBOX_DATA_DIR": str(tmp_path)},
            folder=REPOSITORY,
            output=subprocess.DEVNULL,
        )
        running.append(process)
        ports.wait_until_open(port, seconds=30)
        return port, psutil.Process(process.pid)

    yield start
    for process in running:
        processes.stop(process, patience=5)


def resident_mib(process: psutil.Process) -> float:
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1024**2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_serving(kind, tmp_path, serving):
    key = "results/u/g/0.mp4"
    path = tmp_path / "files" / key
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(200 * 1024**2)
    port, process = serving(kind)
    address = f"http://127.0.0.1:{port}{links.link(key, mime='video/mp4', filename='a.mp4')}"
    assert requests.get(address, headers={"Range": "bytes=0-9"}, timeout=30).content == bytes(10)
    before = highest = resident_mib(process)
    received = 0
    with requests.get(address, stream=True, timeout=30) as answer:
        assert answer.headers["Content-Length"] == str(200 * 1024**2)
        for number, piece in enumerate(answer.iter_content(1024**2)):
            received += len(piece)
            if number % 10 == 0:
                highest = max(highest, resident_mib(process))
    assert received == 200 * 1024**2
    assert highest - before < 32
