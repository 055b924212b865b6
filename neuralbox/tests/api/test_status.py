"""`GET /status`: figures of our own work, for everybody."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from billing.services import holds
from generations.api.status import CACHE_KEY
from generations.models import Generation, Model
from neuralbox.core import ids
from providers import selectors
from providers.errors import CreditsExhausted
from providers.services import health


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
    expected = {"success_rate": None, "typical_seconds": None, "long_seconds": None, "finished": 4}
    assert demo_image() == ("ok", {"slug": "demo-image", "enabled": True, **expected})


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


@pytest.fixture
def provider(catalogue, offline_engine):
    """What is said of the offline provider."""

    def ask():
        cache.delete(CACHE_KEY)
        answer = APIClient().get("/api/v1/status").json()
        return answer["status"], next(row for row in answer["providers"] if row["slug"] == "offline")

    selectors.forget()
    yield ask
    selectors.forget()


def test_a_provider_that_works_is_well(provider):
    status, shown = provider()
    assert (status, shown["state"], shown["finished"]) == ("ok", "ok", 0)


def test_a_provider_that_rests_has_trouble_and_says_no_reason(provider):
    for _time in range(health.FAILURES_TO_OPEN):
        health.failed("offline", "a secret of ours")
    status, shown = provider()
    assert (status, shown["state"]) == ("degraded", "degraded")
    assert "secret" not in str(shown)


def test_a_provider_that_is_out_of_our_credits_is_out_and_its_models_cannot_be_ordered(provider):
    health.take_out("offline", CreditsExhausted("0 left"))
    status, shown = provider()
    assert (status, shown["state"]) == ("degraded", "out")
    assert "credit" not in str(shown)


def test_the_page_shows_the_same_in_both_languages_and_nothing_of_anybody(provider, alice):
    health.take_out("offline", CreditsExhausted("0 left"))
    for _ in range(5):
        ended(alice, "succeeded")
    provider()
    english = Client().get("/en/status").content.decode()
    assert "gets no work" in english
    assert "not enough data" in english
    russian = Client().get("/ru/status").content.decode()
    assert "не получает работы" in russian
    assert "alice" not in english + russian
