"""One test for each row of HeyGen's tables: statuses, results, codes of v3 and of v1 and v2, events."""

import hashlib
import hmac
import json
from decimal import Decimal

import pytest

from providers.adapters.heygen import failures, messages
from providers.adapters.heygen.adapter import HeygenAdapter
from providers.base import Balance, Output, TaskStatus
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    InvalidWebhook,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
)

ADAPTER = HeygenAdapter()
SECRET = "whsec_of_the_test"


def report_of(external_id="videos:v-1", **members):
    task = {"id": "v-1", "status": "completed", "video_url": "https://files.heygen.ai/1.mp4", **members}
    return messages.Task.model_validate(task).as_report(external_id)


# --- Statuses ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "status", "is_at_work"),
    [
        pytest.param("waiting", TaskStatus.RUNNING, False, id="waiting, as in the answer to an order"),
        ("pending", TaskStatus.RUNNING, False),
        ("processing", TaskStatus.RUNNING, True),
        pytest.param("running", TaskStatus.RUNNING, True, id="running, of translations and lip syncs"),
        ("completed", TaskStatus.SUCCEEDED, False),
        pytest.param("success", TaskStatus.SUCCEEDED, False, id="success, of older translations"),
        ("failed", TaskStatus.FAILED, False),
        pytest.param("deleted", TaskStatus.FAILED, False, id="deleted, of cut-outs"),
        ("thinking", TaskStatus.RUNNING, False),
        ("waiting_for_input", TaskStatus.RUNNING, False),
        ("reviewing", TaskStatus.RUNNING, False),
        ("generating", TaskStatus.RUNNING, True),
    ],
)
def test_a_status_means(word, status, is_at_work):
    report = report_of(status=word)
    assert (report.status, report.progress is not None) == (status, is_at_work)


def test_an_unknown_status_is_running_and_an_alarm(caplog):
    assert report_of(status="not_found_yet").status == TaskStatus.RUNNING
    assert [(record.levelname, record.status) for record in caplog.records] == [("ERROR", "not_found_yet")]


def test_the_link_may_follow_a_moment_after_the_status():
    report = report_of(video_url=None)
    assert (report.status, report.stage, report.outputs) == (TaskStatus.RUNNING, "finishing", ())


# --- Results -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("members", "link"),
    [
        pytest.param({"video_url": "1", "thumbnail_url": "t", "gif_url": "g"}, "1", id="a film"),
        pytest.param({"video_url": "1", "captioned_video_url": "2", "subtitle_url": "s"}, "2", id="with captions"),
        pytest.param({"video_url": "1", "audio_url": "a"}, "1", id="a translation"),
        pytest.param({"video_url": None, "layers": {"foreground": "3"}}, "3", id="a cut-out"),
    ],
)
def test_the_result_is_found(members, link):
    assert report_of(**members).outputs == (Output(link, "video"),)


@pytest.mark.parametrize(
    ("path", "body", "task_id"),
    [
        ("videos", {"video_id": "v-1", "status": "waiting", "output_format": "mp4"}, "v-1"),
        ("videos", {"id": "v-1", "status": "pending"}, "v-1"),
        ("video-translations", {"video_translation_ids": ["t-1"]}, "t-1"),
        ("lipsyncs", {"lipsync_id": "l-1"}, "l-1"),
        ("background-removals", {"id": "b-1", "status": "pending", "layers": None}, "b-1"),
        ("video-agents", {"session_id": "s-1", "status": "generating", "video_id": None}, "s-1"),
        ("video-agents", {"session_id": "s-1", "status": "generating", "video_id": "v-1"}, "s-1"),
        ("videos", {}, ""),
    ],
)
def test_the_id_of_an_order_is_found(path, body, task_id):
    assert messages.Accepted.model_validate(body).task_id(path) == task_id


