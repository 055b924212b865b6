"""The adapter and a stand-in for Kie.ai, over real HTTP."""

import json
import re
import time
from decimal import Decimal

import pytest

from providers import registry
from providers.adapters.kie.models import MODELS
from providers.base import Output, TaskStatus
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
from providers.fakes.kie import signed
from providers.tests.ordering import download, named, picture, submission, until_done, uploaded

adapter = registry.adapter("kie")
MODEL = "google/nano-banana"
# One model of each family.
FAMILIES = {
    "jobs": (MODEL, {"prompt": "sea"}),
    "4o": ("gpt4o-image", {"prompt": "sea"}),
    "flux": ("flux-kontext-pro", {"prompt": "sea"}),
    "veo": ("veo3_fast", {"prompt": "sea"}),
    "runway": ("runway", {"prompt": "sea"}),
    "aleph": ("runway/aleph", {"prompt": "sea", "videos": ["a film"]}),
    "music": ("suno/generate/V5", {"prompt": "sea"}),
    "lyrics": ("suno/lyrics", {"prompt": "sea"}),
    "wav": ("suno/wav", {"source_task": {"task": "music:1", "output": "song-1"}}),
    "stems": ("suno/vocal-removal/split_stem", {"source_task": {"task": "music:1", "output": "song-1"}}),
    "film": ("suno/mp4", {"source_task": {"task": "music:1", "output": "song-1"}}),
    "cover": ("suno/cover-picture", {"source_task": {"task": "music:1", "output": "song-1"}}),
}


@pytest.fixture
def kie(fake_providers):
    return fake_providers.apps["kie"]


def order(prompt="a quiet sea", **rest):
    return submission(MODEL, prompt=prompt, **rest)


def of_family(family, fake_providers, words=""):
    model, given = FAMILIES[family]
    given = {name: f"{value} {words}" if name == "prompt" else value for name, value in given.items()}
    given.setdefault("webhook_url", f"{fake_providers.url}/_/received/{family}")
    return submission(model, **given)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_ordered_read_back_and_fetched(fake_providers, family):
    accepted = adapter.submit(of_family(family, fake_providers))
    assert accepted.external_id.startswith(f"{family}:")
    done = adapter.fetch(accepted.external_id)
    assert done.status is TaskStatus.SUCCEEDED
    assert done.external_id == accepted.external_id
    assert download(adapter, done.outputs[0])


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_tells_of_its_end_by_a_webhook_that_is_a_hint(fake_providers, family):
    accepted = adapter.submit(of_family(family, fake_providers))
    fake_providers.webhooks.wait(1)
    _webhook, headers, body = fake_providers.webhooks.sent[0]
    news = adapter.parse_webhook(headers, body)
    assert news.is_about(accepted.external_id)
    assert not news.is_about(f"{accepted.external_id}0")
    assert news.report is None


@pytest.mark.parametrize("family", FAMILIES)
def test_a_task_known_from_its_webhook_alone_is_found_in_its_family(fake_providers, family):
    accepted = adapter.submit(of_family(family, fake_providers))
    assert adapter.fetch(accepted.external_id.partition(":")[2]).external_id == accepted.external_id


@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in {"wav", "stems", "film", "cover"}])
@pytest.mark.parametrize(("fault", "moderation"), [("fail", False), ("moderation", True)])
def test_each_family_says_how_it_failed(fake_providers, family, fault, moderation):
    accepted = adapter.submit(of_family(family, fake_providers, f"[fault:{fault}]"))
    done = adapter.fetch(accepted.external_id)
    assert done.status is TaskStatus.FAILED
    assert done.failure.moderation is moderation
    assert done.failure.retryable is not moderation
    fake_providers.webhooks.wait(1)
    _webhook, headers, body = fake_providers.webhooks.sent[-1]
    assert adapter.parse_webhook(headers, body).is_about(accepted.external_id)


def test_a_picture_comes_with_its_price(kie):
    done = until_done(adapter, adapter.submit(order()))
    assert (done.cost, done.cost_currency) == (Decimal("0.040"), "USD")
    assert download(adapter, done.outputs[0]).startswith(b"\x89PNG")


