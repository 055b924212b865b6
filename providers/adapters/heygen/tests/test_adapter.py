"""The adapter against the stand-in, over real HTTP."""

import io
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from providers.adapters.heygen.adapter import LARGEST_ASSET, HeygenAdapter
from providers.adapters.heygen.models import MODELS
from providers.base import Balance, Choice, Submission, SubmittedFile, TaskStatus
from providers.calls import OutputGone
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
    TaskNotFound,
)
from providers.fakes.frame import Pace

ADAPTER = HeygenAdapter()
NOWHERE = "http://127.0.0.1:9/webhooks/providers/heygen/token"
ANY = {
    "script": "Hello there",
    "prompt": "Hello there",
    "avatar": "look_001",
    "avatars": ["look_001", "look_002"],
    "voice": "voice_001",
    "speed": 1.1,
    "pitch": 3,
    "volume": 0.8,
    "locale": "en-US",
    "aspect_ratio": "9:16",
    "resolution": "1080p",
    "background_color": "#ffffff",
    "remove_background": False,
    "with_captions": True,
    "motion_prompt": "waves",
    "expressiveness": "high",
    "fit": "cover",
    "output_format": "mp4",
    "engine": "avatar_iv",
    "images": [{"upload": "p"}],
    "videos": [{"upload": "v"}],
    "audios": [{"upload": "a"}],
    "duration": 2,
    "improve_prompt": True,
    "language": "German",
    "source_language": "English",
    "speed_tier": "precision",
    "speakers": 2,
}
# Settings that exclude each other: those of the other way are tried apart.
APART = {"background_image", "avatars"}


def a_file(upload_id, mime, content=b"content of a file", *, size=None):
    return SubmittedFile(
        upload_id,
        f"Alice {upload_id}.bin",
        mime,
        size or len(content),
        f"https://site.example/{upload_id}",
        lambda: io.BytesIO(content),
    )


FILES = {"p": a_file("p", "image/png"), "v": a_file("v", "video/mp4"), "a": a_file("a", "audio/mpeg")}


def submission(model="videos/avatar", *, webhook_url="", files=None, reference="", **settings):
    settings = settings or {"avatar": "look_001", "script": "Hello there", "voice": "voice_001"}
    return Submission(reference or str(uuid.uuid4()), model, settings, files or {}, webhook_url)


def settings_of(model):
    return {name: ANY[name] for name in ADAPTER.models[model].inputs - APART}


def files_of(settings):
    wanted = {
        one["upload"] for value in settings.values() if isinstance(value, list) for one in value if "upload" in one
    }
    return {name: FILES[name] for name in wanted}


def content_of(output):
    with ADAPTER.open_output(output) as download:
        return b"".join(download.chunks)


def order_of(frame, path):
    return next(call for call in frame.calls(path) if call.method == "POST")


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_setting_reaches_the_provider(model):
    given = settings_of(model)
    whole = ADAPTER.build(Submission("r", model, given, FILES, ""))
    for name in given:
        rest = {other: value for other, value in given.items() if other != name}
        assert ADAPTER.build(Submission("r", model, rest, FILES, "")) != whole, name


@pytest.mark.parametrize("model", sorted(MODELS))
def test_everything_can_be_ordered_and_fetched(model, fake_providers):
    given = settings_of(model)
    report = ADAPTER.submit(submission(model, files=files_of(given), webhook_url=NOWHERE, **given))
    if MODELS[model].answers_at_once:
        assert report.status == TaskStatus.SUCCEEDED
    else:
        assert (report.status, report.progress) == (TaskStatus.RUNNING, None)
        report = ADAPTER.fetch(report.external_id)
    assert report.status == TaskStatus.SUCCEEDED
    assert {output.kind for output in report.outputs} == {ADAPTER.models[model].kind}
    assert len(content_of(report.outputs[0])) > 1000


def test_an_order_of_a_presenter(fake_providers):
    order = submission(
        avatar="look_001",
        script="Hello",
        voice="voice_001",
        speed=1.2,
        background_image={"upload": "p"},
        engine="avatar_iii",
        files={"p": FILES["p"]},
        webhook_url=NOWHERE,
    )
    ADAPTER.submit(order)
    sent = order_of(fake_providers, "/v3/videos")
    (asset_id,) = fake_providers.apps["heygen"].assets
    assert sent.json == {
        "type": "avatar",
        "avatar_id": "look_001",
        "script": "Hello",
        "voice_id": "voice_001",
        "voice_settings": {"speed": 1.2},
        "background": {"type": "image", "asset_id": asset_id},
        "engine": {"type": "avatar_iii"},
        "title": order.reference,
        "callback_url": NOWHERE,
        "callback_id": order.reference,
    }
    assert sent.headers["idempotency-key"] == order.reference


