"""The JSON of the older Midjourney interface. In its answer to an order, "success" means taken, not finished."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from providers import calls
from providers.adapters.piapi import failures
from providers.base import Failure, Output, TaskReport, TaskStatus

PREFIX = "mj:"
_STATUSES = {
    "": TaskStatus.RUNNING,
    "pending": TaskStatus.RUNNING,
    "staged": TaskStatus.RUNNING,
    "retry": TaskStatus.RUNNING,
    "processing": TaskStatus.RUNNING,
    "finished": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
}


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True, frozen=True)


class Accepted(_Message):
    """The answer to an order: the id stands outside of any `data`."""

    task_id: str = ""
    status: str = ""
    message: str = ""


class Result(_Message):
    image_url: str = ""
    image_urls: tuple[str, ...] = ()
    permanent_url: str = ""
    discord_image_url: str = ""
    task_progress: float = 0.0
    message: str = ""
    error_messages: tuple[str, ...] = ()
    need_retry: bool = False

    @field_validator("image_url", "permanent_url", "discord_image_url", "message", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return value if isinstance(value, str) else ""

    @field_validator("image_urls", "error_messages", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> tuple[str, ...]:
        return tuple(one for one in value or () if isinstance(one, str) and one)

    @field_validator("task_progress", "need_retry", mode="before")
    @classmethod
    def _nothing_is_zero(cls, value: Any) -> Any:
        return value or 0


class LegacyTask(_Message):
    task_id: str = Field(min_length=1)
    status: str = ""
    task_result: Result = Field(default_factory=Result)

    @field_validator("task_result", mode="before")
    @classmethod
    def _nothing_yet(cls, value: Any) -> Any:
        return value or {}

    def as_report(self) -> TaskReport:
        """The news about the task. An unknown status is "running", and an alarm."""
        word, result = self.status.lower(), self.task_result
        status = _STATUSES.get(word)
        if status is None:
            calls.unknown_status("goapi", word)
            status = TaskStatus.RUNNING
        outputs = self._outputs() if status is TaskStatus.SUCCEEDED else ()
        failure = self._failure() if status is TaskStatus.FAILED else None
        if status is TaskStatus.SUCCEEDED and not outputs:
            status, failure = TaskStatus.FAILED, failures.NOTHING_MADE
        return TaskReport(
            external_id=PREFIX + self.task_id,
            status=status,
            outputs=outputs,
            progress=min(max(result.task_progress / 100, 0.0), 1.0) if word == "processing" else None,
            stage=word if status is TaskStatus.RUNNING else "",
            failure=failure,
        )

    def _outputs(self) -> tuple[Output, ...]:
        """The four pictures, numbered, rather than their grid; the grid from the place that lives longest."""
        result = self.task_result
        if result.image_urls:
            return tuple(Output(link, "image", str(n)) for n, link in enumerate(result.image_urls, start=1))
        grid = result.permanent_url or result.image_url or result.discord_image_url
        return (Output(grid, "image"),) if grid else ()

    def _failure(self) -> Failure:
        result = self.task_result
        failure = failures.of_task(" ".join(filter(None, (result.message, *result.error_messages))) or "failed")
        if result.need_retry and not failure.moderation:
            return Failure(failure.code, failure.message, retryable=True)
        return failure
