"""Calls of providers: a proof is asked for, repeats and strangers change nothing."""

import json
import time

import pytest
from django.test import Client

from generations.models import Generation, ProviderTask, WebhookDelivery
from generations.services import webhook_addresses
from generations.tests.work import run_due_jobs, work_until_ended
from neuralbox.core import ids
from providers.adapters.offline import wire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalogue", "offline_engine")]


@pytest.fixture
def running(alice, api_client_of) -> ProviderTask:
    """A task that the engine will never finish by itself."""
    body = {"model": "demo-image", "input": {"prompt": "Dunes", "simulate": {"outcome": "never"}}}
    created = api_client_of(alice).post("/api/v1/generations", body, format="json")
    run_due_jobs()
    return ProviderTask.objects.get(generation_id=created.json()["id"])


def message(task: ProviderTask, *, status="failed", **changes) -> bytes:
    content = {
        "id": task.external_id,
        "reference": str(task.pk),
        "model": "demo-image",
        "status": status,
        "progress": 1,
        "outputs": [],
        "error": {"code": "generation_failed", "message": "no", "retryable": False, "moderation": False},
        "created_at": time.time(),
        **changes,
    }
    return json.dumps({"task": content}).encode()


def call(task: ProviderTask, body: bytes, *, key=None, delivery="d-1", token=None, at=None):
    timestamp = int(at or time.time())
    signed = wire.signature(key or wire.api_key(), delivery_id=delivery, timestamp=timestamp, body=body)
    token = token or webhook_addresses.url_for(task).rsplit("/", 1)[1]
    headers = {
        wire.DELIVERY_HEADER: delivery,
        wire.TIMESTAMP_HEADER: str(timestamp),
        wire.SIGNATURE_HEADER: signed,
    }
    path = f"/webhooks/providers/offline/{token}"
    return Client().post(path, body, content_type="application/json", headers=headers)


def test_a_genuine_message_is_applied_once(running):
    assert call(running, message(running)).status_code == 200
    assert call(running, message(running)).status_code == 200
    running.refresh_from_db()
    assert running.status == "failed"
    assert WebhookDelivery.objects.count() == 1


def test_a_forged_message_is_refused_and_not_kept(running):
    assert call(running, message(running), key="somebody else's").status_code == 400
    running.refresh_from_db()
    assert running.status in ProviderTask.OPEN
    assert not WebhookDelivery.objects.exists()


def test_an_old_message_is_refused(running):
    assert call(running, message(running), at=time.time() - 3600).status_code == 400


def test_a_guessed_address_is_unknown(running):
    token = running.pk.hex + "0" * 40
    assert call(running, message(running), token=token).status_code == 404
    assert call(running, message(running), token="x").status_code == 404


def test_a_message_about_another_task_changes_nothing(running):
    other = message(running, id="another", reference=str(ids.new()))
    answer = call(running, other)
    assert (answer.status_code, answer.json()["known"]) == (200, False)
    running.refresh_from_db()
    assert running.status in ProviderTask.OPEN


def test_a_late_message_does_not_reopen_what_has_ended(running):
    call(running, message(running))
    generation = work_until_ended(running.generation_id)
    assert generation.status == "failed"
    succeeded = message(running, status="succeeded", error=None)
    assert call(running, succeeded, delivery="d-2").status_code == 200
    running.refresh_from_db()
    assert running.status == "failed"
    assert Generation.objects.get(pk=generation.pk).status == "failed"


def test_an_unknown_provider_and_a_wrong_method_are_refused(running):
    token = webhook_addresses.url_for(running).rsplit("/", 1)[1]
    assert Client().post(f"/webhooks/providers/nobody/{token}").status_code == 404
    assert Client().get(f"/webhooks/providers/offline/{token}").status_code == 405