def test_sound_of_ones_own_is_one_of_two_fields(fake_providers):
    ADAPTER.submit(submission(avatar="look_001", audios=[{"upload": "a"}], files={"a": FILES["a"]}))
    assert order_of(fake_providers, "/v3/videos").json["audio_asset_id"].startswith("asset_")
    ogg = a_file("a", "audio/ogg")
    assert ADAPTER.build(submission(audios=[{"upload": "a"}], files={"a": ogg}))["audio_url"] == ogg.url


def test_scenes_without_callbacks_ask_for_none(fake_providers):
    sent = ADAPTER.build(submission("videos/cinematic_avatar", prompt="x", avatar="look_001", webhook_url=NOWHERE))
    assert sent["avatar_id"] == ["look_001"]
    assert not {"callback_url", "callback_id"} & set(sent)


@pytest.mark.promise("P13")
def test_an_order_holds_the_order_and_nothing_else(fake_providers):
    ADAPTER.submit(
        submission("lipsyncs", videos=[{"upload": "v"}], audios=[{"upload": "a"}], files=FILES, webhook_url=NOWHERE)
    )
    order = order_of(fake_providers, "/v3/lipsyncs")
    assert set(order.json) == {"video", "audio", "title", "callback_url", "callback_id"}
    for call in fake_providers.calls("/heygen/"):
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
    fake_providers.fail_next(fault, path="/v3/videos")
    with pytest.raises(error) as raised:
        ADAPTER.submit(submission())
    assert type(raised.value) is error
    assert len(fake_providers.calls("/v3/videos")) == 1
    assert bool(fake_providers.apps["heygen"].tasks) is was_taken


@pytest.mark.parametrize("fault", ["lost_answer", "malformed", "server_error_after_accepting"])
@pytest.mark.parametrize("model", ["videos/avatar", "background-removals", "lipsyncs"])
def test_an_order_repeated_under_its_key_is_bought_once(fault, model, fake_providers):
    given = {} if model == "videos/avatar" else settings_of(model)
    order = submission(model, files=files_of(given), **given)
    fake_providers.fail_next(fault, path=f"/v3/{MODELS[model].path}")
    with pytest.raises(SubmissionOutcomeUnknown):
        ADAPTER.submit(order)
    again = ADAPTER.submit(order)
    (bought,) = fake_providers.apps["heygen"].tasks
    assert again.external_id.endswith(f":{bought}")


def test_an_order_in_flight_is_not_known_yet(fake_providers):
    order = submission()
    fake_providers.apps["heygen"].in_flight.add(order.reference)
    with pytest.raises(SubmissionOutcomeUnknown):
        ADAPTER.submit(order)


def test_a_lost_order_is_found_by_our_reference(fake_providers):
    for model in ("videos/avatar", "video-translations", "lipsyncs"):
        given = {} if model == "videos/avatar" else settings_of(model)
        order = submission(model, files=files_of(given), webhook_url=NOWHERE, **given)
        taken = ADAPTER.submit(order)
        assert ADAPTER.find(order.reference).external_id == taken.external_id
    assert ADAPTER.find("nobody's") is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"avatar": "gone", "script": "x"}, "invalid_input"),
        ({"avatar": "look_001", "script": "x", "voice": "gone"}, "invalid_input"),
        ({"avatar": "look_001", "script": "x", "resolution": "8k"}, "unsupported_value"),
        ({"avatar": "look_001", "script": "x", "spice": 1}, "unsupported_setting"),
        ({"avatar": "look_001", "audios": []}, "unsupported_value"),
    ],
)
def test_what_cannot_be_made_is_refused(given, code, fake_providers):
    with pytest.raises(ProviderRejected) as raised:
        ADAPTER.submit(submission(**given))
    assert raised.value.failure.code == code


def test_an_unknown_model_is_refused(fake_providers):
    with pytest.raises(ProviderRejected):
        ADAPTER.submit(submission("nobody"))


