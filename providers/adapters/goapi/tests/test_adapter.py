"""The adapter against the stand-in, over real HTTP: both interfaces."""

import json
import uuid
from decimal import Decimal

import pytest

from providers.adapters.goapi.adapter import GoapiAdapter
from providers.adapters.goapi.models import LEGACY
from providers.adapters.piapi.tests.test_adapter import a_file
from providers.adapters.piapi.tests.test_orders import settings_of
from providers.base import Balance, Submission, TaskStatus
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    InvalidWebhook,
    ProviderRejected,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)

ADAPTER = GoapiAdapter()
NOWHERE = "http://127.0.0.1:9/webhooks/providers/goapi/token"
OLDER = f"{LEGACY}/imagine"


def submission(model=OLDER, *, webhook_url="", files=None, **settings):
    settings = settings or {"prompt": "a lighthouse"}
    return Submission(str(uuid.uuid4()), model, settings, files or {}, webhook_url)


@pytest.mark.parametrize(
    "model",
    [
        "gemini/nano-banana-2",
        "midjourney/imagine",
        "midjourney/upscale",
        "mj/v2/imagine",
        "mj/v2/upscale",
        "mj/v2/variation",
    ],
)
def test_what_was_ordered_can_be_fetched(model, fake_providers):
    given = settings_of(model, ADAPTER.models[model].inputs)
    if model.startswith(LEGACY) and "source_task" in given:
        given["source_task"] = {"task": "mj:t-0", "output": "2"}
    taken = ADAPTER.submit(submission(model, files={"p": a_file(), "q": a_file()}, **given))
    assert taken.external_id.startswith("mj:") is model.startswith(LEGACY)
    report = ADAPTER.fetch(taken.external_id)
    assert report.status == TaskStatus.SUCCEEDED
    assert {output.kind for output in report.outputs} == {ADAPTER.models[model].kind}
    with ADAPTER.open_output(report.outputs[0]) as download:
        assert len(b"".join(download.chunks)) > 1000


def test_midjourney_brings_four_pictures(fake_providers):
    for model in ("midjourney/imagine", OLDER):
        assert len(ADAPTER.fetch(ADAPTER.submit(submission(model)).external_id).outputs) == 4


@pytest.mark.promise("P13")
def test_an_order_holds_the_order_and_nothing_else(fake_providers):
    ADAPTER.submit(submission(webhook_url=NOWHERE))
    ADAPTER.submit(submission("gemini/nano-banana-2", prompt="x", images=[{"upload": "p"}], files={"p": a_file()}))
    older, newer = fake_providers.calls("/goapi/")
    assert set(older.json) == {
        "prompt",
        "process_mode",
        "skip_prompt_check",
        "webhook_endpoint",
        "webhook_secret",
        "notify_progress",
    }
    assert set(newer.json) == {"model", "task_type", "input", "config"}
    assert newer.json["input"]["image_urls"] == ["https://site.example/p"]
    for call in (older, newer):
        told = f"{call.path} {call.query} {call.headers} {call.text}".lower()
        assert "alice" not in told
        assert "@" not in told


@pytest.mark.parametrize(
    ("fault", "error", "was_taken"),
    [
        ("lost_answer", SubmissionOutcomeUnknown, True),
        ("server_error", SubmissionOutcomeUnknown, False),
        ("malformed", SubmissionOutcomeUnknown, True),
        ("too_fast", RateLimited, False),
        ("no_credits", CreditsExhausted, False),
        ("bad_key", CredentialsRefused, False),
        ("rejected", ProviderRejected, False),
    ],
)
def test_an_older_order_goes_wrong(fault, error, was_taken, fake_providers):
    fake_providers.fail_next(fault, path="/mj/v2/")
    with pytest.raises(error) as raised:
        ADAPTER.submit(submission())
    assert type(raised.value) is error
    assert len(fake_providers.calls("/mj/v2/")) == 1
    assert bool(fake_providers.apps["goapi"].older) is was_taken


@pytest.mark.parametrize("external_id", ["no-such-task", "mj:no-such-task"])
def test_an_unknown_task_is_not_found(external_id, fake_providers):
    with pytest.raises(TaskNotFound):
        ADAPTER.fetch(external_id)


@pytest.mark.parametrize(("fault", "code"), [("fail", "failed"), ("moderation", "moderation")])
def test_an_older_task_ends_badly(fault, code, fake_providers):
    fake_providers.fail_next(fault, path="/mj/v2/imagine")
    report = ADAPTER.fetch(ADAPTER.submit(submission()).external_id)
    assert (report.status, report.failure.code) == (TaskStatus.FAILED, code)


def test_an_older_task_cannot_be_cancelled(fake_providers):
    taken = ADAPTER.submit(submission()).external_id
    before = len(fake_providers.requests)
    assert ADAPTER.cancel(taken) is False
    assert len(fake_providers.requests) == before


def test_what_is_left_is_told_where_the_address_exists(fake_providers):
    assert ADAPTER.balance() == Balance(Decimal("25.0"), "USD")


@pytest.mark.parametrize(("model", "start"), [(OLDER, "mj:"), ("midjourney/imagine", "")])
def test_a_webhook_of_either_interface_is_a_hint(model, start, fake_providers):
    order = submission(model, webhook_url=NOWHERE)
    taken = ADAPTER.submit(order)
    fake_providers.webhooks.wait(2)
    found = [ADAPTER.parse_webhook(headers, body) for _webhook, headers, body in fake_providers.webhooks.sent]
    assert {(news.reference, news.external_id, news.report) for news in found} == {
        (order.reference, taken.external_id, None)
    }
    assert taken.external_id.startswith(start)
    assert len({news.delivery_id for news in found}) == 2


@pytest.mark.parametrize(
    "body", [{"task_id": "t-1", "status": "finished", "task_result": {}}, {"timestamp": 1, "data": {"task_id": "t-1"}}]
)
def test_a_webhook_without_our_secret_is_refused(body, fake_providers):
    for headers in ({}, {"X-Webhook-Secret": "ref-1.0000"}):
        with pytest.raises(InvalidWebhook):
            ADAPTER.parse_webhook(headers, json.dumps(body).encode())
