"""Does in the test's own process what the worker does: due jobs and due polls, with waiting made short."""

import time
from collections.abc import Callable

from celery import current_app
from django.db.models import F
from django.utils import timezone

from generations.models import Generation, ProviderTask
from generations.services import polls
from neuralbox.core.models import Job


def run_due_jobs() -> int:
    """Run all jobs that are due, and those that they begin. Returns how many ran."""
    ran = 0
    while due := list(Job.objects.filter(run_at__lte=timezone.now(), gave_up_at=None, leased_until=None)[:50]):
        for job in due:
            current_app.tasks[job.name](str(job.pk), *job.args)
            ran += 1
    return ran


def skip_pauses() -> None:
    """Make everything that waits for a later moment due now."""
    now = timezone.now()
    Job.objects.filter(run_at__gt=now).update(run_at=now)
    ProviderTask.objects.filter(next_poll_at__gt=now).update(next_poll_at=now)


def work_until(done: Callable[[], bool], *, seconds: float = 30) -> None:
    """Work until `done()`; raises AssertionError when that takes too long."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "the work did not end"
        skip_pauses()
        if not run_due_jobs() + polls.poll_due():
            time.sleep(0.05)


def work_until_ended(generation_id: object, *, seconds: float = 30) -> Generation:
    """Work until the generation has ended, and return it."""
    ended = Generation.objects.filter(pk=generation_id, status__in=Generation.TERMINAL)
    work_until(ended.exists, seconds=seconds)
    return ended.get()


def pass_deadline(generation_id: object) -> None:
    """Make the generation overdue."""
    overdue = timezone.now() - timezone.timedelta(seconds=1)
    Generation.objects.filter(pk=generation_id).update(deadline=overdue, created_at=F("created_at"))