# --- Uploads -------------------------------------------------------------------------------------
def test_files_go_to_their_store_under_a_name_that_says_nothing(fake_providers):
    ADAPTER.submit(submission("videos/image", images=[{"upload": "p"}], script="Hello", files={"p": FILES["p"]}))
    upload = order_of(fake_providers, "/v3/assets")
    part = upload.form()["file"]
    assert (part.content, part.mime) == (b"content of a file", "image/png")
    assert part.filename.endswith(".png")
    assert list(fake_providers.apps["heygen"].assets.values()) == [b"content of a file"]


@pytest.mark.parametrize(
    "file", [a_file("p", "image/webp"), a_file("p", "image/png", size=LARGEST_ASSET + 1)], ids=["type", "size"]
)
def test_what_their_store_does_not_take_goes_as_a_link(file, fake_providers):
    ADAPTER.submit(submission("videos/image", images=[{"upload": "p"}], script="Hello", files={"p": file}))
    assert order_of(fake_providers, "/v3/videos").json["image"] == {"type": "url", "url": "https://site.example/p"}
    assert fake_providers.calls("/v3/assets") == []


def test_a_retry_of_an_order_does_not_upload_twice(fake_providers):
    order = submission("videos/image", images=[{"upload": "p"}], script="Hello", files={"p": FILES["p"]})
    for _time in range(2):
        ADAPTER.submit(order)
    assert len(fake_providers.apps["heygen"].assets) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [("bad_key", CredentialsRefused), ("too_fast", RateLimited), ("malformed", ProviderUnavailable)],
)
def test_a_failed_upload_orders_nothing(fault, error, fake_providers):
    fake_providers.fail_next(fault, path="/v3/assets")
    with pytest.raises(error):
        ADAPTER.submit(submission("videos/image", images=[{"upload": "p"}], script="Hello", files={"p": FILES["p"]}))
    assert fake_providers.calls("/v3/videos") == []


# --- Questions -----------------------------------------------------------------------------------
@pytest.mark.parametrize("external_id", ["videos:none", "video-translations:none", "voices/speech:r-1", "none", ""])
def test_an_unknown_task_is_not_found(external_id, fake_providers):
    with pytest.raises(TaskNotFound):
        ADAPTER.fetch(external_id)


@pytest.mark.parametrize(
    "model", ["videos/avatar", "video-translations", "lipsyncs", "background-removals", "video-agents"]
)
@pytest.mark.parametrize(("fault", "code"), [("fail", "failed"), ("moderation", "moderation")])
def test_a_task_ends_badly(model, fault, code, fake_providers):
    given = {} if model == "videos/avatar" else settings_of(model)
    fake_providers.fail_next(fault, path=f"/v3/{MODELS[model].path}")
    taken = ADAPTER.submit(submission(model, files=files_of(given), **given))
    report = ADAPTER.fetch(taken.external_id)
    assert (report.external_id, report.status, report.failure.code) == (taken.external_id, TaskStatus.FAILED, code)


def test_a_task_works_before_it_is_done(fake_providers):
    fake_providers.pace = Pace(work=3600)
    taken = ADAPTER.submit(submission())
    assert (taken.stage, ADAPTER.fetch(taken.external_id).stage) == ("waiting", "pending")
    fake_providers.pace = Pace()
    assert ADAPTER.fetch(taken.external_id).status == TaskStatus.SUCCEEDED
    assert ADAPTER.cancel(taken.external_id) is False


def test_captions_bring_the_film_that_has_them(fake_providers):
    taken = ADAPTER.submit(submission(avatar="look_001", script="Hello", with_captions=True))
    app = fake_providers.apps["heygen"]
    app.tasks[taken.external_id.removeprefix("videos:")].overrides["captioned_video_url"] = "https://x.example/c"
    assert [output.url for output in ADAPTER.fetch(taken.external_id).outputs] == ["https://x.example/c"]


def test_an_expired_link_is_renewed_by_asking_again(fake_providers):
    fake_providers.fail_next("expired_link", path="/v3/videos")
    taken = ADAPTER.submit(submission())
    (dead,) = ADAPTER.fetch(taken.external_id).outputs
    with pytest.raises(OutputGone):
        content_of(dead)
    (fresh,) = ADAPTER.fetch(taken.external_id).outputs
    assert len(content_of(fresh)) > 1000


