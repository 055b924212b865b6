"""`GET /status`: figures of our own work, for everybody."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from billing.services import holds
from generations.api.status import CACHE_KEY
from generations.models import Generation, Model
from neuralbox.core import ids


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.delete(CACHE_KEY)
    yield
    cache.delete(CACHE_KEY)


def ended(user, status, *, code=None, hours_ago=1):
    model = Model.objects.get(slug="demo-image")
    begun = timezone.now() - timedelta(hours=hours_ago)
    reference = str(ids.new())
    placed = holds.place(owner_id=user.pk, hold_id=ids.new(), amount=1, reference=reference)
    Generation.objects.create(
        user=user, model=model, version=model.current_version, hold_id=placed.hold_id, modality="image",
        status=status, input={}, tokens_quoted=1, deadline=begun, created_at=begun,
        finished_at=begun + timedelta(seconds=8), error={"code": code} if code else None,
    )  # fmt: skip


def demo_image():
    answer = APIClient().get("/api/v1/status")
    assert answer.status_code == 200
    return answer.json()["status"], next(row for row in answer.json()["models"] if row["slug"] == "demo-image")


def test_too_few_jobs_prove_nothing(catalogue, alice):
    for _ in range(4):
        ended(alice, "failed", code="provider_failed")
    expected = {"slug": "demo-image", "success_rate": None, "typical_seconds": None, "finished": 4, "enabled": True}
    assert demo_image() == ("ok", expected)


def test_failures_of_the_service_lower_the_rate(catalogue, alice):
    for status in ("succeeded", "succeeded", "succeeded", "failed", "failed"):
        ended(alice, status, code="provider_failed" if status == "failed" else None)
    status, shown = demo_image()
    assert (status, shown["success_rate"], shown["typical_seconds"]) == ("degraded", 0.6, 8.0)


def test_refused_prompts_and_old_work_do_not_count(catalogue, alice):
    for _ in range(5):
        ended(alice, "succeeded")
    ended(alice, "failed", code="moderation")
    ended(alice, "failed", code="provider_failed", hours_ago=25)
    status, shown = demo_image()
    assert (status, shown["success_rate"], shown["finished"]) == ("ok", 1.0, 5)
