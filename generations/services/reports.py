"""The one way in for news from a provider, polled or pushed. Safe to repeat, late, and out of order."""

import dataclasses
import logging
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from generations.models import Generation, ProviderTask
from generations.services import events, lifecycle, routing, sent_files
from neuralbox.core import jobs, states
from providers.base import Failure, TaskReport, TaskStatus
from providers.errors import CredentialsRefused, CreditsExhausted
from providers.services import health

logger = logging.getLogger(__name__)

Status = ProviderTask.Status
WAITING = frozenset({Generation.Status.QUEUED, Generation.Status.RUNNING})
# What the user is told after the last attempt. Our own credits, key and limits are never the user's fault.
_VERDICTS = {
    "unavailable": "provider_unavailable",
    "rate_limited": "provider_unavailable",
    "credits_exhausted": "provider_unavailable",
    "credentials_refused": "provider_unavailable",
    "moderation": "moderation",
    "rejected": "rejected",
}
# What a provider tells of a failure that is about us and our account there.
_OUR_FAULTS: dict[str, type[CreditsExhausted] | type[CredentialsRefused]] = {
    "credits_exhausted": CreditsExhausted,
    "credentials_refused": CredentialsRefused,
}
FIRST_POLL_AFTER = timedelta(seconds=2)


def is_under_way(task: ProviderTask) -> bool:
    """Whether the attempt may still end the generation's wait, so that no other one is to be begun."""
    return task.status == Status.SUCCEEDED or (task.status in ProviderTask.OPEN and task.failure_code != routing.LOST)


def apply(task: ProviderTask, report: TaskReport) -> None:
    """Let a task know what its provider says about it."""
    match report.status:
        case TaskStatus.RUNNING:
            _running(task, report)
        case TaskStatus.SUCCEEDED:
            _succeeded(task, report)
        case TaskStatus.FAILED:
            _remember(task, report)
            _failed_there(task, report.failure or Failure("failed", "", retryable=True))


def _failed_there(task: ProviderTask, failure: Failure) -> None:
    if error := _OUR_FAULTS.get(failure.code):
        health.take_out(task.provider, error(failure.message))
        failed(task, failure.code, failure.message, retryable=True, retry_after=0)
        return
    code = "failed"
    if failure.moderation:
        code = "moderation"
    elif not failure.retryable:
        code = "failed_for_good"
    failed(task, code, failure.message, retryable=failure.retryable)


@transaction.atomic
def _running(task: ProviderTask, report: TaskReport) -> None:
    generation = lifecycle.lock(task.generation_id)
    if generation is None:
        return
    to = Status.RUNNING if report.progress is not None else Status.SUBMITTED
    first_news = task.status in {Status.SUBMITTING, Status.UNKNOWN, Status.CREATED}
    changes: dict[str, Any] = {}
    if first_news:
        changes = {"external_id": report.external_id, "next_poll_at": timezone.now() + FIRST_POLL_AFTER}
    if task.failure_code == routing.LOST:
        # It is found again: no other attempt is begun for its sake.
        changes |= {"failure_code": "", "failure": ""}
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


def found(task: ProviderTask, external_id: str) -> None:
    """Note under which name a provider has a task whose submission's answer was lost. Its address told us."""
    if external_id:
        _keep(task, {"external_id": external_id})


@transaction.atomic
def _succeeded(task: ProviderTask, report: TaskReport) -> None:
    generation = lifecycle.lock(task.generation_id)
    if generation is None or not _move_to_end(task, Status.SUCCEEDED, report):
        return
    if states.move(generation, Generation.Status.SAVING, provider=task.provider, stage=""):
        events.status_changed(generation)
    if generation.status not in {Generation.Status.CANCELLED, Generation.Status.SUCCEEDED}:
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
    changes: dict[str, Any] = {}
    if report.external_id and not task.external_id:
        changes["external_id"] = report.external_id
    if report.cost is not None:
        changes |= {"cost": report.cost, "cost_currency": report.cost_currency}
    if changes:
        _keep(task, changes)


def _keep(task: ProviderTask, changes: dict[str, Any]) -> None:
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
    if generation is None or not states.move(task, Status.FAILED, **changes):
        return
    sent_files.erase(task)
    if generation.is_terminal:
        return
    if code == "moderation":
        lifecycle.fail(generation, "moderation")
        return
    others = generation.tasks.exclude(pk=task.pk)
    if any(other.status == Status.SUBMITTING or is_under_way(other) for other in others):
        return
    if retry_after is None:
        retry_after = min(20.0, 1.5**task.number) if retryable else 0
    states.move(generation, Generation.Status.QUEUED, stage="")
    jobs.enqueue(lifecycle.SUBMIT, str(generation.pk), delay=timedelta(seconds=retry_after))


def verdict(generation: Generation) -> str:
    """The failure code for the user when no route is left to try."""
    last = generation.tasks.order_by("-number").first()
    return _VERDICTS.get(last.failure_code, "provider_failed") if last else "provider_unavailable"
