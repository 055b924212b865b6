"""One row for each status of each family of records, and for what is odd about them."""

import base64
import json

import pytest

from providers.adapters.suno_wire.messages import Record, timed_lyrics
from providers.base import TaskStatus
from providers.calls import Caller

RUNNING, SUCCEEDED, FAILED = TaskStatus.RUNNING, TaskStatus.SUCCEEDED, TaskStatus.FAILED
ONE = {"id": "s1", "audioUrl": "https://x/1.mp3", "streamAudioUrl": "https://x/s1", "imageUrl": "https://x/1.jpg"}
TWO = {"id": "s2", "audioUrl": "", "sourceAudioUrl": "https://x/2.mp3"}
STREAM = {"id": "s3", "audioUrl": "", "streamAudioUrl": "https://x/s3"}


def read(family, **record):
    return Record.model_validate({"taskId": "t1", **record}).as_report("Suno", family, f"{family}:t1")


def songs(*found):
    return {"taskId": "t1", "sunoData": list(found)}


@pytest.mark.parametrize(
    ("status", "response", "expected"),
    [
        ("PENDING", None, RUNNING),
        ("PENDING", songs(), RUNNING),
        ("TEXT_SUCCESS", songs(STREAM, STREAM), RUNNING),
        ("FIRST_SUCCESS", songs(ONE, STREAM), RUNNING),
        ("SUCCESS", songs(ONE, TWO), SUCCEEDED),
        ("SUCCESS", json.dumps(songs(ONE, TWO)), SUCCEEDED),
        ("SUCCESS", songs(), FAILED),
        ("SUCCESS", None, FAILED),
        ("SUCCESS", "{", FAILED),
        ("CREATE_TASK_FAILED", None, FAILED),
        ("GENERATE_AUDIO_FAILED", None, FAILED),
        ("SENSITIVE_WORD_ERROR", None, FAILED),
        ("CALLBACK_EXCEPTION", songs(ONE, TWO), SUCCEEDED),
        ("CALLBACK_EXCEPTION", songs(ONE), RUNNING),
        ("CALLBACK_EXCEPTION", None, RUNNING),
    ],
)
def test_songs(status, response, expected):
    report = read("music", status=status, response=response)
    assert report.status is expected
    if expected is SUCCEEDED:
        assert [(output.url, output.kind, output.name) for output in report.outputs] == [
            ("https://x/1.mp3", "audio", "s1"),
            ("https://x/2.mp3", "audio", "s2"),
        ]


def test_progress_only_grows_from_stage_to_stage():
    shown = [read("music", status=status).progress for status in ("PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS")]
    assert shown == sorted(shown)
    assert len(set(shown)) == 3


def test_an_unreached_callback_with_an_error_code_is_a_failure_after_all():
    report = read("music", status="CALLBACK_EXCEPTION", errorCode=531)
    assert (report.status, report.failure.retryable) == (FAILED, True)


@pytest.mark.parametrize(
    ("code", "failure", "retryable", "moderation"),
    [
        (400, "content_refused", False, True),
        (408, "timeout", True, False),
        (413, "known_work", False, True),
        (451, "input_not_fetched", True, False),
        (500, "provider_error", True, False),
        (501, "generation_failed", True, False),
        ("531", "generation_failed", True, False),
        (None, "generation_failed", True, False),
        ("", "generation_failed", True, False),
        (999, "generation_failed", True, False),
    ],
)
def test_a_failed_song_says_why(code, failure, retryable, moderation):
    report = read("music", status="GENERATE_AUDIO_FAILED", errorCode=code, errorMessage="words")
    assert (report.failure.code, report.failure.retryable) == (failure, retryable)
    assert report.failure.moderation is moderation
    assert report.failure.message.endswith("words")


