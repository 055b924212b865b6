"""One test for each row of the provider's tables: statuses, places of results, refusals, failures, points."""

import json
from decimal import Decimal

import pytest

from providers.adapters.piapi import failures, messages
from providers.adapters.piapi.adapter import PiapiAdapter
from providers.base import Output, TaskStatus
from providers.calls import Answer
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

ADAPTER = PiapiAdapter()
LINK = "https://img.theapi.app/temp/a"


def described(**members):
    """A task as they describe it, complete with all that is always there."""
    task = {
        "task_id": "t-1",
        "model": "kling",
        "task_type": "video_generation",
        "status": "completed",
        "config": {"service_mode": "public", "webhook_config": {"endpoint": "", "secret": ""}},
        "input": {},
        "output": {"image_url": LINK},
        "meta": {
            "created_at": "2026-11-24T10:00:00Z",
            "started_at": "0001-01-01T00:00:00Z",
            "ended_at": "0001-01-01T00:00:00Z",
            "usage": {"type": "point", "frozen": 0, "consume": 3_200_000},
            "is_using_private_pool": False,
        },
        "detail": None,
        "logs": [],
        "error": {"code": 0, "raw_message": "", "message": "", "detail": None},
    }
    return {**task, **members}


def report_of(**members):
    return messages.TaskMessage.model_validate(described(**members)).as_report("piapi")


def answer(status, body, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


# --- Statuses ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "status", "stage", "is_at_work"),
    [
        ("", TaskStatus.RUNNING, "", False),
        ("pending", TaskStatus.RUNNING, "pending", False),
        ("staged", TaskStatus.RUNNING, "staged", False),
        ("processing", TaskStatus.RUNNING, "processing", True),
        ("running", TaskStatus.RUNNING, "running", True),
        ("completed", TaskStatus.SUCCEEDED, "", False),
        ("success", TaskStatus.SUCCEEDED, "", False),
        ("failed", TaskStatus.FAILED, "", False),
        ("cancelled", TaskStatus.FAILED, "", False),
        ("Pending", TaskStatus.RUNNING, "pending", False),
        ("Processing", TaskStatus.RUNNING, "processing", True),
        ("Completed", TaskStatus.SUCCEEDED, "", False),
        ("Failed", TaskStatus.FAILED, "", False),
    ],
)
def test_a_status_means(word, status, stage, is_at_work):
    report = report_of(status=word)
    assert (report.status, report.stage, report.progress is not None) == (status, stage, is_at_work)


def test_an_unknown_status_is_running_and_an_alarm(caplog):
    assert report_of(status="hibernating").status == TaskStatus.RUNNING
    assert [(record.levelname, record.status) for record in caplog.records] == [("ERROR", "hibernating")]


def test_only_the_status_decides_whatever_stands_in_the_output():
    report = report_of(status="processing", output={"image_url": LINK, "progress": 60})
    assert (report.status, report.outputs, report.progress) == (TaskStatus.RUNNING, (), 0.6)


def test_a_cancelled_task_may_be_tried_again():
    assert report_of(status="cancelled").failure == failures.CANCELLED


def test_a_completed_task_without_a_result_has_failed():
    for output in (None, {}, {"image_url": "", "image_urls": None}, "", []):
        report = report_of(output=output)
        assert (report.status, report.failure) == (TaskStatus.FAILED, failures.NOTHING_MADE)


# --- Where the result is -------------------------------------------------------------------------
def films(*links):
    return [Output(link, "video") for link in links]


def pictures(*links):
    return [Output(link, "image") for link in links]


