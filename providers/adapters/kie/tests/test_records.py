"""One row for each state of each family of Kie.ai's records, and for what is odd about them."""

import json
from decimal import Decimal

import pytest

from providers.adapters.kie import messages
from providers.base import TaskStatus

RUNNING, SUCCEEDED, FAILED = TaskStatus.RUNNING, TaskStatus.SUCCEEDED, TaskStatus.FAILED
KINDS = {"kling-3.0/video": "video", "nano-banana-pro": "image"}


def read(family, **record):
    return messages.RECORDS[family].model_validate({"taskId": "t1", **record}).as_report(f"{family}:t1", KINDS)


@pytest.mark.parametrize(
    ("state", "status", "stage", "progress"),
    [
        ("waiting", RUNNING, "queued", None),
        ("queuing", RUNNING, "queued", None),
        ("generating", RUNNING, "generating", 0.0),
    ],
)
def test_a_job_on_its_way(state, status, stage, progress):
    report = read("jobs", state=state, failCode=None, failMsg=None)
    assert (report.status, report.stage, report.progress) == (status, stage, progress)


@pytest.mark.parametrize(
    ("given", "share"), [(0.4, 0.4), (40, 0.4), ("0.40", 0.4), ("40", 0.4), (None, 0.0), ("", 0.0)]
)
def test_progress_comes_as_share_or_percent_as_number_or_text(given, share):
    assert read("jobs", state="generating", progress=given).progress == share


def test_a_job_that_succeeded():
    links = json.dumps({"resultUrls": ["https://cdn.example.com/a.png", "https://cdn.example.com/b.png"]})
    report = read("jobs", model="nano-banana-pro", state="success", resultJson=links, failCode="", creditsConsumed=18)
    assert report.status is SUCCEEDED
    assert [(output.url[-5:], output.kind) for output in report.outputs] == [("a.png", "image"), ("b.png", "image")]
    assert (report.cost, report.cost_currency) == (Decimal("0.090"), "USD")


@pytest.mark.parametrize(
    "result",
    [
        json.dumps(json.dumps({"resultUrls": ["https://cdn.example.com/a"]})),
        {"resultUrls": ["https://cdn.example.com/a"]},
        json.dumps({"resultUrls": "https://cdn.example.com/a"}),
        json.dumps({"resultUrls": json.dumps(["https://cdn.example.com/a"])}),
    ],
)
def test_a_result_may_be_wrapped_in_text_twice_or_not_at_all(result):
    report = read("jobs", model="kling-3.0/video", state="success", resultJson=result)
    assert [(output.url, output.kind) for output in report.outputs] == [("https://cdn.example.com/a", "video")]


def test_only_the_state_decides_even_with_a_result_filled_in():
    links = json.dumps({"resultUrls": ["https://cdn.example.com/a.png"]})
    report = read("jobs", state="waiting", resultJson=links)
    assert (report.status, report.outputs) == (RUNNING, ())


@pytest.mark.parametrize("result", ["", None, "{", json.dumps({"resultUrls": []}), json.dumps([1])])
def test_a_success_without_a_result_is_a_failure(result):
    report = read("jobs", state="success", resultJson=result)
    assert (report.status, report.failure.code, report.failure.retryable) == (FAILED, "no_result", True)


def test_a_result_in_words_is_a_text():
    report = read("jobs", state="success", resultJson=json.dumps({"resultObject": {"text": "слова"}}))
    assert [output.kind for output in report.outputs] == ["text"]


@pytest.mark.parametrize(
    ("code", "failure"),
    [("500", "provider_error"), (501, "generation_failed"), ("GENERATION_FAILED", "generation_failed"),
     ("422", "invalid_input"), (None, "generation_failed")],
)  # fmt: skip
def test_a_job_that_failed(code, failure):
    report = read("jobs", state="fail", failCode=code, failMsg="words", creditsConsumed=0)
    assert (report.status, report.failure.code) == (FAILED, failure)