def test_a_task_at_work_shows_how_far_it_is(kie):
    accepted = adapter.submit(order("[fault:never]"))
    task = kie.tasks[accepted.external_id.partition(":")[2]]
    for state, stage in (("waiting", "queued"), ("queuing", "queued"), ("generating", "generating")):
        task.overrides["state"] = state
        report = adapter.fetch(accepted.external_id)
        assert (report.status, report.stage) == (TaskStatus.RUNNING, stage)


@pytest.mark.parametrize("fault", ["lost_answer", "server_error", "server_error_after_accepting", "malformed"])
def test_an_order_whose_answer_says_nothing_is_unknown_and_is_sent_once(fake_providers, fault):
    fake_providers.fail_next(fault, path="createTask")
    with pytest.raises(SubmissionOutcomeUnknown):
        adapter.submit(order())
    assert len(fake_providers.calls("createTask")) == 1


@pytest.mark.parametrize("data", [None, {}, {"taskId": ""}, {"taskId": None}, [], "t1"])
def test_success_without_an_id_is_unknown(kie, data):
    kie.say_next(200, "success", data)
    with pytest.raises(SubmissionOutcomeUnknown):
        adapter.submit(order())


@pytest.mark.parametrize("status", [200, 402, 500])
def test_the_body_decides_before_the_http_status(kie, status):
    kie.say_next(402, "Credits insufficient", status=status)
    with pytest.raises(CreditsExhausted):
        adapter.submit(order())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_fast", RateLimited),
        ("no_credits", CreditsExhausted),
        ("bad_key", CredentialsRefused),
        ("maintenance", ProviderUnavailable),
        ("rejected", ProviderRejected),
    ],
)
def test_refusals_are_told_apart(fake_providers, fault, error):
    fake_providers.fail_next(fault, path="createTask")
    with pytest.raises(ProviderUnavailable if error is not ProviderRejected else error) as refused:
        adapter.submit(order())
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("kling-2.6/text-to-video", {"prompt": "x" * 1001}),
        ("gpt-image-2-text-to-image", {"prompt": "x", "aspect_ratio": "1:1", "resolution": "4K"}),
        ("gpt-image-2-text-to-image", {"prompt": "x", "aspect_ratio": "9:21", "resolution": "2K"}),
        ("elevenlabs/text-to-dialogue-v3", {"dialogue": [{"text": "x" * 2501, "voice": "Aria"}] * 2}),
        ("kling-2.6/image-to-video", {"prompt": "x"}),
    ],
)
def test_what_breaks_a_rule_of_a_model_s_page_is_refused_as_the_input_s_fault(fake_providers, model, given):
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(submission(model, **given))
    assert (refused.value.failure.code, refused.value.failure.moderation) == ("invalid_input", False)


def test_codes_are_read_from_the_page_that_the_lyrics_call_has(kie):
    kie.say_next(429, "The current credits are insufficient")
    with pytest.raises(CreditsExhausted):
        adapter.submit(submission("suno/lyrics", prompt="sea", webhook_url="https://example.com/w"))
    kie.say_next(429, "Insufficient patience? No: too fast")
    with pytest.raises(RateLimited):
        adapter.submit(order())


def test_suno_is_refused_without_an_address_to_call(kie):
    with pytest.raises(ProviderRejected):
        adapter.submit(submission("suno/generate/V5", prompt="sea"))


def test_a_record_that_is_not_visible_yet_is_not_a_failure(kie):
    accepted = adapter.submit(order())
    kie.hides_new = 2
    for _time in range(2):
        with pytest.raises(TaskNotFound):
            adapter.fetch(accepted.external_id)
    assert adapter.fetch(accepted.external_id).status is TaskStatus.SUCCEEDED


@pytest.mark.parametrize("external_id", ["jobs:0123", "veo:0123", "0123", "dreams:0123"])
def test_an_unknown_task_is_not_found(fake_providers, external_id):
    with pytest.raises(TaskNotFound):
        adapter.fetch(external_id)


