"""Handing a generation to a provider: which one is next, and what became of the call.

"About to submit" is written before the call. After a crash in between, the submission's outcome is unknown: it is
repeated only where the provider has idempotency keys, otherwise looked up, waited for, and given up for the next route.

A provider's limits are kept for all workers together. Who must wait is put off: no worker waits.
"""

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from generations.models import Generation, ProviderTask
from generations.services import (
    catalogue,
    earlier_results,
    lifecycle,
    reports,
    routing,
    sent_files,
    uploads,
    webhook_addresses,
)
from generations.services.catalogue import OfferedRoute
from neuralbox.core import ids, jobs, states
from providers import registry, selectors
from providers.base import ProviderAdapter, Submission, TaskReport
from providers.errors import (
    CredentialsRefused,
    CreditsExhausted,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
    SubmissionOutcomeUnknown,
)
from providers.models import ProviderHealth
from providers.services import health, limits

logger = logging.getLogger(__name__)

Status = ProviderTask.Status
FIRST_POLL_AFTER = timedelta(seconds=2)
# With so long to wait at the best provider, the next one is asked, though it may cost us more.
PATIENCE_FOR_THE_BEST = timedelta(seconds=20)
# A full provider is asked again after this long: tasks end when they end.
FULL_FOR = timedelta(seconds=3)
GIVEN_UP_AFTER = timedelta(minutes=10)
LONGEST_WAIT = timedelta(minutes=2)
TOO_FAST_FOR = timedelta(seconds=10)
LINKS_OUTLIVE_THE_DEADLINE_BY = timedelta(hours=1)
# What a provider may have at once of ours.
AT_THE_PROVIDER = (Status.SUBMITTING, *ProviderTask.OPEN)


def submit(generation_id: UUID) -> None:
    """Take the generation one step towards a provider. Safe to repeat, and after a crash at any line."""
    if attempt := begin(generation_id):
        _call(attempt)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that is to be made. `health` is the provider's, as it was when it was chosen."""

    task: ProviderTask
    health: ProviderHealth


def begin(generation_id: UUID) -> Attempt | None:
    """The attempt that is to be made now, written down as about to be made.

    None: it is put off, or one is under way, or the generation has ended: here and now, if nothing is left to try.
    """
    generation = Generation.objects.filter(pk=generation_id, status__in=reports.WAITING).first()
    if generation is None:
        return None
    tried = list(generation.tasks.all())
    if any(reports.is_under_way(task) for task in tried):
        return None
    if begun := next((task for task in tried if task.status == Status.SUBMITTING), None):
        return _resumed(generation, begun)
    rows = selectors.health()
    choice = _choice(generation, tried, rows)
    if choice.ready:
        return _first_free(generation, choice.ready, rows, len(tried))
    if choice.back_at is not None:
        again(generation, after=_until(choice.back_at))
    else:
        _give_up(generation, len(tried))
    return None


def _choice(
    generation: Generation, tried: Sequence[ProviderTask], rows: Mapping[str, ProviderHealth]
) -> routing.Choice:
    try:
        earlier = earlier_results.named_in(generation)
    except earlier_results.Gone:
        return routing.Choice()
    makers = {result.provider for result in earlier.values()}
    routes = catalogue.by_version(generation.version_id).routes
    return routing.choose(routes, tried, rows, generation.input, makers)


def _resumed(generation: Generation, task: ProviderTask) -> Attempt | None:
    """A worker died between its note and the end of the call. The same order is sent again only under its key."""
    if not registry.adapter(task.provider).has_idempotency_keys:
        outcome_unknown(task)
        return None
    row = selectors.health()[task.provider]
    if wait := limits.take(row, str(generation.pk)):
        again(generation, after=timedelta(seconds=wait))
        return None
    return Attempt(task, row)


