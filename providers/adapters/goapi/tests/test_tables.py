"""The older Midjourney interface of GoAPI, row by row. The rest is PiAPI's, and tested there."""

import json

import pytest

from providers.adapters.goapi import messages
from providers.adapters.goapi.adapter import GoapiAdapter
from providers.adapters.piapi import failures
from providers.base import Output, TaskStatus
from providers.calls import Answer
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderRejected,
    RateLimited,
    SubmissionOutcomeUnknown,
)

ADAPTER = GoapiAdapter()


def answer(status, body):
    return Answer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def report_of(status="finished", **result):
    return messages.LegacyTask.model_validate({"task_id": "t-1", "status": status, "task_result": result}).as_report()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("", TaskStatus.RUNNING),
        ("pending", TaskStatus.RUNNING),
        ("staged", TaskStatus.RUNNING),
        ("retry", TaskStatus.RUNNING),
        ("processing", TaskStatus.RUNNING),
        ("finished", TaskStatus.SUCCEEDED),
        ("failed", TaskStatus.FAILED),
    ],
)
def test_a_status_means(word, status):
    report = report_of(word, image_url="grid")
    assert (report.external_id, report.status) == ("mj:t-1", status)


def test_an_unknown_status_is_running_and_an_alarm(caplog):
    assert report_of("dreaming").status == TaskStatus.RUNNING
    assert [record.status for record in caplog.records] == ["dreaming"]


def test_progress_is_known_while_it_works():
    assert report_of("processing", task_progress=40).progress == 0.4
    assert report_of("pending", task_progress=0).progress is None


def test_four_pictures_are_numbered():
    links = ["a", "b", "c", "d"]
    found = report_of(image_url="grid", image_urls=links).outputs
    assert found == tuple(Output(link, "image", number) for number, link in zip("1234", links, strict=True))


@pytest.mark.parametrize(
    ("result", "links"),
    [
        ({"image_url": "grid", "image_urls": None}, ["grid"]),
        ({"image_url": "grid", "image_urls": [], "permanent_url": "kept"}, ["kept"]),
        ({"image_url": "", "discord_image_url": "discord"}, ["discord"]),
    ],
)
def test_the_pictures_are_found(result, links):
    assert report_of(**result).outputs == tuple(Output(link, "image") for link in links)


def test_a_finished_task_without_pictures_has_failed():
    assert report_of(image_url=None, image_urls=None).failure == failures.NOTHING_MADE


@pytest.mark.parametrize(
    ("result", "code", "retryable"),
    [
        ({"message": "the model failed", "error_messages": None, "need_retry": True}, "failed", True),
        ({"message": "", "error_messages": ["Banned prompt detected"], "need_retry": True}, "moderation", False),
        ({"message": "not enough credits", "need_retry": False}, "credits_exhausted", True),
        ({}, "failed", True),
    ],
)
def test_a_task_failed(result, code, retryable):
    failure = report_of("failed", **result).failure
    assert (failure.code, failure.retryable) == (code, retryable)


@pytest.mark.parametrize(
    "body",
    [
        {"task_id": "t-1", "status": "success", "message": ""},
        {"task_id": "t-1", "status": "success", "message": "", "success": True},
    ],
)
def test_success_means_taken_not_finished(body):
    report = ADAPTER._accepted_legacy(answer(200, body))
    assert (report.external_id, report.status, report.outputs) == ("mj:t-1", TaskStatus.RUNNING, ())


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"task_id": "", "status": "failed", "message": "invalid ratio"}, ProviderRejected),
        (200, {"status": "failed", "message": "insufficient quota"}, CreditsExhausted),
        (400, {"message": "insufficient quota"}, CreditsExhausted),
        (400, {"message": "prompt is required"}, ProviderRejected),
        (401, {"message": "bad key"}, CredentialsRefused),
        (429, {"message": "slow down"}, RateLimited),
        (500, {"message": "oops"}, SubmissionOutcomeUnknown),
        (200, {"status": "success", "message": ""}, SubmissionOutcomeUnknown),
        (200, b"{broken", SubmissionOutcomeUnknown),
    ],
)
def test_an_older_order_is_refused(status, body, error):
    with pytest.raises(error) as raised:
        ADAPTER._accepted_legacy(answer(status, body))
    assert type(raised.value) is error