@pytest.mark.parametrize(
    ("family", "record"),
    [
        ("jobs", {"state": "resting"}),
        ("4o", {"status": "RESTING"}),
        ("flux", {"successFlag": 9}),
        ("veo", {"successFlag": 9}),
        ("runway", {"state": "queuing"}),
        ("aleph", {"successFlag": 9}),
    ],
)
def test_an_unknown_state_is_running_and_an_alarm(family, record, caplog):
    assert read(family, **record).status is RUNNING
    assert [one.levelname for one in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("url", ["a.mp4?x=1", "a.webm", "a.mov"])
def test_the_ending_tells_for_a_model_that_we_do_not_order(url):
    report = read("jobs", model="else", state="success", resultJson=json.dumps({"resultUrls": [f"https://x/{url}"]}))
    assert report.outputs[0].kind == "video"


@pytest.mark.parametrize(
    ("record", "status", "progress"),
    [
        ({"status": "GENERATING", "progress": "0.40"}, RUNNING, 0.4),
        ({"status": "SUCCESS", "response": {"resultUrls": ["https://x/a.png"]}}, SUCCEEDED, 1.0),
        ({"status": "CREATE_TASK_FAILED", "errorCode": 500}, FAILED, None),
        ({"status": "GENERATE_FAILED", "errorCode": 500}, FAILED, None),
        ({"successFlag": 0}, RUNNING, 0.0),
        ({"successFlag": 1, "response": {"resultUrls": ["https://x/a.png"]}}, SUCCEEDED, 1.0),
        ({"successFlag": 2}, FAILED, None),
        ({"status": "SUCCESS", "response": None}, FAILED, None),
    ],
)
def test_4o_image(record, status, progress):
    report = read("4o", **record)
    assert (report.status, report.progress) == (status, progress)


@pytest.mark.parametrize(
    ("code", "failure", "moderation"),
    [(400, "content_refused", True), (451, "input_not_fetched", False), (500, "provider_error", False)],
)
def test_4o_image_says_why(code, failure, moderation):
    report = read("4o", status="GENERATE_FAILED", errorCode=code, errorMessage="words")
    assert (report.failure.code, report.failure.moderation) == (failure, moderation)


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"successFlag": 0}, RUNNING),
        ({"successFlag": 1, "response": {"originImageUrl": "https://x/o", "resultImageUrl": "https://x/r"}}, SUCCEEDED),
        ({"successFlag": 1, "response": {"originImageUrl": "", "resultImageUrl": ""}}, FAILED),
        ({"successFlag": 2, "errorCode": 400}, FAILED),
        ({"successFlag": 3, "errorCode": "501"}, FAILED),
        ({"successFlag": "0"}, RUNNING),
    ],
)
def test_flux_kontext(record, status):
    report = read("flux", **record)
    assert report.status is status
    assert [output.url for output in report.outputs] == (["https://x/r"] if status is SUCCEEDED else [])


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"successFlag": 0}, RUNNING),
        ({"successFlag": 1, "response": {"resultUrls": ["https://x/a.mp4"]}}, SUCCEEDED),
        ({"successFlag": 1, "response": {"resultUrls": '["https://x/a.mp4"]'}}, SUCCEEDED),
        ({"successFlag": 1, "response": '{"resultUrls": ["https://x/a.mp4"]}'}, SUCCEEDED),
        ({"successFlag": 2, "errorCode": 500}, FAILED),
        ({"successFlag": 3, "errorCode": 501}, FAILED),
    ],
)
def test_veo(record, status):
    report = read("veo", **record)
    assert report.status is status
    if status is SUCCEEDED:
        assert [(output.url, output.kind) for output in report.outputs] == [("https://x/a.mp4", "video")]


@pytest.mark.parametrize(
    ("code", "failure", "moderation"),
    [(400, "content_refused", True), (422, "invalid_input", False), (500, "provider_error", False),
     (501, "generation_failed", False)],
)  # fmt: skip
def test_veo_says_why(code, failure, moderation):
    report = read("veo", successFlag=2, errorCode=code, errorMessage="words")
    assert (report.failure.code, report.failure.moderation) == (failure, moderation)


@pytest.mark.parametrize(
    ("record", "status", "stage"),
    [
        ({"state": "wait"}, RUNNING, "queued"),
        ({"state": "queueing"}, RUNNING, "queued"),
        ({"state": "generating"}, RUNNING, "generating"),
        ({"state": "success", "videoInfo": {"videoUrl": "https://x/a.mp4"}, "expireFlag": 0}, SUCCEEDED, ""),
        ({"state": "fail", "failCode": 400, "failMsg": "no"}, FAILED, ""),
    ],
)
def test_runway(record, status, stage):
    report = read("runway", **record)
    assert (report.status, report.stage) == (status, stage)


def test_a_result_of_runway_may_have_expired():
    report = read("runway", state="success", videoInfo={"videoUrl": "https://x/a.mp4"}, expireFlag=1)
    assert (report.status, report.failure.code) == (FAILED, "result_expired")


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"successFlag": 0, "errorCode": 0, "errorMessage": ""}, RUNNING),
        ({"successFlag": 0, "errorCode": None, "errorMessage": None, "completeTime": None}, RUNNING),
        ({"successFlag": 0, "errorCode": 500}, FAILED),
        ({"successFlag": 0, "errorMessage": "words"}, FAILED),
        ({"successFlag": 0, "completeTime": 1760000000000}, FAILED),
        ({"successFlag": 1, "errorCode": 0, "response": {"resultVideoUrl": "https://x/a.mp4"}}, SUCCEEDED),
    ],
)
def test_aleph_says_zero_both_while_running_and_when_failed(record, status):
    assert read("aleph", **record).status is status
