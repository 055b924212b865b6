"""The adapter and a running engine, over real HTTP."""

import io
import threading
import time

import pytest
import requests
from PIL import Image

from providers.adapters.offline import wire
from providers.adapters.offline.tests.ordering import INSTANT, adapter, download, submission, until_done, uploaded
from providers.base import Output, TaskStatus
from providers.errors import ProviderRejected, ProviderUnavailable, SubmissionOutcomeUnknown, TaskNotFound

pytestmark = pytest.mark.usefixtures("offline_engine")


def test_a_picture_is_ordered_painted_and_downloaded():
    accepted = adapter.submit(submission(size="512", count=2, seed=7, output_format="webp"))
    assert accepted.status is TaskStatus.RUNNING
    done = until_done(accepted)
    assert done.status is TaskStatus.SUCCEEDED
    assert done.seed == 7
    assert [output.kind for output in done.outputs] == ["image", "image"]
    pictures = [Image.open(io.BytesIO(download(output))) for output in done.outputs]
    assert [(picture.format, picture.size) for picture in pictures] == [("WEBP", (512, 512))] * 2
    assert pictures[0].tobytes() != pictures[1].tobytes()


def test_the_same_reference_gives_the_same_task():
    order = submission(simulate=INSTANT)
    assert adapter.submit(order).external_id == adapter.submit(order).external_id


def test_a_reference_cannot_be_used_for_another_order():
    order = submission(simulate=INSTANT)
    adapter.submit(order)
    other = submission(simulate=INSTANT, seed=3)
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(type(other)(order.reference, other.model, other.input, {}, ""))
    assert refused.value.failure.code == "reference_reused"


def test_an_upload_is_passed_on_and_edited():
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), (200, 40, 40)).save(picture, "PNG")
    file = uploaded(picture.getvalue())
    order = submission("demo-image-edit", files={"u1": file}, image={"upload": "u1"}, prompt="чёрно-белое")
    done = until_done(adapter.submit(order))
    edited = Image.open(io.BytesIO(download(done.outputs[0]))).convert("RGB")
    assert edited.size == (320, 200)
    red, green, blue = edited.getpixel((20, 20))
    assert red == green == blue


def test_a_lost_answer_is_unknown_and_found_by_its_reference():
    order = submission(simulate={"outcome": "lost_answer", "instant": True})
    with pytest.raises(SubmissionOutcomeUnknown):
        adapter.submit(order)
    found = adapter.find(order.reference)
    assert found is not None
    assert until_done(found).status is TaskStatus.SUCCEEDED
    assert adapter.submit(order).external_id == found.external_id


def test_a_reference_that_was_never_sent_is_not_found():
    assert adapter.find("never-sent") is None


def test_a_refused_submission_says_why_and_leaves_nothing():
    order = submission(simulate={"outcome": "reject"})
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(order)
    assert refused.value.failure.code == "invalid_request"
    assert not refused.value.failure.retryable
    assert adapter.find(order.reference) is None


@pytest.mark.parametrize(
    "wrong",
    [{"prompt": ""}, {"size": 100_000}, {"count": 9}, {"aspect_ratio": "wide"}, {"simulate": {"outcome": "explode"}},
     {"image": {"file": "nowhere"}}, {"seed": "x"}],
)  # fmt: skip
def test_bad_input_is_rejected(wrong):
    with pytest.raises(ProviderRejected) as refused:
        adapter.submit(submission(**wrong))
    assert refused.value.failure.code in {"invalid_input", "unknown_file"}


def test_an_unknown_model_is_rejected():
    with pytest.raises(ProviderRejected):
        adapter.submit(submission("demo-dreams"))


@pytest.mark.parametrize(
    ("outcome", "retryable", "moderation"),
    [("fail", False, False), ("fail_retryable", True, False), ("moderation", False, True)],
)
def test_bad_endings_can_be_ordered(outcome, retryable, moderation):
    done = until_done(adapter.submit(submission(simulate={"outcome": outcome})))
    assert done.status is TaskStatus.FAILED
    assert (done.failure.retryable, done.failure.moderation) == (retryable, moderation)
    assert done.outputs == ()


def test_a_partial_success_has_fewer_outputs_than_ordered():
    done = until_done(adapter.submit(submission(count=4, simulate={"outcome": "partial", "instant": True})))
    assert done.status is TaskStatus.SUCCEEDED
    assert len(done.outputs) == 3


def test_a_delay_shows_progress_that_grows():
    report = adapter.submit(submission(simulate={"delay_seconds": 1, "instant": True}))
    shown = []
    while report.status is TaskStatus.RUNNING:
        shown.append(report.progress)
        time.sleep(0.2)
        report = adapter.fetch(report.external_id)
    assert shown == sorted(shown)
    assert 0 <= shown[0] < 0.4 < shown[-1] < 1
    assert report.progress == 1


