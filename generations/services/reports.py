"""The one way in for news from a provider, polled or pushed. Safe to repeat, late, and out of order."""

import dataclasses
import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from generations.models import Generation, ProviderTask
from generations.services import events, lifecycle
from neuralbox.core import jobs, states
from providers.base import TaskReport, TaskStatus

logger = logging.getLogger(__name__)

Status = ProviderTask.Status
# After these, the same route is not tried again.
FINAL_FOR_ROUTE = frozenset({"moderation", "rejected", "failed_for_good"})
# What the user is told after the last attempt.
_VERDICTS = {"unavailable": "provider_unavailable", "moderation": "moderation", "rejected": "rejected"}
FIRST_POLL_AFTER = timedelta(seconds=2)


def apply(task: ProviderTask, report: TaskReport) -> None:
    """Let a task know what its provider says about it."""
    match report.status:
        case TaskStatus.RUNNING:
            _running(task, report)
        case TaskStatus.SUCCEEDED:
            _succeeded(task, report)
        case TaskStatus.FAILED:
            failure = report.failure
            code = "failed"
            if failure and failure.moderation:
                code = "moderation"
            elif failure and not failure.retryable:
                code = "failed_for_good"
            _remember(task, report)
            failed(task, code, failure.message if failure else "", retryable=failure is None or failure.retryable)


@transaction.atomic
def _running(task: ProviderTask, report: TaskReport) -> None:
    generation = lifecycle.lock(task.generation_id)
    if generation is None:
        return
    to = Status.RUNNING if report.progress is not None else Status.SUBMITTED
    first_news = task.status in {Status.SUBMITTING, Status.UNKNOWN, Status.CREATED}
    changes = (
        {"external_id": report.external_id, "next_poll_at": timezone.now() + FIRST_POLL_AFTER} if first_news else {}
    )
    if task.status != to and not states.move(task, to, **changes):
        return
    if states.move(
        generation, Generation.Status.RUNNING, provider=task.provider, started_at=timezone.now(), stage=report.stage
    ):
        events.status_changed(generation)
    if report.progress is not None and generation.status == Generation.Status.RUNNING:
        _progress(generation, task, report.progress, report.stage)


def _progress(generation: Generation, task: ProviderTask, progress: float, stage: str) -> None:
    progress = round(max(0.0, min(progress, 0.99)), 2)
    if progress <= generation.progress and stage == generation.stage:
        return
    Generation.objects.filter(pk=generation.pk).update(progress=progress, stage=stage)
    ProviderTask.objects.filter(pk=task.pk).update(progress=progress)
    events.pass_on(generation.user_id, "progress", {"progress": progress, "stage": stage}, generation_id=generation.pk)


@transaction.atomic
def _succeeded(task: ProviderTask, report: TaskReport) -> None:
    generation = lifecycle.lock(task.generation_id)
    if generation is None or not _move_to_end(task, Status.SUCCEEDED, report):
        return
    if states.move(generation, Generation.Status.SAVING, provider=task.provider, stage=""):
        events.status_changed(generation)
    if generation.status != Generation.Status.CANCELLED:
        # Also after the deadline: what arrives late is kept and given to the user for nothing.
        jobs.enqueue("generations.save_results", str(task.pk))


def _move_to_end(task: ProviderTask, status: str, report: TaskReport) -> bool:
    outputs = [dataclasses.asdict(output) for output in report.outputs]
    changes = {"outputs": outputs, "finished_at": timezone.now(), "next_poll_at": None, "seed": report.seed}
    if report.external_id and not task.external_id:
        changes["external_id"] = report.external_id
    if report.cost is not None:
        changes |= {"cost": report.cost, "cost_currency": report.cost_currency}
    return states.move(task, status, **changes)


def _remember(task: ProviderTask, report: TaskReport) -> None:
    """Keep the provider's id and its cost of a task that failed, too."""
    changes: dict[str, object] = {}
    if report.external_id and not task.external_id:
        changes["external_id"] = report.external_id
    if report.cost is not None:
        changes |= {"cost": report.cost, "cost_currency": report.cost_currency}
    if changes:
        try:
            with transaction.atomic():
                ProviderTask.objects.filter(pk=task.pk).update(**changes)
        except IntegrityError:
            logger.error("a provider reported one id for two tasks", extra={"task": str(task.pk)})


@transaction.atomic
def failed(task: ProviderTask, code: str, message: str, *, retryable: bool, retry_after: float | None = None) -> None:
    """End an attempt badly: try the next route, or give up when none is left or nothing else would help."""
    generation = lifecycle.lock(task.generation_id)
    changes = {"failure_code": code, "failure": message[:2000], "finished_at": timezone.now(), "next_poll_at": None}
    if generation is None or not states.move(task, Status.FAILED, **changes) or generation.is_terminal:
        return
    if code == "moderation":
        lifecycle.fail(generation, "moderation")
        return
    pause = timedelta(seconds=retry_after or (min(20.0, 1.5**task.number) if retryable else 0))
    states.move(generation, Generation.Status.QUEUED, stage="")
    jobs.enqueue(lifecycle.SUBMIT, str(generation.pk), delay=pause)


def verdict(generation: Generation) -> str:
    """The failure code for the user when no route is left to try."""
    last = generation.tasks.order_by("-number").first()
    return _VERDICTS.get(last.failure_code, "provider_failed") if last else "provider_unavailable"