@pytest.mark.parametrize(
    ("output", "found"),
    [
        pytest.param({"image_url": "1"}, pictures("1"), id="one picture"),
        pytest.param({"image_url": "", "image_urls": ["1", "2"]}, pictures("1", "2"), id="several pictures"),
        pytest.param(
            {
                "image_url": "grid",
                "temporary_image_urls": ["1", "2", "3", "4"],
                "image_urls": None,
                "discord_image_url": "",
                "actions": ["reroll"],
                "progress": 100,
            },
            [Output(number, "image", number) for number in ("1", "2", "3", "4")],
            id="midjourney: the four, not the grid",
        ),
        pytest.param(
            {"image_url": "grid", "temporary_image_urls": None, "image_urls": None},
            pictures("grid"),
            id="midjourney: one",
        ),
        pytest.param(
            {
                "status": 99,
                "video_url": "again",
                "works": [{"video": {"resource": "marked", "resource_without_watermark": "clean"}}],
            },
            films("clean"),
            id="kling: without the watermark, once",
        ),
        pytest.param({"status": 99, "works": [{"video": {"resource": "marked"}}]}, films("marked"), id="kling: marked"),
        pytest.param({"status": 99, "works": [], "video_url": "1"}, films("1"), id="kling: newer answers"),
        pytest.param({"video": "1"}, films("1"), id="kling 3, turbo, omni, seedance, veo, sora"),
        pytest.param(
            {"video_url": "1", "download_url": "2", "cover_url": "3", "percent": 100}, films("1"), id="hailuo"
        ),
        pytest.param({"video_url": "", "download_url": "2", "cover_url": "3"}, films("2"), id="hailuo: download"),
        pytest.param(
            {"video_raw": {"url": "1", "width": 1, "height": 1}, "last_frame": {"url": "2"}}, films("1"), id="luma"
        ),
        pytest.param({"generation": {"video": {"url": "1"}}}, films("1"), id="luma: older answers"),
        pytest.param({"audio_url": "1"}, [Output("1", "audio")], id="speech, sound for films, ace-step, diffrhythm"),
        pytest.param(
            {"songs": [{"song_path": "1", "title": "A"}, {"song_path": "2"}]},
            [Output("1", "audio", "A"), Output("2", "audio")],
            id="music-u",
        ),
        pytest.param(
            {"clips": {"x": {"audio_url": "1", "video_url": "v", "image_url": "i", "title": "A"}}},
            [Output("1", "audio", "A")],
            id="suno: by id",
        ),
        pytest.param({"no_background_image": "1", "combined_video": "2", "model_file": "3"}, films("2"), id="trellis"),
    ],
)
def test_the_result_is_found(output, found):
    assert list(messages.outputs_of(output)) == found


# --- Points --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "usage", "cost"),
    [
        ("completed", {"type": "point", "frozen": 0, "consume": 3_200_000}, Decimal("0.32")),
        ("completed", {"type": "llm", "frozen": 0, "consume": 2_800_000}, Decimal("0.28")),
        ("failed", {"type": "point", "frozen": 0, "consume": 0}, Decimal(0)),
        ("processing", {"type": "llm", "frozen": 0, "consume": 2_800_000}, None),
        ("completed", None, None),
    ],
)
def test_points_are_ten_million_to_the_dollar(status, usage, cost):
    report = report_of(status=status, meta={"usage": usage})
    assert (report.cost, report.cost_currency) == (cost, "USD" if cost is not None else "")


# --- Refusals of an order ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        pytest.param(
            400,
            {"code": 400, "message": "json: cannot unmarshal string into Go struct field .cfg_scale of type float64"},
            ProviderRejected,
            "invalid_input",
            id="400 bad input",
        ),
        pytest.param(
            400, {"code": 400, "message": "Banned prompt: x"}, ProviderRejected, "moderation", id="400 content"
        ),
        pytest.param(401, {"code": 401, "message": "invalid key"}, CredentialsRefused, "", id="401 with a code"),
        pytest.param(401, {"error": "unauthorized"}, CredentialsRefused, "", id="401 with an error"),
        pytest.param(401, {"description": "no key"}, CredentialsRefused, "", id="401 with a description"),
        pytest.param(402, {"code": 402, "message": "no credit"}, CreditsExhausted, "", id="402"),
        pytest.param(400, {"message": "insufficient credits"}, CreditsExhausted, "", id="400 about money"),
        pytest.param(403, {"message": "plan does not allow"}, CredentialsRefused, "", id="403"),
        pytest.param(404, b"<html>", ProviderUnavailable, "", id="404 is an address that moved"),
        pytest.param(429, {"message": "too many concurrent tasks"}, RateLimited, "", id="429"),
        pytest.param(500, {"code": 500, "message": "oops"}, SubmissionOutcomeUnknown, "", id="500"),
        pytest.param(504, b"", SubmissionOutcomeUnknown, "", id="504"),
        pytest.param(302, b"", SubmissionOutcomeUnknown, "", id="a redirect"),
        pytest.param(200, {"code": 429, "message": "slow down"}, RateLimited, "", id="429 inside 200"),
        pytest.param(200, {"code": 402, "message": "no credit"}, CreditsExhausted, "", id="402 inside 200"),
        pytest.param(200, {"code": 400, "message": "bad"}, ProviderRejected, "invalid_input", id="400 inside 200"),
        pytest.param(200, {"code": 500, "message": "oops"}, SubmissionOutcomeUnknown, "", id="500 inside 200"),
        pytest.param(200, {"code": 200, "data": None}, SubmissionOutcomeUnknown, "", id="taken, but no id"),
        pytest.param(200, {"code": 0, "data": {"task_id": ""}}, SubmissionOutcomeUnknown, "", id="zero without an id"),
        pytest.param(200, b"{broken", SubmissionOutcomeUnknown, "", id="unreadable"),
    ],
)
def test_an_order_is_refused(status, body, error, code):
    with pytest.raises(error) as raised:
        ADAPTER._accepted(answer(status, body))
    assert type(raised.value) is error
    if error is ProviderRejected:
        failure = raised.value.failure
        assert (failure.code, failure.moderation, failure.retryable) == (code, code == "moderation", False)


