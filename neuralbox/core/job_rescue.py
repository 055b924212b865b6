"""Jobs that failed too often wait for a person; here that person lets them run again."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from neuralbox.core import audit, jobs
from neuralbox.core.errors import Conflict
from neuralbox.core.models import Job


class NotGivenUp(Conflict):
    code = "job_not_given_up"
    title = gettext_lazy("This job has not given up, or is done already")


@transaction.atomic
def run_again(*, job_id: UUID, reason: str, by: Any) -> None:
    """Give a job that gave up all its attempts again, now. Raises InvalidInput without a reason, NotGivenUp."""
    reason = audit.checked_reason(reason)
    job = Job.objects.select_for_update().filter(pk=job_id).exclude(gave_up_at=None).first()
    if job is None:
        raise NotGivenUp(_("This job has not given up, or is done already."))
    changes = {"attempts": (job.attempts, 0), "gave_up_at": (job.gave_up_at, None)}
    Job.objects.filter(pk=job.pk).update(
        attempts=0, gave_up_at=None, leased_until=None, published_at=None, run_at=Now()
    )
    audit.record(job, by=by, event="job_run_again", reason=reason, changes=changes, job=job.name)
    jobs.publish_after_commit(job.pk, job.name, job.args)