@pytest.mark.parametrize(("code", "error"), [(401, CredentialsRefused), (429, RateLimited), (500, ProviderUnavailable)])
def test_a_question_that_is_refused_may_be_asked_again(kie, code, error):
    accepted = adapter.submit(order())
    kie.say_next(code, "words")
    with pytest.raises(error):
        adapter.fetch(accepted.external_id)


def test_an_unreadable_record_may_be_asked_for_again(fake_providers, kie):
    accepted = adapter.submit(order())
    kie.say_next(200, "success", {"taskId": "t", "state": ["odd"]})
    with pytest.raises(ProviderUnavailable):
        adapter.fetch(accepted.external_id)
    fake_providers.fail_next("malformed")
    with pytest.raises(ProviderUnavailable):
        adapter.fetch(accepted.external_id)


def test_a_lost_order_cannot_be_looked_up_and_nothing_can_be_cancelled(fake_providers):
    assert adapter.find("reference") is None
    assert adapter.cancel(adapter.submit(order()).external_id) is False
    assert adapter.choices("voice") == ()


def test_the_balance_is_a_bare_number(kie):
    kie.credits = 12.75
    assert (adapter.balance().amount, adapter.balance().unit) == (Decimal("12.75"), "credits")
    kie.say_next(200, "success", {"credits": 1})
    with pytest.raises(ProviderUnavailable):
        adapter.balance()


def test_files_go_to_their_store_under_random_names_anew_for_each_attempt(fake_providers):
    first, second = uploaded(), uploaded(picture((1, 2, 3)))
    edit = submission(
        "google/nano-banana-edit", prompt="bluer", images=[named(first), named(second)], files=[first, second]
    )
    for _attempt in range(2):
        adapter.submit(edit)
    orders = [call.json["input"]["image_urls"] for call in fake_providers.calls("createTask")]
    assert [fake_providers.files.content(link) for link in orders[0]] == [picture(), picture((1, 2, 3))]
    assert len({link for links in orders for link in links}) == 4
    names = [call.form()["fileName"].content.decode() for call in fake_providers.calls("file-stream-upload")]
    assert len(set(names)) == 4
    assert all(re.fullmatch(r"[0-9a-f]{32}\.png", name) for name in names)


@pytest.mark.parametrize("data", [{"downloadUrl": "https://a/1"}, {"fileUrl": "https://a/1", "downloadUrl": None}])
def test_the_link_to_an_upload_has_two_names(kie, fake_providers, data):
    kie.say_next(200, "ok", data)
    file = uploaded()
    adapter.submit(submission("recraft/remove-background", images=[named(file)], files=[file]))
    assert fake_providers.calls("createTask")[-1].json["input"] == {"image": "https://a/1"}


@pytest.mark.parametrize(("code", "data"), [(500, None), (200, {}), (200, None), (405, None), (404, None)])
def test_a_file_that_was_not_taken_leaves_nothing_ordered(kie, fake_providers, code, data):
    kie.say_next(code, "words", data)
    file = uploaded()
    with pytest.raises(ProviderUnavailable):
        adapter.submit(submission("recraft/remove-background", images=[named(file)], files=[file]))
    assert not fake_providers.calls("createTask")


def test_what_cannot_be_ordered_sends_no_file(fake_providers):
    file = uploaded()
    with pytest.raises(ProviderRejected):
        adapter.submit(submission("recraft/remove-background", images=[named(file)], files=[file], spicy=True))
    assert not fake_providers.requests


def test_an_input_that_they_cannot_fetch(kie, fake_providers):
    kie.say_next(200, "ok", {"downloadUrl": f"{fake_providers.url}/files/nowhere.png"})
    file = uploaded()
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(submission("recraft/remove-background", images=[named(file)], files=[file]))
    assert refused.value.failure.code == "input_not_fetched"


