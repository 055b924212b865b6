"""What heals by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation, Quote
from generations.services import lifecycle, quotes, sweeps
from neuralbox.core.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "offline_engine")]


@pytest.fixture
def waiting(alice) -> Generation:
    """A generation that has waited for a minute."""
    given = {"prompt": "Dunes", "size": "512"}
    started = lifecycle.start(lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input=given))
    Generation.objects.filter(pk=started.id).update(created_at=timezone.now() - timedelta(minutes=1))
    return Generation.objects.get(pk=started.id)


def test_a_generation_with_a_living_job_is_left_alone(waiting):
    assert sweeps.resume_stranded() == 0


def test_a_generation_whose_job_vanished_gets_a_new_one(waiting):
    Job.objects.all().delete()
    assert sweeps.resume_stranded() == 1
    assert Job.objects.get().args == [str(waiting.pk)]
    assert sweeps.resume_stranded() == 0


def test_a_generation_whose_job_gave_up_gets_a_new_one(waiting):
    Job.objects.update(gave_up_at=timezone.now())
    assert sweeps.resume_stranded() == 1
    assert Job.objects.filter(gave_up_at=None).count() == 1


def test_what_is_overdue_fails_and_what_is_not_goes_on(waiting):
    assert sweeps.fail_overdue() == 0
    Generation.objects.filter(pk=waiting.pk).update(deadline=timezone.now())
    assert sweeps.fail_overdue() == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error["code"]) == ("failed", "deadline_exceeded")


def test_quotes_that_nobody_redeemed_are_closed(alice):
    quote = quotes.open_quote(user_id=alice.pk, model="demo-image", raw_input={"prompt": "Sea"})
    Quote.objects.filter(pk=quote.pk).update(expires_at=timezone.now())
    sweeps.sweep()
    quote.refresh_from_db()
    assert quote.status == "expired"
