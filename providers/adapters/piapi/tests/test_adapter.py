"""The adapter against the stand-in, over real HTTP."""

import base64
import io
import json
import uuid
from decimal import Decimal

import pytest

from providers.adapters.piapi.adapter import LARGEST_UPLOAD, PiapiAdapter
from providers.adapters.piapi.tests.test_orders import settings_of
from providers.base import Balance, Submission, SubmittedFile, TaskStatus
from providers.calls import OutputGone
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    InvalidWebhook,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)
from providers.fakes.frame import Pace

ADAPTER = PiapiAdapter()
NOWHERE = "http://127.0.0.1:9/webhooks/providers/piapi/token"
FLUX = "Qubico/flux1-schnell/txt2img"


def a_file(content=b"\x89PNG a picture", *, size=None):
    return SubmittedFile(
        "p",
        "Alice at home.png",
        "image/png",
        size or len(content),
        "https://site.example/p",
        lambda: io.BytesIO(content),
    )


def submission(model=FLUX, *, webhook_url="", files=None, **settings):
    settings = settings or {"prompt": "a lighthouse"}
    return Submission(str(uuid.uuid4()), model, settings, files or {}, webhook_url)


def content_of(output):
    with ADAPTER.open_output(output) as download:
        return b"".join(download.chunks)


# One of each family that has its results in a place of its own.
FAMILIES = (
    "Qubico/flux1-schnell/txt2img",
    "gemini/nano-banana-2",
    "kling/video_generation/2.6",
    "kling/video_generation/3.0",
    "hailuo/video_generation/v2.3",
    "luma/video_generation",
    "Wan/wan26-txt2video",
    "music-u/generate_music",
    "Qubico/tts/zero-shot",
)


@pytest.mark.parametrize("model", FAMILIES)
def test_what_was_ordered_can_be_fetched(model, fake_providers):
    given = {**settings_of(model, ADAPTER.models[model].inputs), "aspect_ratio": "16:9", "duration": 1}
    given = {name: value for name, value in given.items() if name in ADAPTER.models[model].inputs}
    taken = ADAPTER.submit(submission(model, files={"p": a_file(), "q": a_file()}, **given))
    assert taken.status == TaskStatus.RUNNING
    report = ADAPTER.fetch(taken.external_id)
    assert report.status == TaskStatus.SUCCEEDED
    assert {output.kind for output in report.outputs} == {ADAPTER.models[model].kind}
    assert (report.cost, report.cost_currency) == (Decimal("0.2"), "USD")
    assert len(content_of(report.outputs[0])) > 1000


@pytest.mark.promise("P13")
def test_an_order_holds_the_order_and_nothing_else(fake_providers):
    ADAPTER.submit(
        submission(
            "gemini/nano-banana-2",
            prompt="a lighthouse",
            images=[{"upload": "p"}],
            files={"p": a_file()},
            webhook_url=NOWHERE,
        )
    )
    upload, order = fake_providers.calls("/piapi/")
    assert set(order.json) == {"model", "task_type", "input", "config"}
    assert set(order.json["input"]) == {"prompt", "image_urls"}
    assert set(order.json["config"]) == {"service_mode", "webhook_config"}
    assert set(upload.json) == {"file_name", "file_data"}
    for call in (upload, order):
        told = f"{call.path} {call.query} {call.headers} {call.text}".lower()
        assert "alice" not in told
        assert "@" not in told
        assert "cookie" not in call.headers


# --- Orders --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "error", "was_taken"),
    [
        ("lost_answer", SubmissionOutcomeUnknown, True),
        ("lost_question", SubmissionOutcomeUnknown, False),
        ("server_error", SubmissionOutcomeUnknown, False),
        ("server_error_after_accepting", SubmissionOutcomeUnknown, True),
        ("malformed", SubmissionOutcomeUnknown, True),
        ("maintenance", SubmissionOutcomeUnknown, False),
        ("too_fast", RateLimited, False),
        ("no_credits", CreditsExhausted, False),
        ("bad_key", CredentialsRefused, False),
        ("rejected", ProviderRejected, False),
    ],
)
def test_an_order_goes_wrong(fault, error, was_taken, fake_providers):
    fake_providers.fail_next(fault, path="/api/v1/task")
    with pytest.raises(error) as raised:
        ADAPTER.submit(submission())
    assert type(raised.value) is error
    assert len(fake_providers.calls("/api/v1/task")) == 1  # never sent twice
    assert bool(fake_providers.apps["piapi"].tasks) is was_taken


