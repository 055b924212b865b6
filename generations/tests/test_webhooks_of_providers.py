"""Calls of the real providers at our door: replayed, late, reordered, forged or foreign, they change nothing."""

import json
import time

import pytest
from django.test import Client

from generations import webhooks
from generations.models import ProviderTask, WebhookDelivery
from generations.services import webhook_addresses
from generations.tests import roads
from generations.tests.work import run_due_jobs
from neuralbox.core.models import Job
from providers import registry
from providers.fakes import kie

pytestmark = pytest.mark.django_db(transaction=True)

SIGNED = ("kie", "piapi", "goapi", "heygen")
# It signs what goes to registered endpoints alone. Without a signature its message is a hint.
UNSIGNED_TOO = ("heygen",)
PROOFS = ("signature", "secret")


@pytest.fixture(params=roads.PROVIDERS)
def provider(request, fake_providers, offered, settings, live_server) -> str:
    roads.only(settings, request.param)
    settings.WEBHOOK_BASE_URL = live_server.url
    offered(roads.ORDERS[request.param][0])
    return request.param


def finished(provider, client, fake_providers):
    """A task that ended by its webhooks, and those webhooks as they were sent."""
    model, given = roads.ORDERS[provider]
    if provider == "heygen":
        adapter = registry.adapter(provider)
        given = {**given, **{setting: adapter.choices(setting)[0].value for setting in ("avatar", "voice")}}
    created = roads.order(client, model, given)
    run_due_jobs()
    generation = roads.run_jobs_until_ended(created["id"])
    assert generation.status == "succeeded"
    fake_providers.webhooks.settle()
    run_due_jobs()
    return generation.tasks.get(), list(fake_providers.webhooks.sent)


def deliver(path: str, headers, body: bytes):
    return Client().post(path, body, content_type="application/json", headers=dict(headers))


def path_of(webhook) -> str:
    return "/" + webhook.url.split("/", 3)[3]


def state_of(task: ProviderTask) -> tuple:
    task.refresh_from_db()
    generation = task.generation
    generation.refresh_from_db()
    return task.status, task.outputs, generation.status, generation.tokens_captured, generation.assets.count()


def test_what_is_repeated_late_reordered_forged_or_foreign_changes_nothing(
    provider, alice, mallory, api_client_of, fake_providers
):
    task, sent = finished(provider, api_client_of(alice), fake_providers)
    before, deliveries = state_of(task), WebhookDelivery.objects.count()
    waiting = set(Job.objects.values_list("pk", flat=True))

    # Replayed, and in the reverse order.
    for webhook, headers, body in reversed(sent):
        assert deliver(path_of(webhook), headers, body).status_code == 200
    assert WebhookDelivery.objects.count() == deliveries
    assert set(Job.objects.values_list("pk", flat=True)) == waiting
    assert state_of(task) == before

    webhook, headers, body = sent[-1]
    # Without its proof, or with a wrong one.
    if provider in SIGNED:
        bare = {name: value for name, value in headers.items() if not any(word in name.lower() for word in PROOFS)}
        wrong = {name: value if name in bare else value[::-1] for name, value in headers.items()}
        for forged in (wrong,) if provider in UNSIGNED_TOO else (bare, wrong):
            assert deliver(path_of(webhook), forged, body).status_code == 400
    # At a guessed address.
    path = path_of(webhook)
    assert deliver(path[:-4] + "0000", headers, body).status_code == 404
    # Not a message of theirs at all.
    for rubbish in (b"", b"[]", b"\x00\xff", b'{"data": null}'):
        assert deliver(path, headers, rubbish).status_code == 400
    assert state_of(task) == before

    # Genuine, but about another task than its address says.
    other = ProviderTask.objects.get(pk=task.pk)
    fake_providers.webhooks.sent.clear()
    stranger, _sent = finished(provider, api_client_of(mallory), fake_providers)
    foreign_path = path_of(fake_providers.webhooks.sent[-1][0])
    held = state_of(stranger)
    answer = deliver(foreign_path, headers, body)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.json() == {"received": True, "known": False}
    run_due_jobs()
    assert state_of(stranger) == held
    assert state_of(other) == before