# --- Codes of refusals ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "code", "error", "failure"),
    [
        (400, "invalid_parameter", ProviderRejected, ("invalid_input", False)),
        (400, "download_failed", ProviderRejected, ("input_unreachable", True)),
        (400, "resource_limit_reached", ProviderUnavailable, None),
        (401, "unauthorized", CredentialsRefused, None),
        (402, "insufficient_credit", CreditsExhausted, None),
        (402, "trial_limit_exceeded", CreditsExhausted, None),
        (402, "plan_upgrade_required", CreditsExhausted, None),
        (403, "forbidden", CredentialsRefused, None),
        (403, "resource_access_denied", ProviderRejected, ("invalid_input", False)),
        (403, "ai_vendor_access_restricted", ProviderUnavailable, None),
        (403, "voice_not_usable", ProviderRejected, ("invalid_input", False)),
        (404, "not_found", ProviderRejected, ("invalid_input", False)),
        (404, "avatar_not_found", ProviderRejected, ("invalid_input", False)),
        (404, "voice_not_found", ProviderRejected, ("invalid_input", False)),
        (409, "conflict", SubmissionOutcomeUnknown, None),
        (409, "resource_not_ready", ProviderUnavailable, None),
        (409, "request_in_progress", SubmissionOutcomeUnknown, None),
        (413, "payload_too_large", ProviderRejected, ("invalid_input", False)),
        (429, "rate_limit_exceeded", RateLimited, None),
        (429, "quota_exceeded", RateLimited, None),
        # v1 and v2, in numbers
        (400, "40001", ProviderRejected, ("invalid_input", False)),
        (400, "40009", CredentialsRefused, None),
        (400, "40119", ProviderRejected, ("invalid_input", False)),
        (400, "400105", ProviderRejected, ("moderation", False)),
        (400, "400116", ProviderRejected, ("invalid_input", False)),
        (400, "400144", ProviderRejected, ("invalid_input", False)),
        (400, "400150", ProviderRejected, ("invalid_input", False)),
        (400, "400599", CreditsExhausted, None),
        (400, "400631", ProviderRejected, ("moderation", False)),
        (400, "400664", CreditsExhausted, None),
    ],
)
def test_a_code_means(status, code, error, failure):
    raised = failures.of_refusal(status, code, "said in words")
    assert type(raised) is error
    if failure:
        assert (raised.failure.code, raised.failure.retryable) == failure


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"error": {"code": "unauthorized", "message": "no", "param": None}}, "unauthorized", "no"),
        ({"data": None, "error": {"code": 400105, "message": "no"}}, "400105", "no"),
        ({"code": 400599, "message": "no"}, "400599", "no"),
        ({"error": None, "data": {}}, "", ""),
        ({"error": "no"}, "", "no"),
    ],
)
def test_a_refusal_is_read_in_every_form(body, code, words):
    refusal = messages.Refusal.model_validate(body)
    assert (refusal.name, refusal.words) == (code, words)


@pytest.mark.parametrize(
    ("members", "code", "moderation"),
    [
        ({"failure_code": "MOVIO_PAYMENT_INSUFFICIENT_CREDIT", "failure_message": ""}, "credits_exhausted", False),
        ({"failure_code": "rendering_failed", "failure_message": "no"}, "failed", False),
        ({"failure_code": None, "failure_message": "blocked words"}, "moderation", True),
        ({"error": {"code": 400631, "message": "no", "detail": "x"}}, "moderation", True),
        ({"error": "could not be rendered"}, "failed", False),
        ({}, "failed", False),
    ],
)
def test_a_task_failed(members, code, moderation):
    failure = report_of(status="failed", video_url=None, **members).failure
    assert (failure.code, failure.moderation, failure.retryable) == (code, moderation, not moderation)


# --- Events --------------------------------------------------------------------------------------
def event(event_type, **content):
    return json.dumps({"event_id": "e-1", "event_type": event_type, "event_data": content}).encode()


