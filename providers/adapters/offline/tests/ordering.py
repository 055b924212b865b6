"""Short hands for the tests of the offline provider."""

import io
import time
import uuid

from providers import registry
from providers.base import Submission, SubmittedFile, TaskReport, TaskStatus

adapter = registry.adapter("offline")
INSTANT = {"instant": True}


def submission(model: str = "demo-image", *, files=None, webhook_url: str = "", **given) -> Submission:
    return Submission(uuid.uuid4().hex, model, {"prompt": "ночное море", **given}, files or {}, webhook_url)


def until_done(report: TaskReport, *, seconds: float = 60) -> TaskReport:
    deadline = time.monotonic() + seconds
    while report.status is TaskStatus.RUNNING:
        assert time.monotonic() < deadline, report
        time.sleep(0.05)
        report = adapter.fetch(report.external_id)
    return report


def download(output) -> bytes:
    with adapter.open_output(output) as opened:
        content = b"".join(opened.chunks)
        assert opened.content_length == len(content)
    return content


def uploaded(
    content: bytes, *, upload_id: str = "u1", name: str = "снимок.png", mime: str = "image/png"
) -> SubmittedFile:
    return SubmittedFile(upload_id, name, mime, len(content), "https://files.example/u1", lambda: io.BytesIO(content))