# --- Lists and the account -----------------------------------------------------------------------
def test_all_pages_of_avatars_and_voices_are_read(fake_providers):
    looks, voices = ADAPTER.choices("avatar"), ADAPTER.choices("voice")
    assert [len({one.value for one in each}) for each in (looks, voices)] == [120, 36]
    assert voices[0] == Choice("voice_000", "Vera 1", "English", "female")
    first, *rest = fake_providers.calls("/v3/avatars/looks")
    assert first.query["limit"] == "50"
    assert [call.query.get("token") for call in rest] == ["50", "100"]
    assert {call.query["engine"] for call in fake_providers.calls("/v3/voices")} == {"starfish"}


def test_languages_are_called_by_their_names(fake_providers):
    assert Choice("Spanish (Spain)", "Spanish (Spain)") in ADAPTER.choices("language")
    assert ADAPTER.choices("anything else") == ()


def test_what_is_left(fake_providers):
    assert ADAPTER.balance() == Balance(Decimal("41.5"), "USD")


def test_lists_fail_as_questions_do(fake_providers):
    fake_providers.fail_next("bad_key", path="/v3/voices")
    with pytest.raises(CredentialsRefused):
        ADAPTER.choices("voice")


# --- Webhooks ------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", ["videos/avatar", "video-translations"])
def test_a_webhook_is_signed(model, fake_providers):
    given = {} if model == "videos/avatar" else settings_of(model)
    order = submission(model, files=files_of(given), webhook_url=NOWHERE, **given)
    taken = ADAPTER.submit(order)
    fake_providers.webhooks.wait(1)
    ((_webhook, headers, body),) = fake_providers.webhooks.sent
    news = ADAPTER.parse_webhook(headers, body)
    assert (news.reference, news.external_id) == (order.reference, taken.external_id)
    assert (news.report is not None) is (model == "video-translations")


@pytest.mark.parametrize(
    "model", ["videos/avatar", "videos/cinematic_avatar", "video-translations", "lipsyncs", "video-agents"]
)
def test_a_finished_task_is_erased_and_a_repetition_does_no_harm(fake_providers, model):
    settings = settings_of(model)
    taken = ADAPTER.submit(submission(model, files=files_of(settings), **settings))
    assert ADAPTER.delete(taken.external_id) is True
    path, _colon, task_id = taken.external_id.partition(":")
    left = {task.path for task in fake_providers.apps["heygen"].tasks.values()}
    assert left <= {"video-agents"}
    if path != "video-agents":
        assert fake_providers.calls(f"/v3/{path}/{task_id}")[0].method == "DELETE"
        assert ADAPTER.delete(taken.external_id) is True


def test_files_of_an_order_are_named_and_can_be_erased(fake_providers):
    names = []
    order = submission(avatar="look_001", audios=[{"upload": "a"}], files={"a": FILES["a"]})
    ADAPTER.submit(replace(order, stored=names.append))
    (name,) = names
    assert name == f"assets:{next(iter(fake_providers.apps['heygen'].assets))}"
    assert ADAPTER.delete(name) is True
    assert fake_providers.apps["heygen"].assets == {}
    assert ADAPTER.delete(name) is True


@pytest.mark.parametrize("external_id", ["voices/speech:1", "background-removals:1", "videos:", "nothing"])
def test_what_heygen_keeps_no_record_of_or_has_no_call_for_is_not_asked_about(fake_providers, external_id):
    assert ADAPTER.delete(external_id) is False
    assert fake_providers.calls() == []


def test_what_is_still_at_work_is_erased_later(fake_providers):
    taken = ADAPTER.submit(submission())
    fake_providers.apps["heygen"].tasks[taken.external_id.partition(":")[2]].faults = frozenset({"never"})
    with pytest.raises(ProviderUnavailable):
        ADAPTER.delete(taken.external_id)


@pytest.mark.parametrize(("fault", "error"), [("bad_key", CredentialsRefused), ("too_fast", RateLimited)])
def test_an_erasure_that_is_refused_for_our_sake_is_tried_later(fake_providers, fault, error):
    taken = ADAPTER.submit(submission())
    fake_providers.fail_next(fault, path="/v3/videos/")
    with pytest.raises(error):
        ADAPTER.delete(taken.external_id)