def test_what_a_hint_claims_is_not_believed_but_read_back_later(
    alice, api_client_of, fake_providers, offered, settings
):
    """Kie.ai signs the id of the task alone: whoever saw one message could write another body under it."""
    roads.only(settings, "kie")
    offered("z-image")
    created = roads.order(api_client_of(alice), "z-image", {"prompt": "A lighthouse [fault:never]"})
    run_due_jobs()
    task = ProviderTask.objects.get(generation_id=created["id"])
    task_id = task.external_id.rpartition(":")[2]
    result = json.dumps({"resultUrls": ["https://evil.example/picture.png"]})
    claim = {"code": 200, "msg": "ok", "data": {"taskId": task_id, "state": "success", "resultJson": result}}
    asked = len(fake_providers.calls("recordInfo"))
    path = "/" + webhook_addresses.url_for(task).split("/", 3)[3]
    answer = deliver(path, kie.signed(task_id, int(time.time())), json.dumps(claim).encode())
    assert answer.json() == {"received": True}
    assert len(fake_providers.calls("recordInfo")) == asked, "the caller does not wait for our question"
    assert Job.objects.get(name="generations.ask_provider").args == [str(task.pk)]
    run_due_jobs()
    assert len(fake_providers.calls("recordInfo")) == asked + 1
    task.refresh_from_db()
    assert task.status in ProviderTask.OPEN
    assert task.outputs == []


@pytest.fixture
def unsigned(alice, api_client_of, fake_providers, offered, settings):
    """A task at HeyGen, and what sends a message about it to its address as HeyGen would, without a signature."""
    roads.only(settings, "heygen")
    offered("heygen-avatar")
    given = {**roads.ORDERS["heygen"][1], "avatar": "look_001", "voice": "voice_001"}

    def begin(script):
        created = roads.order(api_client_of(alice), "heygen-avatar", {**given, "script": script})
        run_due_jobs()
        task = ProviderTask.objects.get(generation_id=created["id"])
        told = {"callback_id": str(task.pk), "video_id": task.external_id.rpartition(":")[2]}

        def say(event_type, **claimed):
            path = "/" + webhook_addresses.url_for(task).split("/", 3)[3]
            body = json.dumps({"event_type": event_type, "event_data": {**told, **claimed}}).encode()
            return deliver(path, {}, body)

        return task, say

    return begin


@pytest.mark.parametrize(
    ("event", "claimed"),
    [
        ("avatar_video.success", {"url": "https://evil.example/film.mp4"}),
        ("avatar_video.fail", {"msg": "It failed"}),
    ],
)
def test_what_an_unsigned_message_claims_is_not_believed(unsigned, fake_providers, event, claimed):
    task, say = unsigned("Good evening [fault:never]")
    before = state_of(task)
    assert say(event, **claimed).json() == {"received": True}
    asked = len(fake_providers.calls(f"/v3/videos/{task.external_id.rpartition(':')[2]}"))
    run_due_jobs()
    assert len(fake_providers.calls(f"/v3/videos/{task.external_id.rpartition(':')[2]}")) == asked + 1
    assert state_of(task)[1:] == before[1:]
    assert task.status in ProviderTask.OPEN


def test_an_unsigned_message_has_the_record_read_and_what_stands_there_counts(unsigned, fake_providers):
    task, say = unsigned("Good evening from the lighthouse")
    assert say("avatar_video.fail", msg="It failed").json() == {"received": True}
    ended = roads.run_jobs_until_ended(task.generation_id)
    assert ended.status == "succeeded"
    task.refresh_from_db()
    assert task.outputs[0]["url"].startswith(fake_providers.url)
    assert task.polls == 0


def test_a_body_that_is_too_large_is_not_read(alice, api_client_of, fake_providers, offered, settings):
    roads.only(settings, "kie")
    offered("z-image")
    created = roads.order(api_client_of(alice), "z-image", {"prompt": "A lighthouse [fault:never]"})
    run_due_jobs()
    task = ProviderTask.objects.get(generation_id=created["id"])
    path = "/" + webhook_addresses.url_for(task).split("/", 3)[3]
    assert deliver(path, {}, b" " * (webhooks.LARGEST_BODY + 1)).status_code == 413
