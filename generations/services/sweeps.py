"""What heals without a person: deadlines, lost work, expired quotes. Every sweep may overlap with itself."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from generations.models import Generation, IdempotencyKey
from generations.services import lifecycle, quotes
from neuralbox.core import jobs
from neuralbox.core.models import Job

logger = logging.getLogger(__name__)
BATCH = 100
KEYS_ARE_KEPT_FOR = timedelta(days=2)


def sweep() -> None:
    """Run all of them once."""
    fail_overdue()
    resume_stranded()
    quotes.expire_due()
    forget_old_keys()


def fail_overdue() -> int:
    """Fail what is past its deadline and give the tokens back. Returns how many."""
    failed = 0
    while True:
        with transaction.atomic():
            overdue = list(
                Generation.objects.select_for_update(skip_locked=True)
                .filter(status__in=Generation.ACTIVE, deadline__lte=timezone.now())
                .order_by("deadline")[:BATCH]
            )
            for generation in overdue:
                failed += lifecycle.fail(generation, "deadline_exceeded")
        if len(overdue) < BATCH:
            return failed


def resume_stranded() -> int:
    """Give active generations a job again whose job gave up or vanished. Returns how many."""
    since = timezone.now() - timedelta(seconds=30)
    stranded = 0
    waiting = Generation.objects.filter(status=Generation.Status.QUEUED, created_at__lt=since)
    for generation_id in waiting.values_list("pk", flat=True)[:BATCH]:
        stranded += _enqueue_unless_there(lifecycle.SUBMIT, str(generation_id))
    saving = Generation.objects.filter(
        status=Generation.Status.SAVING, tasks__status="succeeded", tasks__finished_at__lt=since
    )
    for task_id in saving.values_list("tasks__pk", flat=True)[:BATCH]:
        stranded += _enqueue_unless_there("generations.save_results", str(task_id))
    return stranded


def _enqueue_unless_there(name: str, argument: str) -> bool:
    with transaction.atomic():
        Job.objects.filter(name=name, args=[argument], gave_up_at__isnull=False).delete()
        if Job.objects.filter(name=name, args=[argument]).exists():
            return False
        logger.warning("stranded work resumed", extra={"job": name, "about": argument})
        jobs.enqueue(name, argument)
        return True


def forget_old_keys() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEYS_ARE_KEPT_FOR).delete()