@pytest.mark.parametrize("code", [200, 0])
def test_an_order_is_taken(code):
    body = {"code": code, "message": "success", "data": described(status="pending", output=None)}
    report = ADAPTER._accepted(answer(200, body))
    assert (report.external_id, report.status, report.progress) == ("t-1", TaskStatus.RUNNING, None)


def test_too_fast_says_how_long_to_wait():
    with pytest.raises(RateLimited) as raised:
        ADAPTER._accepted(answer(429, {"message": "slow down"}, retry_after="12"))
    assert raised.value.retry_after == 12


# --- Answers to questions ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"code": 404, "message": "task not found"}, TaskNotFound),
        (200, {"code": 404, "message": "task not found"}, TaskNotFound),
        (401, {"error": "unauthorized"}, CredentialsRefused),
        (402, {"message": "no credit"}, CreditsExhausted),
        (403, {"message": "plan"}, CredentialsRefused),
        (429, {"message": "slow down"}, RateLimited),
        (400, {"message": "bad"}, ProviderUnavailable),
        (500, {"message": "oops"}, ProviderUnavailable),
        (200, {"code": 500, "message": "oops"}, ProviderUnavailable),
        (200, b"{broken", ProviderUnavailable),
    ],
)
def test_a_question_is_not_answered(status, body, error):
    with pytest.raises(error) as raised:
        ADAPTER._read(answer(status, body), messages.TaskAnswer)
    assert type(raised.value) is error


# --- Failures of a task, which come with HTTP 200 and code 200 ----------------------------------------
@pytest.mark.parametrize(
    ("error", "code", "retryable", "moderation"),
    [
        ({"code": 10000, "message": "the model failed", "raw_message": "cuda error"}, "failed", True, False),
        ({"code": 10001, "message": "prompt rejected", "raw_message": "NSFW content"}, "moderation", False, True),
        ({"code": 10002, "message": "insufficient credits"}, "credits_exhausted", True, False),
        ({"code": 10003, "message": "failed to download the image"}, "input_unreachable", True, False),
        ("sensitive words in the prompt", "moderation", False, True),
        (None, "failed", True, False),
    ],
)
def test_a_task_failed(error, code, retryable, moderation):
    failure = report_of(status="failed", error=error).failure
    assert (failure.code, failure.retryable, failure.moderation) == (code, retryable, moderation)


def test_numbers_come_as_text_and_absent_things_in_every_form():
    usage = {"type": "point", "frozen": "0", "consume": "700000"}
    report = report_of(status="completed", meta={"usage": usage}, error={"code": "0", "message": None})
    assert (report.status, report.cost) == (TaskStatus.SUCCEEDED, Decimal("0.07"))
    assert report_of(status="processing", output={"percent": "45"}).progress == 0.45
    assert report_of(status="processing", output={"progress": "soon"}).progress == 0.0
