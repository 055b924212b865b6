"""What the tests of adapters have in common: orders, files, and what went out."""

import hashlib
import io
import time
import uuid

from PIL import Image

from providers.base import Output, Submission, SubmittedFile, TaskStatus


def submission(model, *, files=(), webhook_url="", **given):
    """An order of `model` with `given` as its input."""
    return Submission(uuid.uuid4().hex, model, given, {file.upload_id: file for file in files}, webhook_url)


def uploaded(content=b"", *, name="Ivan Petrov's holiday.png", mime="image/png"):
    """A file of a person whose name is in the file's name."""
    content = content or picture()
    return SubmittedFile(
        upload_id=hashlib.sha256(content).hexdigest()[:32],
        name=name,
        mime=mime,
        bytes=len(content),
        url=f"https://files.example.com/{uuid.uuid4().hex}",
        open=lambda: io.BytesIO(content),
    )


def named(file):
    """The file as it stands in an input."""
    return {"upload": file.upload_id}


def picture(colour=(200, 40, 40)):
    out = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, "PNG")
    return out.getvalue()


def until_done(adapter, report):
    """The last report about a task."""
    deadline = time.monotonic() + 60
    while report.status is TaskStatus.RUNNING and time.monotonic() < deadline:
        report = adapter.fetch(report.external_id)
    return report


def download(adapter, output):
    """All bytes of a result, which must be as many as were announced."""
    wanted = output if isinstance(output, Output) else Output(output, "image")
    with adapter.open_output(wanted) as opened:
        content = b"".join(opened.chunks)
        assert opened.content_length in {None, len(content)}
    return content
