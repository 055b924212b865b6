"""`make check`: what can be found out without running the product. Runs all steps, then tells which failed."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("NEURALBOX_DATA_DIR", REPOSITORY / "var"))
BIN = Path(sys.executable).parent

# What production demands, with values that could be real.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "neuralbox.settings.production",
    "SECRET_KEY": "checks-only-" + "".join(chr(code) for code in range(48, 123) if chr(code).isalnum()),
    "ALLOWED_HOSTS": "neuralbox.example",
    "SITE_URL": "https://neuralbox.example",
    "DATABASE_URL": "postgresql://neuralbox@database.example/neuralbox?sslmode=verify-full",
    "REDIS_URL": "rediss://broker.example:6379/0",
    "EMAIL_URL": "smtp+tls://site:secret@mail.example:587",
    "TRUSTED_PROXIES": "1",
    "LEGAL_OPERATOR": "Example Ltd",
    "LEGAL_OPERATOR_DETAILS": "1 Example Street",
}
# No database is asked: the check of migrations gives up on it at once.
LOCAL = {"DJANGO_SETTINGS_MODULE": "neuralbox.settings.local", "DATABASE_POOL_TIMEOUT": "0.5"}
MANAGE = [sys.executable, "manage.py"]

Step = tuple[str, list[str], Mapping[str, str]]
# The longest first.
STEPS: list[Step] = [
    ("types", [sys.executable, "-m", "mypy", "--cache-dir", str(VAR / "mypy"), "."], {}),
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."], {}),
    ("templates", [str(BIN / "djlint"), "--quiet", "--lint", "templates"], {}),
    ("layers", [str(BIN / "lint-imports"), "--cache-dir", str(VAR / "import-linter")], {}),
    ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], LOCAL),
    ("translations", [sys.executable, "scripts/messages.py", "--check"], {}),
    ("deployment", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ("openapi", [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull], LOCAL),
    ("vendored files", [sys.executable, "scripts/check_vendored.py"], {}),
]


def main() -> int:
    """Runs every step, as many at once as there are cores; the output of those that fail is shown."""
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, passed, seconds, output in pool.map(_run, STEPS):
            _say(f"{'ok    ' if passed else 'FAILED'} {name} ({seconds:.1f} s)")
            if not passed:
                failed.append(name)
                _say(output.rstrip() + "\n")
    _say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _run(step: Step) -> tuple[str, bool, float, str]:
    """Name, whether it passed, seconds, output."""
    name, command, environment = step
    started = time.monotonic()
    done = subprocess.run(
        command,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, "RUFF_CACHE_DIR": str(VAR / "ruff"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return name, done.returncode == 0, time.monotonic() - started, done.stdout


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
