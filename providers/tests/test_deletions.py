"""Erasures are passed on to providers that offer it: once, after the commit, until they answer or it is given up."""

import pytest
from celery import current_app
from django.utils import timezone

from neuralbox.core.models import Job
from providers import selectors
from providers.adapters.heygen.adapter import HeygenAdapter
from providers.base import Submission
from providers.models import Deletion
from providers.services import deletions, health

pytestmark = pytest.mark.django_db(transaction=True)


def run_due_jobs() -> None:
    for job in Job.objects.filter(run_at__lte=timezone.now()):
        current_app.tasks[job.name](str(job.pk), *job.args)


def skip_pauses() -> None:
    Job.objects.update(run_at=timezone.now())


@pytest.fixture
def video(fake_providers) -> str:
    """A video at the stand-in of HeyGen."""
    given = {"avatar": "look_001", "script": "Good evening.", "voice": "voice_001"}
    return HeygenAdapter().submit(Submission("reference", "videos/avatar", given, {}, "")).external_id


def test_only_providers_that_offer_it_are_asked(video, fake_providers):
    asked = deletions.ask([("heygen", video), ("kie", "jobs:1"), ("suno", "music:1"), ("heygen", ""), ("nobody", "1")])
    assert dict(asked) == {"heygen": 1}
    run_due_jobs()
    assert fake_providers.apps["heygen"].tasks == {}
    assert [call.path.split("/")[1] for call in fake_providers.calls() if call.method == "DELETE"] == ["heygen"]


def test_the_outcome_is_kept_without_the_name_of_what_is_gone(video):
    deletions.ask([("heygen", video), ("heygen", "voices/speech:1")])
    run_due_jobs()
    found = {row.status: row for row in Deletion.objects.all()}
    assert set(found) == {"done", "not_offered"}
    assert {row.external_id for row in found.values()} == {""}
    assert all(row.finished_at and row.finished_at <= timezone.now() for row in found.values())


def test_a_provider_that_does_not_answer_is_asked_again(video, fake_providers):
    fake_providers.fail_next("server_error", path="/v3/videos/", times=2)
    deletions.ask([("heygen", video)])
    for _attempt in range(3):
        run_due_jobs()
        skip_pauses()
    row = Deletion.objects.get()
    assert (row.status, row.attempts) == ("done", 3)
    assert not Job.objects.exists()


def test_after_days_it_is_given_up_and_staff_can_begin_anew(video, fake_providers, caplog, alice):
    fake_providers.fail_next("server_error", path="/v3/videos/", times=len(deletions.PAUSES) + 1)
    deletions.ask([("heygen", video)])
    for _attempt in range(len(deletions.PAUSES) + 3):
        run_due_jobs()
        skip_pauses()
    row = Deletion.objects.get()
    assert (row.status, row.external_id, row.attempts) == ("gave_up", video, len(deletions.PAUSES) + 1)
    assert "does not erase" in caplog.text
    assert selectors.deletions("heygen") == [row]
    health.row_of("heygen")
    assert deletions.again(provider="heygen", reason="They answered our letter", by=alice) == 1
    run_due_jobs()
    row.refresh_from_db()
    assert (row.status, row.external_id) == ("done", "")
    assert deletions.again(provider="heygen", reason="They answered our letter", by=alice) == 0
