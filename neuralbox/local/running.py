"""What a running local site tells other terminals, and that there is only one at a time.

`manage.py up` writes the addresses of its servers to `run.env` in the data folder, so that for example
`manage.py create_api_key` in a second terminal finds the database.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import load_dotenv


class AlreadyRunning(Exception):
    """Another supervisor works in this data folder."""


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Within, no other process of this machine is. The lock ends with the process, however it ends."""
    with (folder / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield


@contextlib.contextmanager
def published(folder: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Within, other terminals find `variables` (readable by this user only: there are passwords among them)."""
    path = folder / "run.env"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}='{text}'\n" for name, text in variables.items()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def adopt(repository: Path) -> None:
    """Take over what the user wrote in `.env`, and what a running site has published. What the environment
    says already, wins."""
    load_dotenv(repository / ".env", override=False)
    if _is_running(data_dir(repository)):
        load_dotenv(data_dir(repository) / "run.env", override=False)


def data_dir(repository: Path) -> Path:
    """Where everything is written: `NEURALBOX_DATA_DIR`, or `var` in the repository."""
    return Path(os.environ.get("NEURALBOX_DATA_DIR", repository / "var")).resolve()


def _is_running(folder: Path) -> bool:
    """A killed supervisor leaves its files behind, but not its lock."""
    try:
        with (folder / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
