"""The engine's JSON, read once and turned into our types."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from providers.base import Failure, Output, TaskReport, TaskStatus


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True, frozen=True)


class ErrorMessage(_Message):
    code: str
    message: str
    retryable: bool = False
    moderation: bool = False

    def as_failure(self) -> Failure:
        return Failure(self.code, self.message, self.retryable, self.moderation)


class Refusal(_Message):
    error: ErrorMessage


class OutputMessage(_Message):
    url: str
    kind: Literal["image", "video", "audio", "text"]
    name: str


class CostMessage(_Message):
    amount: Decimal
    currency: str


class TaskMessage(_Message):
    id: str
    reference: str
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    progress: float
    stage: str = ""
    outputs: tuple[OutputMessage, ...] = ()
    error: ErrorMessage | None = None
    cost: CostMessage | None = None
    seed: int | None = None

    def as_report(self) -> TaskReport:
        return TaskReport(
            external_id=self.id,
            status=_STATUSES[self.status],
            outputs=tuple(Output(one.url, one.kind, one.name) for one in self.outputs),
            progress=self.progress,
            stage=self.stage,
            failure=self.error.as_failure() if self.error else None,
            cost=self.cost.amount if self.cost else None,
            cost_currency=self.cost.currency if self.cost else "",
            seed=self.seed,
        )


_STATUSES = {
    "queued": TaskStatus.RUNNING,
    "running": TaskStatus.RUNNING,
    "succeeded": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "cancelled": TaskStatus.FAILED,
}


class TaskList(_Message):
    tasks: tuple[TaskMessage, ...]


class FileMessage(_Message):
    id: str


class WebhookMessage(_Message):
    task: TaskMessage
