"""The endings that can be asked for, so that every state of the platform can be seen."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from providers.adapters.offline.messages import ErrorMessage


class Simulation(BaseModel):
    """The optional member `simulate` of a task's input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_seconds: float = Field(default=0, ge=0, le=120)
    outcome: Literal[
        "succeed",
        "fail",
        "fail_retryable",
        "reject",
        "moderation",
        "partial",
        "never",
        "lost_answer",
        "late",
        "slow_download",
        "broken_file",
    ] = "succeed"
    webhook: Literal["once", "none", "twice", "late"] = "once"
    instant: bool = False

    @property
    def error(self) -> ErrorMessage | None:
        """The bad ending that was ordered, if any."""
        return _ERRORS.get(self.outcome)


REJECTION = ErrorMessage(code="invalid_request", message="The engine was asked to refuse this task.")

_ERRORS = {
    "fail": ErrorMessage(code="generation_failed", message="The engine was asked to fail this task."),
    "fail_retryable": ErrorMessage(
        code="overloaded", message="The engine was asked to fail this task for now.", retryable=True
    ),
    "moderation": ErrorMessage(
        code="content_refused", message="The engine was asked to refuse the content of this task.", moderation=True
    ),
}