@pytest.mark.promise("P13")
def test_nothing_of_the_account_goes_out(fake_providers):
    file = uploaded()
    edit = submission("google/nano-banana-edit", prompt="bluer", images=[named(file)], files=[file])
    done = until_done(adapter, adapter.submit(edit))
    download(adapter, done.outputs[0])
    adapter.balance()
    assert len(fake_providers.calls()) == 5
    for call in fake_providers.calls():
        everything = f"{call.path} {call.query} {call.headers} {call.text}"
        assert "Ivan" not in everything
        assert file.upload_id not in everything
        assert "user" not in everything.lower().replace("user-agent", "")
        assert call.headers["user-agent"].startswith("python-requests/")
    assert set(fake_providers.calls("createTask")[0].json) == {"model", "input"}
    assert "authorization" not in fake_providers.calls("/files/")[0].headers


def test_a_dead_link_to_a_file_of_theirs_is_renewed(fake_providers):
    done = until_done(adapter, adapter.submit(order()))
    content = fake_providers.files.content(done.outputs[0].url)
    fake_providers.files.expire(done.outputs[0].url)
    assert download(adapter, done.outputs[0]) == content
    assert len(fake_providers.calls("download-url")) == 1


def test_a_link_to_nothing_of_theirs_is_gone(fake_providers):
    with pytest.raises(OutputGone):
        download(adapter, Output(f"{fake_providers.url}/files/never.png", "image"))


TASK = "0123456789abcdef0123456789abcdef"


def webhook(**changes):
    return json.dumps({"code": 200, "msg": "ok", "data": {"taskId": TASK, "state": "success"}, **changes}).encode()


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "data": {"taskId": TASK, "state": "success", "resultJson": "{}"}},
        {"code": 501, "data": {"taskId": TASK, "state": "fail", "failCode": "500"}},
        {"code": 400, "data": {"taskId": TASK, "info": None}},
        {"code": 501, "data": {"taskId": TASK, "info": {"originImageUrl": "", "resultImageUrl": ""}}},
        {"code": 422, "data": {"taskId": TASK, "promptJson": "{}", "fallbackFlag": False}},
        {"code": 200, "data": {"task_id": TASK, "result_urls": [], "media_ids": [], "image_urls": []}},
        {"code": 200, "data": {"taskId": TASK, "info": {"resultUrls": [], "imageUrls": []}}},
        {"code": 200, "data": {"task_id": TASK, "video_id": "v", "video_url": "", "image_url": ""}},
        {"code": 500, "data": {"task_id": TASK}},
        {"code": 200, "data": {"result_video_url": "https://x", "result_image_url": ""}, "taskId": TASK},
        {"code": 500, "data": None, "taskId": TASK},
        {"code": 200, "data": {"callbackType": "first", "task_id": TASK, "data": []}},
        {"code": 200, "data": {"taskId": TASK, "images": None}},
        {"code": 200, "data": {"taskId": TASK, "state": "complete", "instruments": []}},
    ],
)
def test_every_form_of_webhook_names_its_task(fake_providers, body):
    news = adapter.parse_webhook(signed(TASK, int(time.time())), json.dumps(body).encode())
    assert (news.external_id, news.report, news.reference) == (TASK, None, None)


def test_a_signature_covers_the_task_and_not_the_body_so_the_body_is_never_believed(fake_providers):
    headers = signed(TASK, int(time.time()))
    forged = webhook(
        data={"taskId": TASK, "state": "success", "resultJson": '{"resultUrls": ["https://evil.example"]}'}
    )
    assert adapter.parse_webhook(headers, forged).report is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed("another-task", int(time.time())),
        signed(TASK, int(time.time()), key="another-key"),
        signed(TASK, int(time.time()) - 3600),
        signed(TASK, int(time.time()) + 3600),
        {**signed(TASK, int(time.time())), "X-Webhook-Timestamp": str(int(time.time()) + 5)},
        {**signed(TASK, int(time.time())), "X-Webhook-Signature": "Ω"},
    ],
)
def test_forged_foreign_and_old_webhooks_are_refused(fake_providers, headers):
    with pytest.raises(InvalidWebhook):
        adapter.parse_webhook(headers, webhook())


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"{", b'{"data": {"taskId": ""}}', b'{"data": {"taskId": ["x"]}}'])
def test_a_webhook_that_names_no_task_is_refused(fake_providers, body):
    with pytest.raises(InvalidWebhook):
        adapter.parse_webhook(signed(TASK, int(time.time())), body)


