"""Which tests prove which promise, and how they went: a table at the end of the run, and a report for the site.

Loaded by `pytest -p`. A test says `@pytest.mark.promise("P13")`. The report, `promises.json` in the data folder, is
written only by a run of the whole suite: a part of it could claim too much. `PROMISES_REPORT` shows it on the site.
"""

import json
import os
import subprocess
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# Read before the servers of the tests put their own folder in its place.
REPORT = Path(os.environ.get("NEURALBOX_DATA_DIR", REPOSITORY / "var")) / "promises.json"
COUNT = 23
_outcomes: dict[str, dict[str, str]] = defaultdict(dict)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The number goes with the test's report, so that it comes home from the workers of pytest-xdist."""
    for item in items:
        item.user_properties += [("promise", mark.args[0]) for mark in item.iter_markers("promise")]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test counts as passed only when its preparation, itself and its end have; what was left out, as skipped."""
    for name, number in report.user_properties:
        if name != "promise":
            continue
        known = _outcomes[number].get(report.nodeid)
        if report.outcome == "failed" or known is None or (known == "passed" and report.outcome == "skipped"):
            _outcomes[number][report.nodeid] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _is_whole(session.config) and "PYTEST_XDIST_WORKER" not in os.environ and _outcomes:
        REPORT.write_text(json.dumps(_report(), indent=1, sort_keys=True), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not _outcomes or not (_is_whole(config) or "promise" in config.option.markexpr):
        return
    terminalreporter.section("promises to users and the tests that prove them")
    for number in sorted({*_outcomes, *_numbers()}, key=lambda one: int(one[1:])):
        tests = _outcomes.get(number, {})
        passed = sum(outcome == "passed" for outcome in tests.values())
        state = "kept" if tests and passed == len(tests) else "BROKEN" if tests else "NO TEST"
        terminalreporter.write_line(f"{number:>4}  {state:<7} {passed} of {len(tests)} tests passed")
        for test, outcome in sorted(tests.items()):
            mark = "" if outcome == "passed" else f"  ({outcome.upper()})"
            terminalreporter.write_line(f"        {test}{mark}")


def _numbers() -> list[str]:
    return [f"P{number}" for number in range(1, COUNT + 1)]


def _is_whole(config: pytest.Config) -> bool:
    """Whether this run is of all tests."""
    chosen = config.option.keyword or config.option.markexpr or getattr(config.option, "lf", False)
    return not chosen and config.args_source is not pytest.Config.ArgsSource.ARGS


def _report() -> dict[str, object]:
    return {
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "promises": {number: dict(sorted(tests.items())) for number, tests in _outcomes.items()},
    }


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
    )
    return told.stdout.strip()