def _first_free(
    generation: Generation, routes: Iterable[OfferedRoute], rows: Mapping[str, ProviderHealth], tried: int
) -> Attempt | None:
    """An attempt on the best route whose provider may be sent something now; or the generation is put off."""
    caller = str(generation.pk)
    waits: dict[str, timedelta] = {}
    for route in routes:
        row = rows[route.provider]
        if row.provider in waits:
            continue
        wait = FULL_FOR if _is_full(row) else timedelta(seconds=limits.take(row, caller))
        if not wait:
            for provider in waits:
                limits.leave(provider, caller)
            task = _recorded(generation, route, row, tried)
            return Attempt(task, row) if task else None
        waits[row.provider] = wait
        if wait <= PATIENCE_FOR_THE_BEST and wait != FULL_FOR:
            break
    again(generation, after=min(waits.values()))
    return None


@transaction.atomic
def _recorded(generation: Generation, route: OfferedRoute, row: ProviderHealth, tried: int) -> ProviderTask | None:
    locked = lifecycle.lock(generation.pk)
    if locked is None or locked.status not in reports.WAITING or locked.tasks.count() != tried:
        return None
    if limits.limits_of(row).concurrent is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"provider:{route.provider}"])
        if _is_full(row):
            again(generation, after=FULL_FOR)
            return None
    return ProviderTask.objects.create(
        id=ids.new(),
        generation=locked,
        route_id=route.id,
        number=tried + 1,
        provider=route.provider,
        provider_model=route.provider_model,
        status=Status.SUBMITTING,
        prompt_sent_at=timezone.now(),
    )


def _is_full(row: ProviderHealth) -> bool:
    most = limits.limits_of(row).concurrent
    if most is None:
        return False
    at_the_provider = ProviderTask.objects.filter(provider=row.provider, status__in=AT_THE_PROVIDER)
    # What nobody has waited for in a while does not keep the others out: it may never end.
    wanted = Q(generation__finished_at=None) | Q(generation__finished_at__gt=timezone.now() - GIVEN_UP_AFTER)
    return at_the_provider.filter(wanted).count() >= most


@transaction.atomic
def _give_up(generation: Generation, tried: int) -> None:
    locked = lifecycle.lock(generation.pk)
    if locked is not None and locked.status in reports.WAITING and locked.tasks.count() == tried:
        lifecycle.fail(locked, reports.verdict(locked))


def _until(moment: datetime) -> timedelta:
    """From now until shortly after `moment`, within reason."""
    return min(max(moment - timezone.now(), timedelta(0)) + timedelta(seconds=2), LONGEST_WAIT)


def _call(attempt: Attempt) -> None:
    """Make the outside call, with no transaction open, and apply what came of it."""
    task = attempt.task
    try:
        report = _order(attempt)
    except RateLimited as error:
        pause = error.retry_after if error.retry_after is not None else TOO_FAST_FOR.total_seconds()
        # The provider rests, not the order: another one may be free.
        limits.pause(task.provider, pause)
        reports.failed(task, "rate_limited", str(error), retryable=True, retry_after=0)
    except (CreditsExhausted, CredentialsRefused) as error:
        code = "credits_exhausted" if isinstance(error, CreditsExhausted) else "credentials_refused"
        reports.failed(task, code, str(error), retryable=True, retry_after=0)
    except ProviderUnavailable as error:
        logger.warning("submission not taken", extra={"task": str(task.pk), "provider": task.provider})
        if error.retry_after:
            limits.pause(task.provider, error.retry_after)
        retry_after = None if error.retry_after is None else 0.0
        reports.failed(task, "unavailable", str(error), retryable=True, retry_after=retry_after)
    except ProviderRejected as error:
        # What may work another time (a file that they could not fetch) is tried again, with links made anew.
        code = "moderation" if error.failure.moderation else "failed" if error.failure.retryable else "rejected"
        reports.failed(task, code, error.failure.message, retryable=error.failure.retryable)
    except earlier_results.Gone:
        reports.failed(task, "rejected", "the result that it goes on from was deleted", retryable=False)
    except SubmissionOutcomeUnknown:
        outcome_unknown(task)
    else:
        reports.apply(task, report)