def signature(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def parse(body, settings, **headers):
    settings.HEYGEN_WEBHOOK_SECRET = SECRET
    return ADAPTER.parse_webhook({name.replace("_", "-"): value for name, value in headers.items()}, body)


SUCCESS = event(
    "avatar_video.success",
    video_id="v-1",
    url="https://x.example/1",
    gif_download_url="g",
    video_page_url="p",
    video_share_page_url="s",
    folder_id=None,
    callback_id="ref-1",
)
TRANSLATED = event(
    "video_translate.success", video_translate_id="t-1", url="1", callback_id="ref-1", output_language="German"
)


@pytest.mark.parametrize(
    ("body", "external_id", "report"),
    [
        pytest.param(SUCCESS, "videos:v-1", None, id="a film: its record knows about captions"),
        pytest.param(
            event("avatar_video.fail", video_id="v-1", msg="blocked by moderation", callback_id="ref-1"),
            "videos:v-1",
            (TaskStatus.FAILED, "moderation"),
            id="a film that failed",
        ),
        pytest.param(
            event("avatar_video.fail", video_id="v-1", error={"message": "no"}, callback_id="ref-1"),
            "videos:v-1",
            (TaskStatus.FAILED, "failed"),
            id="a film that failed, as an older guide has it",
        ),
        pytest.param(TRANSLATED, "video-translations:t-1", (TaskStatus.SUCCEEDED, "1"), id="a translation"),
        pytest.param(
            event("video_translate.success", video_translate_id="t-1", video_url="1", callback_id="ref-1"),
            "video-translations:t-1",
            (TaskStatus.SUCCEEDED, "1"),
            id="a translation, as an older guide has it",
        ),
        pytest.param(
            event("video_translate.fail", video_translate_id="t-1", message="no", callback_id="ref-1"),
            "video-translations:t-1",
            (TaskStatus.FAILED, "failed"),
            id="a translation that failed",
        ),
        pytest.param(
            event("video_agent.success", session_id="s-1", video_id="v-1", callback_id="ref-1"),
            "video-agents:s-1",
            None,
            id="an agent's film",
        ),
        pytest.param(
            event("avatar_video_gif.success", callback_id="ref-1"), "", None, id="an event about something else"
        ),
    ],
)
def test_an_event_says(body, external_id, report, settings):
    news = parse(body, settings, Heygen_Signature=signature(body), Heygen_Timestamp="1", Heygen_Event_Id="e-1")
    assert (news.reference, news.external_id) == ("ref-1", external_id)
    if report is None:
        assert news.report is None
    else:
        found = news.report.outputs[0].url if news.report.outputs else news.report.failure.code
        assert (news.report.status, found) == report


def test_the_older_signature_header_is_taken(settings):
    assert parse(TRANSLATED, settings, Signature=signature(TRANSLATED)).report is not None


def test_what_is_not_signed_is_only_a_hint(settings):
    news = parse(TRANSLATED, settings)
    assert (news.external_id, news.report) == ("video-translations:t-1", None)


@pytest.mark.parametrize("header", ["Heygen-Signature", "Signature"])
@pytest.mark.parametrize("wrong", [signature(TRANSLATED, "another"), signature(SUCCESS), "", "é", "00"])
def test_a_wrong_signature_is_refused(header, wrong, settings):
    settings.HEYGEN_WEBHOOK_SECRET = SECRET
    if not wrong:
        assert ADAPTER.parse_webhook({header: wrong}, TRANSLATED).report is None
        return
    with pytest.raises(InvalidWebhook):
        ADAPTER.parse_webhook({header: wrong}, TRANSLATED)


def test_without_a_secret_of_ours_nothing_is_proven(settings):
    settings.HEYGEN_WEBHOOK_SECRET = ""
    assert ADAPTER.parse_webhook({"Heygen-Signature": signature(TRANSLATED)}, TRANSLATED).report is None


def test_a_forged_hint_does_not_pass_for_a_signed_delivery(settings):
    forged = parse(TRANSLATED, settings, Heygen_Event_Id="e-1")
    genuine = parse(TRANSLATED, settings, Heygen_Signature=signature(TRANSLATED), Heygen_Event_Id="e-1")
    assert forged.delivery_id != genuine.delivery_id


# --- The account ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("account", "balance"),
    [
        ({"wallet": {"currency": "usd", "remaining_balance": 12.5}}, Balance(Decimal("12.5"), "USD")),
        ({"wallet": {"currency": "credits", "remaining_balance": "7"}}, Balance(Decimal(7), "credits")),
        (
            {"wallet": None, "subscription": {"credits": {"premium_credits": 5, "add_on_credits": 2}}},
            Balance(Decimal(7), "credits"),
        ),
        (
            {"subscription": {"credits": {"premium_credits": {"remaining": 5}, "add_on_credits": None}}},
            Balance(Decimal(5), "credits"),
        ),
        ({"usage_based": {"spent": 3}}, None),
    ],
)
def test_what_is_left(account, balance):
    whole = {"username": "u", "email": "ops@example.com", **account}
    assert messages.Account.model_validate(whole).as_balance() == balance