def test_an_answer_that_trickles_is_waited_for(fake_providers):
    fake_providers.fail_next("slow", path="/api/v1/task")
    fake_providers.pace = Pace(trickle=0.001)
    assert ADAPTER.submit(submission()).external_id in fake_providers.apps["piapi"].tasks
    fake_providers.pace = Pace()


def test_nothing_is_sent_for_what_cannot_be_expressed(fake_providers):
    with pytest.raises(ProviderRejected):
        ADAPTER.submit(submission("Qubico/flux1-dev/img2img", images=[{"upload": "p"}], spice=1, files={"p": a_file()}))
    assert fake_providers.requests == []


# --- Uploads -------------------------------------------------------------------------------------
def test_files_go_to_their_store_under_a_name_that_says_nothing(fake_providers):
    ADAPTER.submit(
        submission("Qubico/image-toolkit/upscale", images=[{"upload": "p"}], upscale_factor=2, files={"p": a_file()})
    )
    upload, order = fake_providers.calls("/piapi/")
    assert base64.b64decode(upload.json["file_data"]) == b"\x89PNG a picture"
    assert upload.json["file_name"].endswith(".png")
    link = order.json["input"]["image"]
    assert fake_providers.files.content(link) == b"\x89PNG a picture"


def test_a_retry_uploads_anew(fake_providers):
    again = submission("Qubico/image-toolkit/upscale", images=[{"upload": "p"}], files={"p": a_file()})
    for _time in range(2):
        ADAPTER.submit(again)
    first, second = (call.json["input"]["image"] for call in fake_providers.calls("/api/v1/task"))
    assert first != second


def test_a_file_too_large_for_their_store_goes_as_a_link(fake_providers):
    file = a_file(size=LARGEST_UPLOAD + 1)
    ADAPTER.submit(submission("Qubico/image-toolkit/upscale", images=[{"upload": "p"}], files={"p": file}))
    (order,) = fake_providers.calls("/piapi/")
    assert order.json["input"]["image"] == "https://site.example/p"


@pytest.mark.parametrize(
    ("fault", "error"),
    [("bad_key", CredentialsRefused), ("lost_answer", ProviderUnavailable), ("malformed", ProviderUnavailable)],
)
def test_a_failed_upload_orders_nothing(fault, error, fake_providers):
    fake_providers.fail_next(fault, path="/upload/")
    with pytest.raises(error):
        ADAPTER.submit(submission("Qubico/image-toolkit/upscale", images=[{"upload": "p"}], files={"p": a_file()}))
    assert fake_providers.calls("/api/v1/task") == []


# --- Questions -----------------------------------------------------------------------------------
def test_an_unknown_task_is_not_found(fake_providers):
    with pytest.raises(TaskNotFound):
        ADAPTER.fetch("no-such-task")


@pytest.mark.parametrize(("fault", "code"), [("fail", "failed"), ("moderation", "moderation")])
def test_a_task_ends_badly(fault, code, fake_providers):
    fake_providers.fail_next(fault, path="/api/v1/task")
    report = ADAPTER.fetch(ADAPTER.submit(submission()).external_id)
    assert (report.status, report.failure.code, report.cost) == (TaskStatus.FAILED, code, Decimal(0))


def test_a_task_that_never_ends_goes_on_running(fake_providers):
    fake_providers.fail_next("never", path="/api/v1/task")
    report = ADAPTER.fetch(ADAPTER.submit(submission()).external_id)
    assert (report.status, report.outputs) == (TaskStatus.RUNNING, ())


def test_what_cannot_be_looked_up_is_not(fake_providers):
    assert ADAPTER.find("ref-1") is None