def _order(attempt: Attempt) -> TaskReport:
    """Submit, and let the provider's breaker know how that went. Raises as the adapter does."""
    task = attempt.task
    try:
        report = registry.adapter(task.provider).submit(_submission(task.generation, task))
    except (RateLimited, ProviderRejected):
        health.answered(attempt.health)
        raise
    except (CreditsExhausted, CredentialsRefused) as error:
        health.take_out(task.provider, error)
        raise
    except (ProviderUnavailable, SubmissionOutcomeUnknown) as error:
        health.failed(task.provider, str(error))
        raise
    health.answered(attempt.health)
    return report


def outcome_unknown(task: ProviderTask) -> None:
    """The provider may have taken the task: ask soon, and wait for its webhook."""
    states.move(task, Status.UNKNOWN, next_poll_at=timezone.now() + FIRST_POLL_AFTER)


def look_up(task: ProviderTask, adapter: ProviderAdapter) -> None:
    """Find out about a task whose submission's answer was lost. Raises ProviderUnavailable.

    The same order is sent again only where the provider knows it by its key. Elsewhere the next route is tried after a
    while, if there is one; if not, a webhook may still come until the deadline.
    """
    if report := adapter.find(str(task.pk)):
        reports.apply(task, report)
    elif task.failure_code:
        return
    elif adapter.has_idempotency_keys:
        generation = task.generation
        row = selectors.health()[task.provider]
        if generation.status in reports.WAITING and not limits.take(row, str(generation.pk)):
            _call(Attempt(task, row))
    elif task.prompt_sent_at and timezone.now() - task.prompt_sent_at > settings.UNKNOWN_OUTCOME_PATIENCE:
        _go_elsewhere(task)


@transaction.atomic
def _go_elsewhere(task: ProviderTask) -> None:
    """Leave an attempt of unknown outcome behind. It stays open: if it brings a result after all, that is taken."""
    generation = lifecycle.lock(task.generation_id)
    if generation is None or generation.status not in reports.WAITING:
        return
    tried = list(generation.tasks.all())
    for one in tried:
        if one.pk == task.pk:
            one.failure_code = routing.LOST
    if not _choice(generation, tried, selectors.health()):
        return
    left = ProviderTask.objects.filter(pk=task.pk, status=Status.UNKNOWN, failure_code="")
    if left.update(failure_code=routing.LOST, failure="the answer to the submission was lost"):
        states.move(generation, Generation.Status.QUEUED, stage="")
        again(generation)


def _submission(generation: Generation, task: ProviderTask) -> Submission:
    """What the provider receives: the prompt, the settings and the files; nothing about the account (P13).

    Links to files are made anew for each attempt. Raises `earlier_results.Gone`.
    """
    offer = catalogue.by_version(generation.version_id)
    route = next((one for one in offer.routes if one.id == task.route_id), None)
    given = routing.asked_of(route, generation.input) if route else dict(generation.input)
    for name, result in earlier_results.named_in(generation).items():
        given[name] = result.sent()
    lifetime = max(generation.deadline - timezone.now(), timedelta(0)) + LINKS_OUTLIVE_THE_DEADLINE_BY
    return Submission(
        reference=str(task.pk),
        model=task.provider_model,
        input=given,
        files={str(upload.pk): uploads.for_provider(upload, lifetime=lifetime) for upload in generation.uploads.all()},
        webhook_url=webhook_addresses.url_for(task),
        stored=functools.partial(sent_files.note, task),
    )


def cancel_at_provider(task_id: UUID) -> None:
    """Ask the provider to stop a task whose generation was cancelled. Best effort."""
    task = ProviderTask.objects.filter(pk=task_id, status__in=ProviderTask.OPEN).first()
    if task is None:
        return
    try:
        registry.adapter(task.provider).cancel(task.external_id)
    except ProviderUnavailable:
        logger.info("provider did not take the cancellation", extra={"task": str(task.pk)})
    code = task.failure_code or "cancelled"
    states.move(task, Status.FAILED, failure_code=code, finished_at=timezone.now(), next_poll_at=None)


def again(generation: Generation, *, after: timedelta = timedelta(0)) -> None:
    """Have the next route tried."""
    jobs.enqueue(lifecycle.SUBMIT, str(generation.pk), delay=after)
