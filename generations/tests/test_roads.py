"""Whole roads: from the order through the API to the stored file, over the wire format of each provider."""

import hashlib

import pytest
from django.core.files.storage import default_storage

from billing.selectors import balance
from billing.tests.helpers import assert_ledger_is_clean
from generations.models import ProviderTask, WebhookDelivery
from generations.tests import roads
from generations.tests.work import run_due_jobs
from providers import registry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=roads.PROVIDERS)
def provider(request, fake_providers, offered, settings) -> str:
    """The only provider that there is, with one of its models."""
    roads.only(settings, request.param)
    offered(roads.ORDERS[request.param][0])
    return request.param


def given_for(provider, fake_providers) -> dict:
    _model, given = roads.ORDERS[provider]
    if provider != "heygen":
        return given
    adapter = registry.adapter("heygen")
    choices = {setting: adapter.choices(setting)[0].value for setting in ("avatar", "voice")}
    fake_providers.requests.clear()
    return {**given, **choices}


@pytest.mark.promise("P13")
def test_an_order_becomes_the_provider_s_file_and_says_nothing_of_who_ordered(
    provider, alice, api_client_of, fake_providers
):
    client = api_client_of(alice)
    before = balance(alice.pk).available
    generation = roads.end(client, roads.ORDERS[provider][0], given_for(provider, fake_providers))
    assert (generation.status, generation.provider) == ("succeeded", provider)
    task = generation.tasks.get()
    for asset in generation.assets.all():
        original = fake_providers.files.content(task.outputs[asset.position]["url"])
        with default_storage.open(asset.storage_key) as stored:
            assert stored.read() == original
        assert asset.sha256 == hashlib.sha256(original).hexdigest()
    assert generation.assets.exists()
    assert balance(alice.pk).available == before - generation.tokens_captured
    assert_ledger_is_clean()
    sent = client.get(f"/api/v1/generations/{generation.pk}/story").json()["steps"]
    assert [step["provider"] for step in sent if step["kind"] == "sent"] == [provider]
    assert len(roads.submissions(fake_providers, provider)) == 1
    assert roads.telling(fake_providers, [*roads.secrets_of(alice), str(generation.pk)]) == []


def test_a_webhook_ends_it_without_a_poll(provider, alice, api_client_of, fake_providers, live_server, settings):
    settings.WEBHOOK_BASE_URL = live_server.url
    created = roads.order(api_client_of(alice), roads.ORDERS[provider][0], given_for(provider, fake_providers))
    run_due_jobs()
    ended = roads.run_jobs_until_ended(created["id"])
    assert ended.status == "succeeded"
    assert set(fake_providers.webhooks.answers) == {200}
    assert WebhookDelivery.objects.filter(task__generation=ended).exists()
    assert ended.tasks.get().polls == 0
    assert len(roads.submissions(fake_providers, provider)) == 1


@pytest.mark.promise("P13")
def test_a_picture_reaches_the_provider_without_its_owner(alice, api_client_of, fake_providers, offered, settings):
    roads.only(settings, "kie")
    offered("nano-banana")
    given = {"prompt": "Make it blue", "images": [roads.picture_of(alice)]}
    generation = roads.end(api_client_of(alice), "nano-banana", given)
    assert generation.status == "succeeded"
    (submission,) = roads.submissions(fake_providers, "kie")
    assert submission.json["model"] == "google/nano-banana-edit"
    assert fake_providers.calls("/file-stream-upload")
    assert roads.telling(fake_providers, roads.secrets_of(alice)) == []


@pytest.mark.promise("P13")
def test_a_link_to_a_picture_does_not_name_its_owner_either(alice, api_client_of, fake_providers, offered, settings):
    roads.only(settings, "goapi")
    offered("nano-banana-2")
    given = {"prompt": "Make it blue", "images": [roads.picture_of(alice)], "aspect_ratio": "1:1"}
    generation = roads.end(api_client_of(alice), "nano-banana-2", given)
    assert generation.status == "succeeded", list(generation.tasks.values_list("failure_code", "failure"))
    (submission,) = roads.submissions(fake_providers, "goapi")
    assert "/files/handed/" in submission.text
    assert roads.telling(fake_providers, roads.secrets_of(alice)) == []


@pytest.mark.parametrize(
    ("model", "path", "mime"),
    [
        ("suno-wav", "wav/generate", "audio/wav"),
        ("suno-timed-lyrics", "generate/get-timestamped-lyrics", "text/plain"),
    ],
)
def test_what_goes_on_from_a_song_is_ordered_where_the_song_was_made(
    alice, api_client_of, fake_providers, offered, settings, model, path, mime
):
    offered("suno-v5", model)
    roads.only(settings, "suno")
    client = api_client_of(alice)
    song = roads.end(client, "suno-v5", roads.ORDERS["suno"][1])
    assert song.status == "succeeded"
    settings.KIE_API_KEY = "a key"
    asset = song.assets.get(position=1)
    made = roads.end(client, model, {"source_task": {"asset": str(asset.pk)}})
    assert (made.status, made.provider, made.assets.get().mime) == ("succeeded", "suno", mime)
    (call,) = fake_providers.calls(f"/suno/api/v1/{path}")
    task = ProviderTask.objects.get(generation=song)
    assert call.json["audioId"] == task.outputs[1]["name"]
    assert call.json["taskId"] == task.external_id.rpartition(":")[2]
