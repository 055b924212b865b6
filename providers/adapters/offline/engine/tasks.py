"""The engine's tasks: what it keeps of each, and how it shows them."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.adapters.offline.engine.simulation import Simulation
from providers.adapters.offline.messages import ErrorMessage

OPEN = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Result:
    """One file that a task made. `content` instead of `path` for the constant files of load tests."""

    name: str
    kind: str
    mime: str
    path: Path | None = None
    content: bytes = b""


@dataclass(slots=True)
class Task:
    id: str
    reference: str
    digest: str
    model: str
    simulation: Simulation
    webhook_url: str
    base_url: str
    status: str = "queued"
    progress: float = 0.0
    stage: str = "queued"
    results: tuple[Result, ...] = ()
    error: ErrorMessage | None = None
    seed: int | None = None
    created_at: float = field(default_factory=time.monotonic)
    finished_at: float | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def due_at(self) -> float:
        """When the task may end at the earliest, on the monotonic clock."""
        return self.created_at + self.simulation.delay_seconds

    def shown_progress(self) -> float:
        """Between 0 and 1. A task that has to take its time never shows more than the time that has passed."""
        if not self.is_open:
            return 1.0
        made = self.progress if self.progress else 0.0
        if delay := self.simulation.delay_seconds:
            passed = min(0.99, (time.monotonic() - self.created_at) / delay)
            return round(min(made or passed, passed), 3)
        return round(min(made, 0.99), 3)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "reference": self.reference,
            "model": self.model,
            "status": self.status,
            "progress": self.shown_progress(),
            "stage": self.stage if self.is_open else "",
            "outputs": [
                {
                    "url": f"{self.base_url}/v1/results/{self.id}/{result.name}",
                    "kind": result.kind,
                    "name": result.name,
                    "mime": result.mime,
                }
                for result in (self.results if self.status == "succeeded" else ())
            ],
            "error": self.error.model_dump() if self.error else None,
            "seed": self.seed,
            "cost": {"amount": "0", "currency": "USD"},
        }