def test_a_late_task_cannot_be_cancelled_and_comes_in_the_end():
    report = adapter.submit(submission(simulate={"outcome": "late", "instant": True}))
    assert adapter.cancel(report.external_id) is False
    assert adapter.fetch(report.external_id).status is TaskStatus.RUNNING
    assert until_done(report).status is TaskStatus.SUCCEEDED


def test_a_task_that_never_ends_can_be_cancelled_once_and_for_all():
    report = adapter.submit(submission(simulate={"outcome": "never"}))
    assert adapter.fetch(report.external_id).status is TaskStatus.RUNNING
    assert adapter.cancel(report.external_id) is True
    assert adapter.cancel(report.external_id) is True
    ended = adapter.fetch(report.external_id)
    assert (ended.status, ended.failure.code) == (TaskStatus.FAILED, "cancelled")


def test_a_picture_being_painted_can_be_cancelled_and_the_next_one_is_painted():
    first = adapter.submit(submission(size=2048, count=4))
    second = adapter.submit(submission(size=256))
    assert adapter.cancel(first.external_id) is True
    assert until_done(second).status is TaskStatus.SUCCEEDED
    assert adapter.fetch(first.external_id).failure.code == "cancelled"


def test_what_has_ended_cannot_be_cancelled():
    done = until_done(adapter.submit(submission(simulate=INSTANT)))
    assert adapter.cancel(done.external_id) is False


def test_an_unknown_task_is_not_found():
    with pytest.raises(TaskNotFound):
        adapter.fetch("task_of_nobody")


def test_many_tasks_are_asked_for_in_one_call():
    ids = [adapter.submit(submission(simulate={"outcome": "never"})).external_id for _task in range(5)]
    reports = adapter.fetch_many([*ids, "unknown"])
    assert set(reports) == set(ids)


def test_a_slow_download_arrives_whole():
    done = until_done(adapter.submit(submission(simulate={"outcome": "slow_download", "instant": True})))
    begun = time.monotonic()
    assert Image.open(io.BytesIO(download(done.outputs[0]))).size == (64, 64)
    assert time.monotonic() - begun > 0.5


def test_a_broken_file_is_no_picture():
    done = until_done(adapter.submit(submission(simulate={"outcome": "broken_file", "instant": True})))
    assert download(done.outputs[0]).startswith(b"<!doctype html>")


def test_a_result_is_gone_without_its_task(offline_engine):
    with (
        pytest.raises(ProviderUnavailable),
        adapter.open_output(Output(f"{offline_engine.url}/v1/results/task_0/image-1.png", "image")) as opened,
    ):
        list(opened.chunks)


def test_a_wrong_key_reaches_nothing(offline_engine, settings):
    settings.OFFLINE_API_KEY = "wrong"
    with pytest.raises(ProviderUnavailable):
        adapter.submit(submission())
    assert requests.get(f"{offline_engine.url}/v1/tasks/x", timeout=5).status_code == 401


def test_parts_of_a_result_can_be_asked_for(offline_engine):
    url = until_done(adapter.submit(submission(simulate=INSTANT))).outputs[0].url
    whole = requests.get(url, timeout=5).content
    for header, expected in (("bytes=0-9", whole[:10]), ("bytes=20-", whole[20:]), ("bytes=-5", whole[-5:])):
        part = requests.get(url, headers={"Range": header}, timeout=5)
        assert (part.status_code, part.content) == (206, expected)
    assert requests.get(url, headers={"Range": "bytes=999999-"}, timeout=5).status_code == 416
    assert requests.head(url, timeout=5).headers["Content-Length"] == str(len(whole))


def test_an_interrupted_upload_leaves_nothing(offline_engine):
    folder = offline_engine.options.folder / "files"
    before = set(folder.iterdir())

    def broken():
        yield b"x" * 1000
        raise OSError("the line broke")

    with pytest.raises(OSError, match="broke"):
        requests.post(f"{offline_engine.url}/v1/files", data=broken(), timeout=5,
                      headers={"Authorization": f"Bearer {wire.api_key()}"})  # fmt: skip
    deadline = time.monotonic() + 20
    while set(folder.iterdir()) - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert set(folder.iterdir()) <= before


def test_the_engine_answers_quickly_with_thousands_of_open_tasks():
    orders = [submission(simulate={"outcome": "never"}) for _task in range(1500)]
    reports = []

    def order(part):
        reports.extend(adapter.submit(one) for one in part)

    threads = [threading.Thread(target=order, args=(orders[start::6],)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [report.external_id for report in reports]
    assert len(ids) == 1500
    begun = time.monotonic()
    assert len(adapter.fetch_many(ids[:1000])) == 1000
    assert time.monotonic() - begun < 2