def test_blocked_words_are_a_refusal_of_the_content():
    report = read("music", status="SENSITIVE_WORD_ERROR", errorMessage=None)
    assert (report.failure.code, report.failure.moderation) == ("content_refused", True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PENDING", RUNNING),
        ("SUCCESS", SUCCEEDED),
        ("CREATE_TASK_FAILED", FAILED),
        ("GENERATE_LYRICS_FAILED", FAILED),
        ("SENSITIVE_WORD_ERROR", FAILED),
        ("CALLBACK_EXCEPTION", SUCCEEDED),
    ],
)
def test_lyrics(status, expected):
    texts = [
        {"text": "Дождь", "title": "Осень", "status": "complete", "errorMessage": ""},
        {"text": "", "title": "", "status": "failed", "errorMessage": "no"},
    ]
    report = read("lyrics", status=status, response={"taskId": "t1", "data": texts})
    assert report.status is expected
    if expected is SUCCEEDED:
        (output,) = report.outputs
        with Caller("Suno", base_urls=tuple, headers=dict).open_output(output) as opened:
            assert b"".join(opened.chunks).decode() == "Осень\n\nДождь\n"


@pytest.mark.parametrize(
    ("family", "word", "response", "outputs"),
    [
        ("wav", "WAV", {"audioWavUrl": "https://x/a.wav"}, [("https://x/a.wav", "audio", "wav")]),
        ("film", "MP4", {"videoUrl": "https://x/a.mp4"}, [("https://x/a.mp4", "video", "film")]),
        (
            "stems",
            "AUDIO",
            {"originUrl": "", "vocalUrl": "https://x/v", "drumsUrl": "https://x/d", "bassUrl": None},
            [("https://x/v", "audio", "vocal"), ("https://x/d", "audio", "drums")],
        ),
    ],
)
def test_tools_say_success_flag_where_others_say_status(family, word, response, outputs):
    assert read(family, successFlag="PENDING").status is RUNNING
    done = read(family, successFlag="SUCCESS", response=response)
    assert [(output.url, output.kind, output.name) for output in done.outputs] == outputs
    assert read(family, successFlag="CALLBACK_EXCEPTION", response=response).status is SUCCEEDED
    for failed in ("CREATE_TASK_FAILED", f"GENERATE_{word}_FAILED"):
        assert read(family, successFlag=failed).status is FAILED


@pytest.mark.parametrize(("flag", "status"), [(0, RUNNING), (1, SUCCEEDED), (2, RUNNING), (3, FAILED)])
def test_cover_pictures_count_otherwise_than_anybody_else(flag, status):
    report = read("cover", successFlag=flag, response={"images": ["https://x/a.png"]})
    assert report.status is status
    assert [output.kind for output in report.outputs] == (["image"] if status is SUCCEEDED else [])


@pytest.mark.parametrize("record", [{"status": "SINGING"}, {"successFlag": "7"}, {}])
def test_an_unknown_status_is_running_and_an_alarm(record, caplog):
    assert read("music", **record).status is RUNNING
    assert [one.levelname for one in caplog.records] == ["ERROR"]


@pytest.mark.parametrize(
    "words",
    [
        ["[Verse]\n", "The ", "sea\n", "And ", "deep"],
        ["[Verse]", "\nThe ", "sea", "\nAnd ", "deep"],
        ["[Verse]\nThe ", "sea\n\n", "And ", "deep\n"],
    ],
)
def test_timed_words_become_lines_with_their_times(words):
    aligned = [{"word": word, "startS": 61.25 + place, "endS": 62} for place, word in enumerate(words)]
    (output,) = timed_lyrics({"alignedWords": aligned, "waveformData": []})
    text = base64.b64decode(output.url.partition(",")[2]).decode()
    assert output.kind == "text"
    assert [line[11:] for line in text.splitlines()] == ["[Verse]", "The sea", "And deep"]
    assert text.startswith("[01:01.25] [Verse]\n")


@pytest.mark.parametrize("data", [None, {}, {"alignedWords": None}, {"alignedWords": []}, {"alignedWords": [{}]}])
def test_timed_words_that_are_none_are_no_result(data):
    assert timed_lyrics(data) == ()
