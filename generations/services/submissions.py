"""Handing a generation to a provider: which one is next, and what became of the call.

"About to submit" is written before the call. After a crash in between, the submission's outcome is unknown: it is
repeated only where the provider has idempotency keys, otherwise looked up, waited for, and given up for the next route.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generations.models import Generation, ProviderTask, Upload
from generations.services import catalogue, lifecycle, reports, uploads, webhook_addresses
from neuralbox.core import ids, jobs, states
from providers import registry
from providers.base import ProviderAdapter, Submission
from providers.errors import ProviderRejected, ProviderUnavailable, SubmissionOutcomeUnknown

logger = logging.getLogger(__name__)

Status = ProviderTask.Status
MAX_TASKS = 6
MAX_TASKS_PER_ROUTE = 3
FIRST_POLL_AFTER = timedelta(seconds=2)


def submit(generation_id: UUID) -> None:
    """Take the generation one step towards a provider. Safe to repeat, and after a crash at any line."""
    with transaction.atomic():
        generation = lifecycle.lock(generation_id)
        if generation is None or generation.status not in {Generation.Status.QUEUED, Generation.Status.RUNNING}:
            return
        last = generation.tasks.order_by("-number").first()
        if last and last.status in ProviderTask.OPEN | {Status.SUCCEEDED}:
            return
        resumed = last if last and last.status == Status.SUBMITTING else None
        task = resumed or next_task(generation)
        if task is None:
            lifecycle.fail(generation, reports.verdict(generation))
            return
    _call(generation, task, resumed=resumed is not None)


def next_task(generation: Generation) -> ProviderTask | None:
    """Record the next attempt as about to be made. None: every usable route was tried often enough."""
    offer = catalogue.by_version(generation.version_id)
    usable = set(registry.configured())
    tried = list(generation.tasks.all())
    if len(tried) >= MAX_TASKS:
        return None
    for route in offer.routes:
        mine = [task for task in tried if task.route_id == route.id]
        spoiled = any(task.failure_code in reports.FINAL_FOR_ROUTE for task in mine)
        if route.provider not in usable or spoiled or len(mine) >= MAX_TASKS_PER_ROUTE:
            continue
        return ProviderTask.objects.create(
            id=ids.new(),
            generation=generation,
            route_id=route.id,
            number=len(tried) + 1,
            provider=route.provider,
            provider_model=route.provider_model,
            status=Status.SUBMITTING,
            prompt_sent_at=timezone.now(),
        )
    return None


def _call(generation: Generation, task: ProviderTask, *, resumed: bool) -> None:
    """Make the outside call, with no transaction open, and apply what came of it."""
    adapter = registry.adapter(task.provider)
    if resumed and not adapter.has_idempotency_keys:
        outcome_unknown(task)
        return
    try:
        report = adapter.submit(_submission(generation, task))
    except ProviderUnavailable as error:
        logger.warning("submission not taken", extra={"task": str(task.pk), "provider": task.provider})
        reports.failed(task, "unavailable", str(error), retryable=True, retry_after=error.retry_after)
    except ProviderRejected as error:
        code = "moderation" if error.failure.moderation else "rejected"
        reports.failed(task, code, error.failure.message, retryable=error.failure.retryable)
    except SubmissionOutcomeUnknown:
        outcome_unknown(task)
    else:
        reports.apply(task, report)


def outcome_unknown(task: ProviderTask) -> None:
    """The provider may have taken the task: ask soon, and wait for its webhook."""
    states.move(task, Status.UNKNOWN, next_poll_at=timezone.now() + FIRST_POLL_AFTER)


def look_up(task: ProviderTask, adapter: ProviderAdapter) -> None:
    """Find out about a task whose submission's answer was lost. Raises ProviderUnavailable."""
    if report := adapter.find(str(task.pk)):
        reports.apply(task, report)
    elif task.prompt_sent_at and timezone.now() - task.prompt_sent_at > settings.UNKNOWN_OUTCOME_PATIENCE:
        reports.failed(task, "lost", "the answer to the submission was lost", retryable=True)


def _submission(generation: Generation, task: ProviderTask) -> Submission:
    """What the provider receives: the prompt, the settings and the files; nothing about the account (P13)."""
    files = {str(upload.pk): uploads.for_provider(upload) for upload in _uploads_of(generation)}
    return Submission(
        reference=str(task.pk),
        model=task.provider_model,
        input=_without_empty(generation.input),
        files=files,
        webhook_url=webhook_addresses.url_for(task),
    )


def _uploads_of(generation: Generation) -> list[Upload]:
    return list(generation.uploads.all())


def _without_empty(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def cancel_at_provider(task_id: UUID) -> None:
    """Ask the provider to stop a task whose generation was cancelled. Best effort."""
    task = ProviderTask.objects.filter(pk=task_id, status__in=ProviderTask.OPEN).first()
    if task is None:
        return
    try:
        registry.adapter(task.provider).cancel(task.external_id)
    except ProviderUnavailable:
        logger.info("provider did not take the cancellation", extra={"task": str(task.pk)})
    states.move(task, Status.FAILED, failure_code="cancelled", finished_at=timezone.now(), next_poll_at=None)


def again(generation: Generation, *, after: timedelta = timedelta(0)) -> None:
    """Have the next route tried."""
    jobs.enqueue(lifecycle.SUBMIT, str(generation.pk), delay=after)
