"""What the engine does with tasks: take them, render them, end them as ordered, forget them."""

import asyncio
import hashlib
import json
import logging
import secrets
import shutil
import time
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from providers.adapters.offline.engine.constant_files import constant_results
from providers.adapters.offline.engine.files import FileStore
from providers.adapters.offline.engine.options import EngineOptions
from providers.adapters.offline.engine.simulation import REJECTION, Simulation
from providers.adapters.offline.engine.tasks import Result, Task
from providers.adapters.offline.engine.webhooks import WebhookSender
from providers.adapters.offline.engine.workers import Job, RenderPool
from providers.adapters.offline.messages import ErrorMessage
from providers.adapters.offline.render.orders import MODELS, BadOrder, check_order

log = logging.getLogger(__name__)


class Refused(Exception):
    """The engine will not do what was asked. `status` is the HTTP status of the answer."""

    def __init__(self, status: int, error: ErrorMessage) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error


def refusal(status: int, code: str, message: str, *, retryable: bool = False) -> Refused:
    return Refused(status, ErrorMessage(code=code, message=message, retryable=retryable))


class Engine:
    """Lives in one event loop; nothing here is called from another thread."""

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self._tasks: dict[str, Task] = {}
        self._by_reference: dict[str, Task] = {}
        self._results_folder = options.folder / "results"
        shutil.rmtree(options.folder, ignore_errors=True)
        self._results_folder.mkdir(parents=True)
        self.files = FileStore(
            options.folder / "files",
            max_file_bytes=options.max_file_bytes,
            max_stored_bytes=options.max_stored_bytes,
        )

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pool = RenderPool(self.options.workers, seconds=self.options.render_seconds)
        self._pool.start()
        self._webhooks = WebhookSender(self.options.api_key, self.options.webhook_pauses)
        self._tidying = self._loop.call_later(self.options.tidy_seconds, self._tidy)

    async def stop(self) -> None:
        self._tidying.cancel()
        self._webhooks.close()
        await self._pool.stop()
        shutil.rmtree(self.options.folder, ignore_errors=True)

    # --- What callers ask -----------------------------------------------------------------------
    def create(self, reference: str, order: Mapping[str, Any], base_url: str) -> tuple[Task, bool]:
        """The task of this reference, and whether it is new. Raises Refused."""
        digest = hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
        if known := self._by_reference.get(reference):
            if known.digest != digest:
                raise refusal(409, "reference_reused", "This idempotency key belongs to another task.")
            return known, False
        if len(self._tasks) >= self.options.max_tasks:
            raise refusal(429, "too_many_tasks", "Too many tasks: try again later.", retryable=True)
        model, task_input, simulation = self._checked(order)
        if simulation.outcome == "reject":
            raise Refused(422, REJECTION)
        task = Task(
            id=f"task_{secrets.token_hex(12)}",
            reference=reference,
            digest=digest,
            model=model,
            simulation=simulation,
            webhook_url=str(order.get("webhook_url") or ""),
            base_url=base_url,
        )
        self._tasks[task.id] = self._by_reference[reference] = task
        self._begin(task, task_input)
        return task, True

    def get(self, task_id: str) -> Task:
        if task := self._tasks.get(task_id):
            return task
        raise refusal(404, "not_found", "There is no such task.")

    def find(self, reference: str) -> Task | None:
        return self._by_reference.get(reference)

    def known(self, task_ids: list[str]) -> list[Task]:
        return [self._tasks[task_id] for task_id in task_ids if task_id in self._tasks]

    def cancel(self, task_id: str) -> Task:
        """Raises Refused when the task has ended, or is one that was ordered to come late whatever happens."""
        task = self.get(task_id)
        if task.status == "cancelled":
            return task
        if not task.is_open or task.simulation.outcome == "late":
            raise refusal(409, "too_late", "The task cannot be cancelled any more.")
        self._pool.cancel(task.id)
        self._end(task, "cancelled", error=ErrorMessage(code="cancelled", message="The task was cancelled."))
        return task

    def result(self, task_id: str, name: str) -> tuple[Task, Result]:
        task = self._tasks.get(task_id)
        for one in task.results if task and task.status == "succeeded" else ():
            if task and one.name == name:
                return task, one
        raise refusal(404, "not_found", "There is no such result.")

    # --- The life of a task ---------------------------------------------------------------------
    def _checked(self, order: Mapping[str, Any]) -> tuple[str, dict[str, Any], Simulation]:
        model, task_input = order.get("model"), order.get("input")
        if model not in MODELS:
            raise refusal(422, "unknown_model", f"Models: {', '.join(MODELS)}.")
        if not isinstance(task_input, dict):
            raise refusal(422, "invalid_input", "The input must be an object.")
        given = dict(task_input)
        try:
            simulation = Simulation.model_validate(given.pop("simulate", None) or {})
        except ValidationError as error:
            raise refusal(422, "invalid_input", f"simulate: {error.errors()[0]['msg']}") from error
        given = self._with_paths(given)
        try:
            check_order(str(model), given)
        except BadOrder as error:
            raise refusal(422, "invalid_input", str(error)) from error
        return str(model), given, simulation

    def _with_paths(self, value: Any) -> Any:
        """The input with `{"file": id}` replaced by where that file lies. Raises Refused."""
        if isinstance(value, dict):
            if set(value) == {"file"}:
                if not (stored := self.files.get(str(value["file"]))):
                    raise refusal(422, "unknown_file", "There is no such file.")
                return {"path": str(stored.path), "name": stored.name, "mime": stored.mime}
            return {name: self._with_paths(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._with_paths(inner) for inner in value]
        return value

    def _begin(self, task: Task, task_input: Mapping[str, Any]) -> None:
        if task.simulation.outcome == "never":
            task.status, task.stage = "running", "rendering"
        elif task.simulation.error is not None:
            task.status, task.stage = "running", "rendering"
            self._end_when_due(task, "failed", error=task.simulation.error)
        elif task.simulation.instant or not self.options.renders:
            task.status, task.stage = "running", "rendering"
            self._take(task, constant_results(task.model, task_input))
        else:
            folder = self._results_folder / task.id
            folder.mkdir()
            self._pool.put(
                Job(
                    key=task.id,
                    order={"model": task.model, "input": task_input, "folder": str(folder)},
                    on_progress=lambda share, stage: self._progress(task, share, stage),
                    on_done=lambda made: self._rendered(task, made),
                    on_failed=lambda code, message: self._failed(task, code, message),
                )
            )

    def _progress(self, task: Task, share: float, stage: str) -> None:
        if task.is_open:
            task.status, task.progress, task.stage = "running", share, stage

    def _rendered(self, task: Task, made: Mapping[str, Any]) -> None:
        folder = self._results_folder / task.id
        task.seed = made["seed"]
        self._take(
            task,
            tuple(Result(one["name"], one["kind"], one["mime"], folder / one["name"]) for one in made["results"]),
        )

    def _failed(self, task: Task, code: str, message: str) -> None:
        if task.is_open:
            self._end(task, "failed", error=ErrorMessage(code=code, message=message))

    def _take(self, task: Task, results: tuple[Result, ...]) -> None:
        """The results are there: end the task with them, or with fewer, when its time has come."""
        if task.simulation.outcome == "partial":
            results = results[: max(1, len(results) - 1)]
        task.results, task.progress, task.stage = results, 0.99, "finishing"
        self._end_when_due(task, "succeeded")

    def _end_when_due(self, task: Task, status: str, error: ErrorMessage | None = None) -> None:
        due = task.due_at
        if task.simulation.outcome == "late":
            due = task.created_at + (task.simulation.delay_seconds or self.options.late_seconds)
        self._loop.call_later(max(0.0, due - time.monotonic()), self._end, task, status, error)

    def _end(self, task: Task, status: str, error: ErrorMessage | None = None) -> None:
        if not task.is_open:
            return
        task.status, task.error, task.finished_at = status, error, time.monotonic()
        if task.webhook_url and task.simulation.webhook != "none":
            self._webhooks.send(
                task.webhook_url,
                {"type": "task.finished", "task": task.as_json()},
                after=self.options.late_webhook_seconds if task.simulation.webhook == "late" else 0.0,
                times=2 if task.simulation.webhook == "twice" else 1,
            )

    def _tidy(self) -> None:
        """Forget what is old, with its files."""
        horizon = time.monotonic() - self.options.keep_seconds
        for task in [task for task in self._tasks.values() if (task.finished_at or task.created_at) < horizon]:
            self._pool.cancel(task.id)
            del self._tasks[task.id], self._by_reference[task.reference]
            shutil.rmtree(self._results_folder / task.id, ignore_errors=True)
        self.files.forget_before(horizon)
        self._tidying = self._loop.call_later(self.options.tidy_seconds, self._tidy)
