import pytest
from django.db import connection, transaction

from neuralbox.core import jobs
from neuralbox.core.models import Job


@pytest.mark.django_db
def test_a_job_is_recorded_in_the_callers_transaction():
    with transaction.atomic():
        jobs.enqueue("core.test", 1, "two")
    job = Job.objects.get()
    assert (job.name, job.args) == ("core.test", [1, "two"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET published_at = now() - interval '1 minute'")
    assert jobs.sweep() == 1
