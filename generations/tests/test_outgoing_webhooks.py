"""Webhooks to customers' programs: signed, repeated until they arrive, sent once."""

import json

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from werkzeug import Response

from generations.models import OutgoingWebhook, WebhookEndpoint
from generations.services import outgoing_webhooks
from generations.tests.work import run_due_jobs, skip_pauses, work_until_ended

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalogue", "offline_engine")]


@pytest.fixture
def listener(httpserver):
    """A customer's server that answers 204, or what is put into `answers` first."""
    httpserver.answers = []

    def handle(_request):
        return Response(status=httpserver.answers.pop(0) if httpserver.answers else 204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(handle)
    httpserver.address = httpserver.url_for("/hook")
    return httpserver


def order(client, **rest):
    body = {"model": "demo-image", "input": {"prompt": "Dunes", "size": "512", "simulate": {"instant": True}}, **rest}
    created = client.post("/api/v1/generations", body, format="json")
    assert created.status_code == 202, created.content
    work_until_ended(created.json()["id"])
    run_due_jobs()
    return created.json()["id"]


def test_the_end_is_told_with_a_signature_that_verifies(alice, api_client_of, listener):
    generation_id = order(api_client_of(alice), webhook_url=listener.address)
    ((request, _answer),) = listener.log
    told = Webhook(outgoing_webhooks.account_secret(alice.pk)).verify(request.get_data(), dict(request.headers))
    assert told["type"] == "generation.succeeded"
    assert told["data"]["id"] == generation_id
    assert OutgoingWebhook.objects.get().status == "delivered"


def test_a_receiver_that_fails_is_asked_again_with_the_same_id(alice, api_client_of, listener):
    listener.answers = [500, 302]
    order(api_client_of(alice), webhook_url=listener.address)
    for _try in range(3):
        skip_pauses()
        run_due_jobs()
    assert len({request.headers["webhook-id"] for request, _answer in listener.log}) == 1
    message = OutgoingWebhook.objects.get()
    assert (message.status, message.attempts) == ("delivered", 3)


def test_after_the_last_try_it_is_given_up_and_can_be_replayed(alice, api_client_of, person_client_of, listener):
    listener.answers = [500] * 8
    endpoint = outgoing_webhooks.add_endpoint(
        user_id=alice.pk, url=listener.address, events=["generation.succeeded"], description=""
    )
    order(api_client_of(alice))
    for _try in range(8):
        skip_pauses()
        run_due_jobs()
    message = OutgoingWebhook.objects.get()
    assert (message.status, message.attempts) == ("failed", 8)
    person = person_client_of(alice)
    path = f"/api/v1/webhook-endpoints/{endpoint.pk}/deliveries"
    assert person.get(path).json()["results"][0]["answer_status"] == 500
    assert person.post(f"{path}/{message.pk}/replay").status_code == 202
    run_due_jobs()
    message.refresh_from_db()
    assert message.status == "delivered"


def test_a_receiver_that_is_gone_is_switched_off(alice, api_client_of, listener):
    listener.answers = [410]
    outgoing_webhooks.add_endpoint(
        user_id=alice.pk, url=listener.address, events=["generation.succeeded"], description=""
    )
    order(api_client_of(alice))
    assert WebhookEndpoint.objects.get().is_enabled is False


def test_only_wanted_events_are_sent(alice, api_client_of, listener):
    outgoing_webhooks.add_endpoint(user_id=alice.pk, url=listener.address, events=["generation.failed"], description="")
    order(api_client_of(alice))
    assert not listener.log


def test_private_addresses_are_never_called(alice, api_client_of, listener, settings):
    settings.LOCAL_MODE = False
    endpoint = WebhookEndpoint.objects.create(user=alice, url=listener.address, events=["generation.succeeded"])
    settings.LOCAL_MODE = True
    generation_id = order(api_client_of(alice))
    message = OutgoingWebhook.objects.get(generation_id=generation_id, endpoint=endpoint)
    OutgoingWebhook.objects.filter(pk=message.pk).update(status="pending")
    listener.clear_log()
    settings.LOCAL_MODE = False
    outgoing_webhooks.deliver(message.pk)
    assert not listener.log
    message.refresh_from_db()
    assert message.failure == "AddressRefused"


def test_endpoints_are_for_their_owner_and_for_people(alice, mallory, person_client_of, api_client_of):
    person = person_client_of(alice)
    made = person.post("/api/v1/webhook-endpoints", {"url": "https://example.com/hook"}, format="json")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    path = f"/api/v1/webhook-endpoints/{made.json()['id']}"
    assert person_client_of(mallory).get(path).status_code == 404
    assert person_client_of(mallory).delete(path).status_code == 404
    assert api_client_of(alice).get(path).status_code == 403
    changed = person.patch(path, {"enabled": False, "events": ["generation.failed"]}, format="json")
    assert (changed.json()["enabled"], changed.json()["events"]) == (False, ["generation.failed"])
    assert person.patch(path, {"nonsense": 1}, format="json").status_code == 422
    assert person.delete(path).status_code == 204


def test_the_body_is_json_in_utf_8(alice, api_client_of, listener):
    order(api_client_of(alice), webhook_url=listener.address)
    ((request, _answer),) = listener.log
    assert json.loads(request.get_data())["data"]["input"]["prompt"] == "Dunes"


def test_for_a_day_a_new_secret_and_the_one_before_both_sign(alice, api_client_of, person_client_of, listener):
    person = person_client_of(alice)
    made = person.post("/api/v1/webhook-endpoints", {"url": listener.address}, format="json").json()
    rotated = person.post(f"/api/v1/webhook-endpoints/{made['id']}/rotate-secret").json()
    assert rotated["secret"] != made["secret"]
    order(api_client_of(alice))
    WebhookEndpoint.objects.update(secret_rotated_at=timezone.now() - outgoing_webhooks.OLD_SECRET_SIGNS_FOR)
    order(api_client_of(alice))
    (first, _answer), (second, _answer) = listener.log
    for secret, request in ((made["secret"], first), (rotated["secret"], first), (rotated["secret"], second)):
        assert Webhook(secret).verify(request.get_data(), dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(second.get_data(), dict(second.headers))