def test_a_repeated_delivery_is_known_again_and_another_stage_is_not(fake_providers):
    headers = signed(TASK, int(time.time()))
    first, again = adapter.parse_webhook(headers, webhook()), adapter.parse_webhook(headers, webhook())
    later = adapter.parse_webhook(headers, webhook(code=501))
    assert first.delivery_id == again.delivery_id != later.delivery_id


def test_without_a_key_for_webhooks_their_secret_address_speaks_for_them(fake_providers, settings):
    settings.KIE_WEBHOOK_HMAC_KEY = ""
    assert adapter.parse_webhook({}, webhook()).external_id == TASK


@pytest.mark.parametrize(("fault", "sent"), [("no_webhook", 0), ("duplicate_webhook", 6), ("reordered_webhooks", 3)])
def test_webhooks_may_be_missing_repeated_or_out_of_order(fake_providers, fault, sent):
    adapter.submit(of_family("music", fake_providers, f"[fault:{fault}]"))
    fake_providers.webhooks.wait(sent)
    ids = {adapter.parse_webhook(headers, body).external_id for _one, headers, body in fake_providers.webhooks.sent}
    assert len(ids) == min(sent, 1)


def test_it_is_offered_with_a_key_and_both_addresses(settings):
    settings.KIE_API_KEY = ""
    assert not adapter.is_configured()
    settings.KIE_API_KEY = "key"
    assert adapter.is_configured()
    settings.KIE_UPLOAD_BASE_URL = ""
    assert not adapter.is_configured()


def test_an_unknown_model_is_refused():
    assert "sora" not in MODELS
    with pytest.raises(ProviderRejected) as refused:
        adapter.build(submission("sora", prompt="sea"))
    assert refused.value.failure.code == "unknown_model"


@pytest.fixture
def film(fake_providers):
    """A finished film of Veo, as an order that goes on from it names it."""
    return {"task": adapter.submit(submission("veo3_fast", prompt="sea")).external_id, "output": ""}


def test_a_film_in_full_hd_is_asked_for_until_it_is_there(fake_providers, film):
    made = adapter.submit(submission("veo/1080p", source_task=film))
    assert made.status is TaskStatus.RUNNING
    done = adapter.fetch(made.external_id)
    assert (done.status, done.external_id) == (TaskStatus.SUCCEEDED, made.external_id)
    asked = fake_providers.calls("get-1080p-video")
    assert [(call.method, dict(call.query)) for call in asked] == [
        ("GET", {"taskId": film["task"].removeprefix("veo:"), "index": "0"})
    ] * 2


def test_two_orders_of_a_larger_version_of_one_film_are_two_tasks(film):
    for model in ("veo/1080p", "veo/4k"):
        first, second = (adapter.submit(submission(model, source_task=film)).external_id for _time in range(2))
        assert first != second
        assert adapter.fetch(second).status is TaskStatus.SUCCEEDED


def test_a_smaller_film_under_the_same_id_is_not_the_one_in_4k(fake_providers, film):
    theirs = film["task"].removeprefix("veo:")
    assert adapter.fetch(f"veo-4k/reference:{theirs}").status is TaskStatus.RUNNING
    assert adapter.fetch(film["task"]).status is TaskStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("code", "error"), [(402, CreditsExhausted), (401, CredentialsRefused), (429, RateLimited), (404, TaskNotFound)]
)
def test_a_larger_film_is_not_waited_for_when_the_code_says_why_not(fake_providers, film, code, error):
    fake_providers.apps["kie"].say_next(code)
    with pytest.raises(error):
        adapter.fetch(f"veo-1080p/reference:{film['task'].removeprefix('veo:')}")
