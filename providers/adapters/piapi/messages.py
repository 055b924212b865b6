"""The JSON of the task interface, read once and turned into our types. GoAPI answers in the same words.

Their pages disagree about letters and types: the status is spelled with and without capitals, an absent result is null,
an empty text or an empty shell, an error is an object or a text. Everything of that is read.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from providers import calls
from providers.adapters.piapi import failures
from providers.base import Output, TaskReport, TaskStatus

POINTS_PER_USD = 10_000_000
_STATUSES = {
    "": TaskStatus.RUNNING,
    "pending": TaskStatus.RUNNING,
    "staged": TaskStatus.RUNNING,
    "processing": TaskStatus.RUNNING,
    "running": TaskStatus.RUNNING,
    "completed": TaskStatus.SUCCEEDED,
    "success": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "cancelled": TaskStatus.FAILED,
}
_AT_WORK = frozenset({"processing", "running"})


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True, frozen=True)


class ErrorMessage(_Message):
    code: int | str = 0
    message: str = ""
    raw_message: str = ""

    @field_validator("message", "raw_message", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return value if isinstance(value, str) else ""

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.message, self.raw_message))) or f"error {self.code}"


class UsageMessage(_Message):
    type: str = ""
    frozen: Decimal = Decimal(0)
    consume: Decimal = Decimal(0)


class MetaMessage(_Message):
    usage: UsageMessage | None = None


class TaskMessage(_Message):
    task_id: str = ""
    status: str = ""
    output: Any = None
    meta: MetaMessage | None = None
    error: ErrorMessage = Field(default_factory=ErrorMessage)

    @field_validator("error", mode="before")
    @classmethod
    def _always_an_object(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping | ErrorMessage) else {"message": value or ""}

    def as_report(self, provider: str, *, prefix: str = "") -> TaskReport:
        """The news about the task. An unknown status is "running", and an alarm."""
        word = self.status.lower()
        status = _STATUSES.get(word)
        if status is None:
            calls.unknown_status(provider, word)
            status = TaskStatus.RUNNING
        outputs = tuple(outputs_of(self.output)) if status is TaskStatus.SUCCEEDED else ()
        failure = None
        if status is TaskStatus.FAILED:
            failure = failures.CANCELLED if word == "cancelled" else failures.of_task(self.error.words)
        elif status is TaskStatus.SUCCEEDED and not outputs:
            status, failure = TaskStatus.FAILED, failures.NOTHING_MADE
        cost = self._cost() if status is not TaskStatus.RUNNING else None
        return TaskReport(
            external_id=prefix + self.task_id,
            status=status,
            outputs=outputs,
            progress=_progress(self.output) if word in _AT_WORK else None,
            stage=word if status is TaskStatus.RUNNING else "",
            failure=failure,
            cost=cost,
            cost_currency="USD" if cost is not None else "",
        )

    def _cost(self) -> Decimal | None:
        """What was taken. Held points are given back when a task fails, so only what was consumed counts."""
        if self.meta is None or self.meta.usage is None:
            return None
        return self.meta.usage.consume / POINTS_PER_USD


class TaskAnswer(_Message):
    code: int = 0
    message: str = ""
    data: TaskMessage | None = None


class Refusal(_Message):
    """A refusal in any of their forms: `{code, message}`, `{error}`, `{description}`, or inside a task."""

    code: int | None = None
    message: str = ""
    error: Any = ""
    description: str = ""
    data: TaskMessage | None = None

    @field_validator("data", mode="before")
    @classmethod
    def _only_objects(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else None

    @property
    def words(self) -> str:
        error = self.error.get("message", "") if isinstance(self.error, Mapping) else self.error
        inner = self.data.error.words if self.data and self.data.error.message else ""
        return " ".join(str(part) for part in (self.message, error, self.description, inner) if part)


class WebhookMessage(_Message):
    timestamp: int = 0
    data: TaskMessage


class UploadedFile(_Message):
    url: str = Field(min_length=1)


class UploadAnswer(_Message):
    code: int
    data: UploadedFile


class Account(_Message):
    equivalent_in_usd: Decimal


class AccountAnswer(_Message):
    data: Account


def outputs_of(output: Any) -> Iterator[Output]:
    """The results in an `output`, wherever this model family puts them; previews and covers are none."""
    if not isinstance(output, Mapping):
        return
    for find in (_works, _clips, _songs, _pictures, _films, _sounds):
        found = list(find(output))
        if found:
            yield from found
            return


def _works(output: Mapping[str, Any]) -> Iterator[Output]:
    """Kling: the film without a watermark where there is one. Newer answers have it in `video_url` too."""
    for work in output.get("works") or ():
        video = work.get("video") or {}
        link = video.get("resource_without_watermark") or video.get("resource")
        if link:
            yield Output(link, "video")


def _clips(output: Mapping[str, Any]) -> Iterator[Output]:
    """Suno as it was: an object of songs by their ids."""
    clips = output.get("clips")
    for clip in clips.values() if isinstance(clips, Mapping) else ():
        if clip.get("audio_url"):
            yield Output(clip["audio_url"], "audio", clip.get("title") or "")


def _songs(output: Mapping[str, Any]) -> Iterator[Output]:
    for song in output.get("songs") or ():
        if song.get("song_path"):
            yield Output(song["song_path"], "audio", song.get("title") or "")


def _pictures(output: Mapping[str, Any]) -> Iterator[Output]:
    """Midjourney: the four pictures, numbered, rather than the grid of them. Others: several, or the one."""
    if four := output.get("temporary_image_urls"):
        yield from (Output(link, "image", str(number)) for number, link in enumerate(four, start=1) if link)
        return
    if several := output.get("image_urls"):
        yield from (Output(link, "image") for link in several if link)
        return
    if output.get("image_url") and not output.get("video_url"):
        yield Output(output["image_url"], "image")


def _films(output: Mapping[str, Any]) -> Iterator[Output]:
    raw, generation = output.get("video_raw"), output.get("generation")
    places = (
        output.get("video"),
        output.get("video_url"),
        output.get("download_url"),
        raw.get("url") if isinstance(raw, Mapping) else None,
        (generation.get("video") or {}).get("url") if isinstance(generation, Mapping) else None,
        output.get("combined_video"),
    )
    for link in places:
        if isinstance(link, str) and link:
            yield Output(link, "video")
            return


def _sounds(output: Mapping[str, Any]) -> Iterator[Output]:
    if output.get("audio_url"):
        yield Output(output["audio_url"], "audio")


def _progress(output: Any) -> float:
    """Their percent as 0 to 1. Numbers may come as text."""
    if not isinstance(output, Mapping):
        return 0.0
    given = output.get("progress") or output.get("percent") or output.get("task_progress") or 0
    try:
        return min(max(float(given) / 100, 0.0), 1.0)
    except (TypeError, ValueError):
        return 0.0
