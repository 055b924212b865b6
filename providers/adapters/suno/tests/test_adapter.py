"""The adapter and a stand-in for sunoapi.org, over real HTTP."""

import json
from decimal import Decimal

import pytest

from providers import registry
from providers.base import TaskStatus
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
from providers.fakes.apps import Reply
from providers.tests.ordering import download, named, submission, uploaded

adapter = registry.adapter("suno")
SONG = {"task": "music:0123", "output": "song-1"}


@pytest.fixture
def suno(fake_providers):
    return fake_providers.apps["suno"]


@pytest.fixture
def order(fake_providers):
    def make(model="generate/V5", files=(), **given):
        return submission(model, files=files, webhook_url=f"{fake_providers.url}/_/received/suno", **given)

    return make


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, ProviderRejected),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, ProviderRejected),
        (405, RateLimited),
        (409, ProviderRejected),
        (413, ProviderRejected),
        (422, ProviderRejected),
        (429, CreditsExhausted),
        (430, RateLimited),
        (455, ProviderUnavailable),
        (500, SubmissionOutcomeUnknown),
        (502, SubmissionOutcomeUnknown),
        (418, ProviderRejected),
    ],
)
def test_a_code_that_answers_an_order(suno, order, code, error):
    suno.say_next(code, "words")
    with pytest.raises((ProviderUnavailable, ProviderRejected, SubmissionOutcomeUnknown)) as refused:
        adapter.submit(order(prompt="rain"))
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, CredentialsRefused),
        (404, TaskNotFound),
        (405, RateLimited),
        (422, TaskNotFound),
        (429, CreditsExhausted),
        (430, RateLimited),
        (455, ProviderUnavailable),
        (500, ProviderUnavailable),
    ],
)
def test_a_code_that_answers_a_question(suno, code, error):
    suno.say_next(code, "words")
    with pytest.raises((ProviderUnavailable, TaskNotFound)) as refused:
        adapter.fetch("music:0123")
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, ProviderUnavailable),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, ProviderUnavailable),
        (429, RateLimited),
        (500, SubmissionOutcomeUnknown),
        (502, SubmissionOutcomeUnknown),
        (200, SubmissionOutcomeUnknown),
    ],
)
def test_a_server_before_theirs_speaks_for_itself_alone(suno, order, status, error):
    suno.reply_next(Reply(status, b"<html>"))
    with pytest.raises((ProviderUnavailable, SubmissionOutcomeUnknown)) as refused:
        adapter.submit(order(prompt="rain"))
    assert type(refused.value) is error
    suno.reply_next(Reply(404 if status == 404 else 403, b"<html>"))
    with pytest.raises(ProviderUnavailable):
        adapter.fetch("music:0123")


@pytest.mark.parametrize(
    ("model", "given", "kinds"),
    [
        ("generate/V5", {"prompt": "rain"}, ["audio", "audio"]),
        ("generate/V4", {"style": "folk", "title": "Rain", "lyrics": "la"}, ["audio", "audio"]),
        ("extend/V5", {"source_task": SONG, "continue_at": 20}, ["audio", "audio"]),
        ("lyrics", {"prompt": "rain"}, ["text", "text"]),
        ("wav", {"source_task": SONG}, ["audio"]),
        ("vocal-removal/separate_vocal", {"source_task": SONG}, ["audio", "audio"]),
        ("vocal-removal/split_stem", {"source_task": SONG}, ["audio"] * 10),
        ("mp4", {"source_task": SONG}, ["video"]),
    ],
)
def test_each_call_is_made_read_back_and_fetched(suno, order, model, given, kinds):
    accepted = adapter.submit(order(model, **given))
    assert accepted.status is TaskStatus.RUNNING
    done = adapter.fetch(accepted.external_id)
    assert done.status is TaskStatus.SUCCEEDED
    assert [output.kind for output in done.outputs] == kinds
    if kinds[0] != "video":
        assert download(adapter, done.outputs[0])
    suno.frame.webhooks.wait(1)
    _webhook, headers, body = suno.frame.webhooks.sent[-1]
    news = adapter.parse_webhook(headers, body)
    assert (news.is_about(accepted.external_id), news.report) == (True, None)


@pytest.mark.parametrize("model", ["upload-cover/V5", "upload-extend/V5"])
def test_recordings_go_to_their_store_when_it_is_known(fake_providers, settings, order, model):
    file = uploaded(b"ID3 a song", mime="audio/mpeg", name="Ivan's song.mp3")
    adapter.submit(order(model, files=[file], audios=[named(file)], prompt="as a waltz"))
    (sent,) = fake_providers.calls("/suno/api/v1/generate")
    assert fake_providers.files.content(sent.json["uploadUrl"]) == b"ID3 a song"
    settings.SUNO_UPLOAD_BASE_URL = ""
    adapter.submit(order(model, files=[file], audios=[named(file)], prompt="as a waltz"))
    assert fake_providers.calls("/suno/api/v1/generate")[-1].json["uploadUrl"] == file.url


