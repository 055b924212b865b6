"""What the engine does at its limits: full, old, too large, a dead renderer, a start and a stop as a command."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid

import psutil
import pytest
import requests

from neuralbox.local.ports import free_port, is_taken
from providers.adapters.offline.engine.workers import ROOT, WORKER_MODULE
from providers.adapters.offline.tests.ordering import INSTANT, adapter, submission, until_done, uploaded
from providers.base import TaskStatus
from providers.errors import ProviderRejected, ProviderUnavailable, TaskNotFound
from providers.tests.fixtures import start_engine


@contextlib.contextmanager
def engine_with(folder, settings, **options):
    running, server, thread = start_engine(folder, **options)
    settings.OFFLINE_BASE_URL = running.url
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(10)


def test_a_full_engine_asks_to_come_back_later(tmp_path, settings):
    with engine_with(tmp_path, settings, max_tasks=1):
        adapter.submit(submission(simulate=INSTANT))
        with pytest.raises(ProviderUnavailable) as full:
            adapter.submit(submission(simulate=INSTANT))
        assert full.value.retry_after == 5


def test_a_file_that_is_too_large_is_refused_and_not_kept(tmp_path, settings):
    with engine_with(tmp_path, settings, max_file_bytes=1000) as engine:
        file = uploaded(b"x" * 2000)
        with pytest.raises(ProviderRejected) as refused:
            adapter.submit(submission("demo-image-edit", files={"u1": file}, image={"upload": "u1"}))
        assert refused.value.failure.code == "file_too_large"
        assert list((engine.options.folder / "files").iterdir()) == []


def test_old_tasks_are_forgotten_with_their_files(tmp_path, settings):
    with engine_with(tmp_path, settings, keep_seconds=3, tidy_seconds=0.1) as engine:
        done = until_done(adapter.submit(submission(size=256)))
        assert done.status is TaskStatus.SUCCEEDED
        folder = engine.options.folder / "results" / done.external_id
        assert folder.exists()
        deadline = time.monotonic() + 8
        while folder.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not folder.exists()
        with pytest.raises(TaskNotFound):
            adapter.fetch(done.external_id)


def renderers():
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.is_running() and child.status() != psutil.STATUS_ZOMBIE and WORKER_MODULE in child.cmdline()
    ]


def test_a_renderer_that_dies_fails_its_task_and_is_replaced(tmp_path, settings):
    with engine_with(tmp_path, settings):
        before = {child.pid for child in renderers()}
        doomed = adapter.submit(submission(size=2048, count=4))
        while not (new := [child for child in renderers() if child.pid not in before]):
            time.sleep(0.02)
        new[0].kill()
        failed = until_done(doomed)
        assert (failed.status, failed.failure.code) == (TaskStatus.FAILED, "render_failed")
        assert until_done(adapter.submit(submission(size=256))).status is TaskStatus.SUCCEEDED


def test_rendering_that_takes_too_long_is_broken_off(tmp_path, settings):
    with engine_with(tmp_path, settings, render_seconds=0.2):
        failed = until_done(adapter.submit(submission(size=2048, count=4)))
        assert failed.failure.code == "render_failed"


def test_without_rendering_every_model_gives_a_tiny_real_file(tmp_path, settings):
    with engine_with(tmp_path, settings, renders=False):
        kinds = {}
        for model, given in (
            ("demo-image", {"count": 3}),
            ("demo-video", {}),
            ("demo-music", {}),
            ("demo-speech", {}),
            ("demo-avatar", {"script": "Привет"}),
            ("demo-text", {}),
        ):
            done = until_done(adapter.submit(submission(model, **given)))
            kinds[model] = [output.kind for output in done.outputs]
            for output in done.outputs:
                with adapter.open_output(output) as opened:
                    content = b"".join(opened.chunks)
                assert 30 < len(content) < 20_000
        assert kinds == {
            "demo-image": ["image"] * 3,
            "demo-video": ["video"],
            "demo-music": ["audio"] * 2,
            "demo-speech": ["audio"],
            "demo-avatar": ["video"],
            "demo-text": ["text"],
        }


def command(port, tmp_path, module="neuralbox.settings.local"):
    return subprocess.Popen(
        [sys.executable, "manage.py", "offline_engine", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": module, "NEURALBOX_DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_the_command_serves_and_leaves_nothing_behind_when_stopped(tmp_path, settings):
    port = free_port()
    engine = command(port, tmp_path)
    try:
        while not is_taken(port):
            assert engine.poll() is None
            time.sleep(0.05)
        settings.OFFLINE_BASE_URL = f"http://127.0.0.1:{port}"
        accepted = adapter.submit(submission(size=2048, count=4))
        assert requests.get(f"{settings.OFFLINE_BASE_URL}/v1/health", timeout=5).ok
        while not (children := psutil.Process(engine.pid).children()):
            time.sleep(0.02)
        assert adapter.fetch(accepted.external_id).status is TaskStatus.RUNNING
        engine.send_signal(signal.SIGINT)
        output, _nothing = engine.communicate(timeout=15)
    finally:
        engine.kill()
    assert b"Traceback" not in output
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert not (tmp_path / "offline" / str(port)).exists()


def test_the_command_refuses_a_taken_port(tmp_path, offline_engine):
    engine = command(int(offline_engine.url.rsplit(":", 1)[1]), tmp_path)
    output, _nothing = engine.communicate(timeout=60)
    assert engine.returncode == 1
    assert b"is taken" in output


def test_the_command_refuses_to_run_outside_of_local_mode(tmp_path):
    module = "neuralbox.settings.base"
    engine = subprocess.run(
        [sys.executable, "manage.py", "offline_engine"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": module, "SECRET_KEY": uuid.uuid4().hex},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert engine.returncode == 1
    assert b"local mode only" in engine.stderr
