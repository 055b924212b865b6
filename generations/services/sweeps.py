"""What heals without a person: deadlines, lost work, expired quotes. Every sweep may overlap with itself."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from generations.models import Generation, IdempotencyKey
from generations.services import lifecycle, quotes
from neuralbox.core import jobs

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


# Active generations of more than half a minute that no living job will move on: its job gave up, or vanished.
_STRANDED = """
    SELECT 'generations.submit', generation.id::text FROM generations_generation AS generation
    WHERE generation.status = 'queued' AND generation.created_at < now() - interval '30 seconds'
      AND NOT EXISTS (
          SELECT 1 FROM core_job AS job WHERE job.name = 'generations.submit' AND job.gave_up_at IS NULL
            AND job.args = jsonb_build_array(generation.id::text))
      AND NOT EXISTS (
          SELECT 1 FROM generations_providertask AS task WHERE task.generation_id = generation.id
            AND task.status IN ('submitted', 'running', 'unknown') AND task.failure_code = '')
    UNION ALL
    SELECT 'generations.save_results', task.id::text FROM generations_generation AS generation
    JOIN generations_providertask AS task ON task.generation_id = generation.id AND task.status = 'succeeded'
    WHERE generation.status = 'saving' AND task.finished_at < now() - interval '30 seconds'
      AND NOT EXISTS (
          SELECT 1 FROM core_job AS job WHERE job.name = 'generations.save_results' AND job.gave_up_at IS NULL
            AND job.args = jsonb_build_array(task.id::text))
    LIMIT %s
"""


@transaction.atomic
def resume_stranded() -> int:
    """Give them a job again. Returns how many. Two sweeps at once make two jobs, and jobs bear that."""
    with connection.cursor() as cursor:
        cursor.execute(_STRANDED, [BATCH])
        stranded = cursor.fetchall()
    for name, argument in stranded:
        logger.warning("stranded work resumed", extra={"job": name, "about": argument})
        jobs.enqueue(name, argument)
    return len(stranded)


def forget_old_keys() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEYS_ARE_KEPT_FOR).delete()