def test_a_waiting_task_of_some_models_can_be_cancelled(fake_providers):
    fake_providers.pace = Pace(work=3600)
    waiting = ADAPTER.submit(
        submission("kling/avatar", prompt="Hello", images=[{"upload": "p"}], files={"p": a_file()})
    ).external_id
    other = ADAPTER.submit(submission()).external_id
    assert ADAPTER.cancel(waiting) is True
    assert ADAPTER.fetch(waiting).failure.code == "cancelled"
    assert ADAPTER.cancel(other) is False
    assert ADAPTER.cancel("no-such-task") is False
    fake_providers.pace = Pace()
    assert (
        ADAPTER.cancel(
            ADAPTER.submit(
                submission("kling/avatar", prompt="Hello", images=[{"upload": "p"}], files={"p": a_file()})
            ).external_id
        )
        is False
    )


def test_what_is_left_is_told_in_dollars(fake_providers):
    assert ADAPTER.balance() == Balance(Decimal("25.0"), "USD")
    fake_providers.fail_next("bad_key", path="/account/info")
    with pytest.raises(CredentialsRefused):
        ADAPTER.balance()


def test_too_many_questions_are_not_repeated_while_a_worker_sleeps(fake_providers):
    fake_providers.fail_next("too_fast", path="/account/info")
    with pytest.raises(RateLimited) as raised:
        ADAPTER.balance()
    assert raised.value.retry_after == 7
    assert len(fake_providers.calls("/account/info")) == 1


def test_no_setting_has_values_that_only_they_know(fake_providers):
    assert ADAPTER.choices("voice") == ()


# --- Results -------------------------------------------------------------------------------------
def test_an_expired_link_is_told_from_a_broken_line(fake_providers):
    fake_providers.fail_next("expired_link", path="/api/v1/task")
    report = ADAPTER.fetch(ADAPTER.submit(submission()).external_id)
    with pytest.raises(OutputGone):
        content_of(report.outputs[0])


def test_our_key_does_not_go_to_the_hosts_of_results(fake_providers):
    ADAPTER.submit(submission())
    assert all(call.headers.get("x-api-key") for call in fake_providers.calls("/piapi/"))


# --- Webhooks ------------------------------------------------------------------------------------
@pytest.fixture
def deliveries(fake_providers):
    """What was sent to us about a task, and the task's reference and id."""
    order = submission(webhook_url=NOWHERE)
    taken = ADAPTER.submit(order)
    fake_providers.webhooks.wait(2)
    return [(headers, body) for _webhook, headers, body in fake_providers.webhooks.sent], order.reference, taken


def test_a_webhook_is_a_hint_about_one_task(deliveries):
    sent, reference, taken = deliveries
    for headers, body in sent:
        news = ADAPTER.parse_webhook(headers, body)
        assert (news.reference, news.external_id, news.report) == (reference, taken.external_id, None)


def test_only_a_message_sent_again_has_the_same_delivery(deliveries):
    sent, _reference, _taken = deliveries
    ids = [ADAPTER.parse_webhook(headers, body).delivery_id for headers, body in [*sent, *sent]]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("secret", ["", "x", "ref-1.", "ref-1.0000", "é.ü"])
def test_a_wrong_secret_is_refused(secret, deliveries):
    sent, _reference, _taken = deliveries
    with pytest.raises(InvalidWebhook):
        ADAPTER.parse_webhook({"X-Webhook-Secret": secret}, sent[0][1])


def test_the_secret_of_another_installation_is_refused(deliveries, settings):
    sent, _reference, _taken = deliveries
    settings.PIAPI_WEBHOOK_SECRET = "another"
    with pytest.raises(InvalidWebhook):
        ADAPTER.parse_webhook(*sent[0])
    settings.PIAPI_WEBHOOK_SECRET = ""
    with pytest.raises(InvalidWebhook):
        ADAPTER.parse_webhook(*sent[0])


def test_the_secret_of_one_task_proves_nothing_about_another(deliveries, fake_providers):
    sent, reference, _taken = deliveries
    headers, body = sent[0]
    foreign = json.loads(body)
    foreign["data"]["task_id"] = "somebody-else's"
    news = ADAPTER.parse_webhook(headers, json.dumps(foreign).encode())
    # The reference is that of the secret, whatever the body says, and the body is not believed.
    assert (news.reference, news.report) == (reference, None)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"timestamp": 1}', b'{"data": {"task_id": ""}}', b"\xff"])
def test_an_unreadable_body_is_refused(body, deliveries):
    sent, _reference, _taken = deliveries
    with pytest.raises(InvalidWebhook):
        ADAPTER.parse_webhook(sent[0][0], body)
