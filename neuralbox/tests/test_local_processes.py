"""What `make run` relies on: locks, leftovers, ports, and processes that end together."""

import os
import signal
import subprocess
import sys
import time

import pytest
import redis

from neuralbox.local import ports, processes, running, servers
from neuralbox.local.site import Process
from neuralbox.local.supervisor import ProcessDied, Stopped, Supervisor

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


def _wait_until_seen(pid):
    """The command line of a new process is empty for an instant."""
    while not processes.command_line(pid):
        time.sleep(0.01)


def _ends_soon(pid):
    deadline = time.monotonic() + 5
    while processes.command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not processes.command_line(pid)


def test_only_one_supervisor_works_in_a_data_folder(tmp_path):
    with running.only_one(tmp_path), pytest.raises(running.AlreadyRunning, match=str(os.getpid())):
        running.only_one(tmp_path).__enter__()
    with running.only_one(tmp_path):
        pass


def test_addresses_of_a_running_site_are_adopted_and_private(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURALBOX_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("NEURALBOX_TEST_ADDRESS", raising=False)
    with running.only_one(tmp_path), running.published(tmp_path, {"NEURALBOX_TEST_ADDRESS": "redis://:p#s@here"}):
        assert (tmp_path / "run.env").stat().st_mode & 0o077 == 0
        running.adopt(tmp_path)
    assert os.environ["NEURALBOX_TEST_ADDRESS"] == "redis://:p#s@here"


def test_addresses_that_a_killed_site_left_are_not_adopted(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURALBOX_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("NEURALBOX_TEST_ADDRESS", raising=False)
    (tmp_path / "up.lock").touch()
    (tmp_path / "run.env").write_text("NEURALBOX_TEST_ADDRESS='gone'\n")
    running.adopt(tmp_path)
    assert "NEURALBOX_TEST_ADDRESS" not in os.environ


def test_what_the_environment_says_wins_over_files(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURALBOX_TEST_ADDRESS", "mine")
    (tmp_path / ".env").write_text("NEURALBOX_TEST_ADDRESS=theirs\n")
    running.adopt(tmp_path)
    assert os.environ["NEURALBOX_TEST_ADDRESS"] == "mine"


def test_the_holder_of_a_port_is_named():
    port = ports.free_port()
    with subprocess.Popen([sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], stderr=-3) as server:
        ports.wait_until_open(port, seconds=10)
        assert ports.holder(port).startswith(f"process {server.pid} (")
        assert "http.server" in ports.holder(port)
        server.terminate()


def _check_for_ever(supervisor):
    while True:
        supervisor.check()
        time.sleep(0.01)


class Until:
    """Stands among the servers and ends the keeping up once `done()`."""

    def __init__(self, done):
        self._done = done
        self._deadline = time.monotonic() + 60

    def revive(self):
        assert time.monotonic() < self._deadline, "it was not started again"
        if self._done():
            raise Stopped
        return ""


def test_when_one_process_ends_at_the_start_the_supervisor_says_which(tmp_path):
    supervisor = Supervisor(os.environ, tmp_path / "pids")
    supervisor.start(Process("sleeper", SLEEPER))
    supervisor.start(Process("goer", (sys.executable, "-c", "raise SystemExit(3)")))
    try:
        with pytest.raises(ProcessDied, match="goer ended with status 3"):
            _check_for_ever(supervisor)
    finally:
        supervisor.stop_all()
    assert not (tmp_path / "pids").exists()


def test_a_process_that_was_killed_is_started_again(tmp_path, capfd):
    starts = tmp_path / "starts"
    life = f"import os, time; open({str(starts)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    supervisor = Supervisor(os.environ, tmp_path / "pids")
    supervisor.start(Process("worker", (sys.executable, "-c", life)))
    killed = set()

    def twice():
        pids = starts.read_text().split() if starts.exists() else []
        for pid in set(pids) - killed:
            if len(killed) < 2:
                os.kill(int(pid), signal.SIGKILL)
            killed.add(pid)
        return len(pids) == 3

    try:
        with pytest.raises(Stopped):
            supervisor.keep_up([Until(twice)])
        supervisor.check()
    finally:
        supervisor.stop_all()
    assert capfd.readouterr().out.count("worker ended with status -9: started again.") == 2


def test_a_process_that_cannot_stay_up_ends_the_site(tmp_path):
    supervisor = Supervisor(os.environ, tmp_path / "pids")
    supervisor.start(Process("goer", ("/bin/false",)))
    try:
        with pytest.raises(ProcessDied, match="goer ends again and again, last with status 1"):
            supervisor.keep_up()
    finally:
        supervisor.stop_all()


def test_a_killed_valkey_stands_up_again_with_its_address_and_data(tmp_path):
    with servers.redis(tmp_path / "valkey") as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "1")
        assert server.revive() == ""
        server.kill()
        assert server.revive() == "Valkey ended with status -9: started again."
        with redis.Redis.from_url(server.url) as client:
            assert client.get("kept") == b"1"


def test_a_process_that_ignores_the_request_to_end_is_killed_with_its_children(tmp_path, capfd):
    stubborn = """if True:
        import signal, subprocess, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
        time.sleep(60)
    """
    supervisor = Supervisor(os.environ, tmp_path / "pids", patience=0.5)
    supervisor.start(Process("stubborn", (sys.executable, "-c", stubborn)))
    deadline = time.monotonic() + 10
    shown = ""
    while not shown and time.monotonic() < deadline:
        shown = capfd.readouterr().out
        time.sleep(0.05)
    supervisor.stop_all()
    assert _ends_soon(int(shown.split("|")[1]))


def test_leftovers_of_a_killed_supervisor_are_ended(tmp_path):
    with subprocess.Popen(SLEEPER) as left:
        _wait_until_seen(left.pid)
        (tmp_path / "pids").write_text(f"{left.pid}\n")
        Supervisor({}, tmp_path / "pids").end_leftovers()
        assert left.wait(5) == -signal.SIGTERM


def test_a_stranger_who_got_the_number_of_a_leftover_is_left_alone(tmp_path):
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        _wait_until_seen(stranger.pid)
        (tmp_path / "pids").write_text(f"{stranger.pid}\n")
        Supervisor({}, tmp_path / "pids").end_leftovers()
        assert stranger.poll() is None
        stranger.kill()


def test_processes_end_when_their_starter_is_killed():
    starter = (
        "import sys, time\nfrom neuralbox.local import processes\n"
        "child = processes.start([sys.executable, '-c', 'import time; time.sleep(60)'], output=-3)\n"
        "print(child.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as process:
        child = int(process.stdout.readline())
        assert processes.command_line(child)
        process.kill()
    assert _ends_soon(child)
