"""Asking providers about their tasks. Waiting holds no worker: due polls are taken in batches."""

import logging
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from django.db import close_old_connections, connection
from django.utils import timezone

from generations.models import Generation, ProviderTask
from generations.services import reports, routing, submissions
from neuralbox.core import jobs, states
from providers import registry
from providers.base import TaskReport
from providers.errors import CredentialsRefused, CreditsExhausted, ProviderUnavailable, TaskNotFound
from providers.services import health

logger = logging.getLogger(__name__)
BATCH = 200
CALLS_AT_ONCE = 8
# A record may not be visible at once after its creation; after this long it is lost.
INVISIBLE_FOR_AT_MOST = timedelta(seconds=60)
# How long we go on asking for a result whose generation has failed at its deadline.
LATE_RESULTS_WANTED_FOR = timedelta(hours=1)
Status = ProviderTask.Status


def poll_due(*, batches: int = 10) -> int:
    """Ask about all tasks whose poll is due. Returns how many. Safe to run in parallel."""
    asked = 0
    for _batch in range(batches):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM generations_due_polls(%s)", [BATCH])
            task_ids = [row[0] for row in cursor.fetchall()]
        if task_ids:
            _ask(list(ProviderTask.objects.filter(pk__in=task_ids).select_related("generation")))
        asked += len(task_ids)
        if len(task_ids) < BATCH:
            break
    return asked


def _ask(tasks: list[ProviderTask]) -> None:
    by_provider = defaultdict(list)
    alone = []
    for task in tasks:
        if _is_abandoned(task):
            continue
        if not task.external_id:
            alone.append(task)
        else:
            by_provider[task.provider].append(task)
    for provider, group in by_provider.items():
        adapter = registry.adapter(provider)
        if len(group) > 1 and (fetch_many := getattr(adapter, "fetch_many", None)):
            _ask_together(group, fetch_many)
        else:
            alone += group
    if len(alone) == 1:
        ask_one(alone[0])
    elif alone:
        with ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="poll") as pool:
            list(pool.map(_ask_in_thread, alone))


def _ask_together(tasks: list[ProviderTask], fetch_many: object) -> None:
    try:
        found: Mapping[str, TaskReport] = fetch_many([task.external_id for task in tasks])  # type: ignore[operator]
    except ProviderUnavailable as error:
        _asked_in_vain(tasks[0].provider, error)
        return
    for task in tasks:
        report = found.get(task.external_id)
        if report is None:
            _invisible(task)
        elif _is_news(task, report):
            reports.apply(task, report)


def _ask_in_thread(task: ProviderTask) -> None:
    try:
        ask_one(task)
    finally:
        close_old_connections()
        connection.close()


def ask_about(task_id: UUID) -> None:
    """Ask about one task now, unless it has ended."""
    task = ProviderTask.objects.filter(pk=task_id, status__in=ProviderTask.OPEN).select_related("generation").first()
    if task is not None and not _is_abandoned(task):
        ask_one(task)


def ask_one(task: ProviderTask) -> None:
    """Ask about one task now and apply the answer. A provider that does not answer is asked again later."""
    adapter = registry.adapter(task.provider)
    try:
        if not task.external_id:
            submissions.look_up(task, adapter)
            return
        report = adapter.fetch(task.external_id)
    except ProviderUnavailable as error:
        _asked_in_vain(task.provider, error)
    except TaskNotFound:
        _invisible(task)
    else:
        if _is_news(task, report):
            reports.apply(task, report)


def _asked_in_vain(provider: str, error: ProviderUnavailable) -> None:
    """The next poll asks again. Silence alone does not count against the provider: its submissions will tell."""
    logger.info("provider did not answer a poll: %s", error, extra={"provider": provider})
    if isinstance(error, CreditsExhausted | CredentialsRefused):
        health.take_out(provider, error)


def _is_news(task: ProviderTask, report: TaskReport) -> bool:
    """Spares the database a transaction for the usual answer: nothing has changed."""
    same = report.status == "running" and task.status in {Status.SUBMITTED, Status.RUNNING}
    return not (same and (report.progress is None or report.progress == task.progress))


def _invisible(task: ProviderTask) -> None:
    if task.prompt_sent_at and timezone.now() - task.prompt_sent_at > INVISIBLE_FOR_AT_MOST:
        reports.failed(task, routing.LOST, "the provider no longer knows the task", retryable=True)


def _is_abandoned(task: ProviderTask) -> bool:
    """Stop asking about tasks that nobody waits for."""
    generation = task.generation
    late = generation.status == Generation.Status.FAILED and (
        timezone.now() - (generation.finished_at or timezone.now()) > LATE_RESULTS_WANTED_FOR
    )
    if not late and generation.status not in {Generation.Status.CANCELLED, Generation.Status.SUCCEEDED}:
        return False
    if task.external_id and generation.status == Generation.Status.SUCCEEDED:
        jobs.enqueue("generations.cancel_at_provider", str(task.pk))
    else:
        code = task.failure_code or "abandoned"
        states.move(task, Status.FAILED, failure_code=code, finished_at=timezone.now(), next_poll_at=None)
    return True