def test_a_song_that_they_cannot_fetch_is_refused(suno, order):
    suno.say_next(400, "file fetch failed")
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(order(prompt="rain"))
    assert refused.value.failure.code == "invalid_input"


@pytest.mark.parametrize(("fault", "moderation"), [("fail", False), ("moderation", True)])
def test_songs_and_lyrics_say_how_they_failed(suno, order, fault, moderation):
    for model in ("generate/V5", "lyrics"):
        accepted = adapter.submit(order(model, prompt=f"rain [fault:{fault}]"))
        done = adapter.fetch(accepted.external_id)
        assert (done.status, done.failure.moderation) == (TaskStatus.FAILED, moderation)


def test_a_wav_is_made_once(suno, order):
    adapter.submit(order("wav", source_task=SONG))
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(order("wav", source_task=SONG))
    assert refused.value.failure.code == "already_made"


@pytest.mark.parametrize("fault", ["lost_answer", "server_error", "server_error_after_accepting", "malformed"])
def test_an_order_whose_answer_says_nothing_is_unknown_and_is_sent_once(fake_providers, order, fault):
    fake_providers.fail_next(fault, path="/suno/")
    with pytest.raises(SubmissionOutcomeUnknown):
        adapter.submit(order(prompt="rain"))
    assert len(fake_providers.calls("/suno/")) == 1


@pytest.mark.parametrize(
    "data",
    [
        {"callbackType": "text", "task_id": "t1", "data": []},
        {"callbackType": "first", "task_id": "t1", "data": [{"id": "s1", "audio_url": "https://evil.example"}]},
        {"callbackType": "complete", "task_id": "t1", "data": [{"text": "la", "title": "", "status": "complete"}]},
        {"callbackType": "error", "task_id": "t1", "data": None},
        {"task_id": "t1", "audio_wav_url": None},
        {"task_id": "t1", "vocal_removal_info": None},
        {"task_id": "t1", "video_url": None},
        {"taskId": "t1", "images": None},
    ],
)
def test_nothing_is_signed_so_a_webhook_names_its_task_and_is_not_believed(data):
    news = adapter.parse_webhook({}, json.dumps({"code": 200, "msg": "ok", "data": data}).encode())
    assert (news.external_id, news.report) == ("t1", None)
    assert news.is_about("music:t1")
    assert not news.is_about("music:t2")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": {"callbackType": "text"}}', b"\xff"])
def test_a_webhook_that_names_no_task_is_refused(body):
    with pytest.raises(InvalidWebhook):
        adapter.parse_webhook({}, body)


def test_the_credits_are_a_bare_number(suno):
    suno.credits = 99
    assert (adapter.balance().amount, adapter.balance().unit) == (Decimal(99), "credits")


@pytest.mark.promise("P13")
def test_nothing_of_the_account_goes_out(fake_providers, order):
    file = uploaded(b"ID3 a song", mime="audio/mpeg", name="Ivan's song.mp3")
    cover = order("upload-cover/V5", files=[file], audios=[named(file)], prompt="as a waltz")
    done = adapter.fetch(adapter.submit(cover).external_id)
    download(adapter, done.outputs[0])
    for call in fake_providers.calls():
        everything = f"{call.path} {call.query} {call.headers} {call.text}"
        assert "Ivan" not in everything
        assert file.upload_id not in everything
        assert "user" not in everything.lower().replace("user-agent", "")
    expected = {"callBackUrl", "customMode", "instrumental", "model", "prompt", "uploadUrl"}
    assert set(fake_providers.calls("/suno/api/v1/generate/upload-cover")[0].json) == expected


def test_it_is_offered_with_a_key(settings):
    settings.SUNO_API_KEY = ""
    assert not adapter.is_configured()
    settings.SUNO_API_KEY = "key"
    assert adapter.is_configured()


def test_timed_lyrics_are_answered_at_once_and_kept_nowhere(suno, order):
    done = adapter.submit(order("timed-lyrics", source_task=SONG))
    assert done.status is TaskStatus.SUCCEEDED
    assert download(adapter, done.outputs[0]).decode().startswith("[00:00.00] [Verse]\n")
    (call,) = suno.frame.calls("get-timestamped-lyrics")
    assert set(call.json) == {"taskId", "audioId"}
    with pytest.raises(TaskNotFound):
        adapter.fetch(done.external_id)


def test_timed_lyrics_without_a_word_are_not_known_to_have_been_made(suno, order):
    suno.say_next(200, "success", {"alignedWords": []})
    with pytest.raises(SubmissionOutcomeUnknown):
        adapter.submit(order("timed-lyrics", source_task=SONG))
