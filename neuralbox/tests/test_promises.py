"""The page of promises: it says what the last run of the tests said, and nothing when there was none."""

import json

import pytest
from django.test import Client

from neuralbox.pages import promises
from neuralbox.tests import promises as plugin

pytestmark = pytest.mark.django_db


@pytest.fixture
def report_file(settings, tmp_path):
    settings.PROMISES_REPORT = tmp_path / "promises.json"
    return settings.PROMISES_REPORT


def page():
    return Client().get("/en/promises").content.decode()


def test_there_is_a_row_for_every_promise():
    assert [one.number for one in promises.PROMISES] == [f"P{number}" for number in range(1, plugin.COUNT + 1)]


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"finished_at": "soon", "promises": {}}', '{"promises": 1}'])
def test_without_a_report_nothing_is_claimed(report_file, content):
    if content is not None:
        report_file.write_text(content)
    shown = page()
    assert "no report of a test run" in shown
    assert "passed" not in shown.replace("so we do not say that the tests passed", "")


def test_the_report_of_a_run_is_shown_as_it_is(report_file):
    outcomes = {
        "P1": {"a.py::one": "passed", "a.py::two": "passed"},
        "P2": {"b.py::one": "passed", "b.py::two": "failed"},
    }
    report_file.write_text(
        json.dumps({"finished_at": "2026-11-24T10:00:00+00:00", "commit": "0123456789abcdef", "promises": outcomes})
    )
    shown = page()
    assert "2 tests passed" in shown
    assert "A test failed" in shown
    assert shown.count("No test proves it yet") == plugin.COUNT - 2
    assert "0123456789ab" in shown
    assert "a.py::two" in shown


@pytest.mark.parametrize(
    ("outcomes", "kept"),
    [
        (["passed", "passed", "passed"], "passed"),
        (["passed", "failed", "passed"], "failed"),
        (["passed", "passed", "failed"], "failed"),
        (["skipped"], "skipped"),
        (["passed", "skipped", "passed"], "skipped"),
    ],
    ids=["all three", "the test itself", "its end", "left out", "left out from within"],
)
def test_a_test_counts_as_passed_only_when_all_of_it_has(outcomes, kept):
    class Report:
        nodeid = "imagined.py::test"
        user_properties = [("promise", "P0")]

    for outcome in outcomes:
        Report.outcome = outcome
        plugin.pytest_runtest_logreport(Report)
    assert plugin._outcomes.pop("P0") == {"imagined.py::test": kept}
