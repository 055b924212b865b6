"""Telling customers' programs that a generation has ended, by the Standard Webhooks convention.

The body is made when it is sent: whoever repeats a delivery sends the present state. Redirects are not followed,
private addresses are refused, and a receiver that says 410 is switched off.
"""

import base64
import json
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks.webhooks import Webhook

from generations import representations, selectors
from generations.models import Generation, OutgoingWebhook, WebhookEndpoint
from neuralbox.core import http, ids, jobs, states
from neuralbox.core.errors import Conflict, NotFound

logger = logging.getLogger(__name__)

DELIVER = "generations.deliver_webhook"
TIMEOUT: http.Timeout = (5.0, 10.0)
PAUSES = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
MAX_ENDPOINTS = 10
# How long the secret before goes on signing too, so that a receiver can change over without losing a message.
OLD_SECRET_SIGNS_FOR = timedelta(days=1)
Status = OutgoingWebhook.Status


class TooManyEndpoints(Conflict):
    code = "too_many_webhook_endpoints"
    title = gettext_lazy("Too many webhook endpoints")


def secret_of(endpoint: WebhookEndpoint) -> str:
    """The signing secret of an endpoint, as its owner is shown it."""
    return _secret(f"endpoint:{endpoint.pk}:{endpoint.secret_version}")


def rotate_secret(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Give the endpoint a new secret. For a day both sign, so that no message is lost meanwhile."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        secret_version=F("secret_version") + 1, secret_rotated_at=timezone.now()
    )
    endpoint.refresh_from_db()
    return endpoint


def _signing_secrets(message: OutgoingWebhook) -> list[str]:
    endpoint = message.endpoint
    if endpoint is None:
        return [account_secret(message.user_id)]
    versions = [endpoint.secret_version]
    if endpoint.secret_rotated_at and timezone.now() - endpoint.secret_rotated_at < OLD_SECRET_SIGNS_FOR:
        versions.append(endpoint.secret_version - 1)
    return [_secret(f"endpoint:{endpoint.pk}:{version}") for version in versions]


def account_secret(user_id: UUID) -> str:
    """Signs what goes to a `webhook_url` that was given with one generation."""
    return _secret(f"account:{user_id}")


def _secret(purpose: str) -> str:
    digest = salted_hmac("generations.outgoing-webhooks", purpose, algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(digest).decode()


def add_endpoint(
    *, user_id: UUID, url: str, events: list[str], description: str, enabled: bool = True
) -> WebhookEndpoint:
    """Nothing is sent to it before it is `enabled`. Raises TooManyEndpoints."""
    if WebhookEndpoint.objects.filter(user_id=user_id).count() >= MAX_ENDPOINTS:
        raise TooManyEndpoints(_("You have %(limit)d endpoints: remove one first.") % {"limit": MAX_ENDPOINTS})
    return WebhookEndpoint.objects.create(
        user_id=user_id, url=url, events=events, description=description, is_enabled=enabled
    )


def owned_endpoint(user_id: UUID, endpoint_id: UUID) -> WebhookEndpoint:
    """Raises NotFound, also for another's endpoint."""
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id, user_id=user_id).first()
    if endpoint is None:
        raise NotFound(_("There is no such webhook endpoint."))
    return endpoint


def change_endpoint(endpoint: WebhookEndpoint, *, enabled: bool | None = None, **changes: Any) -> WebhookEndpoint:
    """Change `url`, `events` or `description`; `enabled` switches it off and on."""
    if enabled is not None:
        changes |= {"is_enabled": enabled, "disabled_because": ""}
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(changes))
    return endpoint


@transaction.atomic
def announce(generation_id: UUID) -> None:
    """Write a message for every address that wants to know about this generation's end. Safe to repeat."""
    generation = Generation.objects.filter(pk=generation_id, status__in=Generation.TERMINAL).first()
    if generation is None:
        return
    event = f"generation.{generation.status}"
    wanted = WebhookEndpoint.objects.filter(user_id=generation.user_id, is_enabled=True, events__contains=[event])
    addresses: dict[str, UUID | None] = {endpoint.url: endpoint.pk for endpoint in wanted}
    if generation.webhook_url:
        addresses.setdefault(generation.webhook_url, None)
    for url, endpoint_id in addresses.items():
        message, created = OutgoingWebhook.objects.get_or_create(
            generation=generation,
            url=url,
            defaults={
                "id": ids.new(),
                "user_id": generation.user_id,
                "endpoint_id": endpoint_id,
                "event": event,
            },
        )
        if created:
            jobs.enqueue(DELIVER, str(message.pk))


@transaction.atomic
def replay(endpoint: WebhookEndpoint, message_id: UUID) -> OutgoingWebhook:
    """Send a message of this endpoint once more. Raises NotFound."""
    message = OutgoingWebhook.objects.select_for_update().filter(pk=message_id, endpoint=endpoint).first()
    if message is None:
        raise NotFound(_("There is no such delivery."))
    if states.move(message, Status.PENDING, attempts=0, failure=""):
        jobs.enqueue(DELIVER, str(message.pk))
    return message


def deliver(message_id: UUID) -> None:
    """Try to deliver one message, and arrange the next try if it fails."""
    message = (
        OutgoingWebhook.objects.select_related("endpoint", "generation__model")
        .filter(pk=message_id, status=Status.PENDING)
        .first()
    )
    if message is None:
        return
    if message.endpoint and not message.endpoint.is_enabled:
        states.move(message, Status.FAILED, failure=_("The endpoint is switched off."))
        return
    answer_status, failure = _send(message)
    changes: dict[str, Any] = {
        "attempts": message.attempts + 1,
        "answer_status": answer_status,
        "failure": failure,
        "tried_at": timezone.now(),
    }
    if not failure:
        states.move(message, Status.DELIVERED, **changes)
        return
    if answer_status == requests.codes.gone and message.endpoint:
        WebhookEndpoint.objects.filter(pk=message.endpoint.pk).update(
            is_enabled=False, disabled_because="The receiver answered 410 Gone."
        )
    if message.attempts >= len(PAUSES) or answer_status == requests.codes.gone:
        states.move(message, Status.FAILED, **changes)
        return
    with transaction.atomic():
        OutgoingWebhook.objects.filter(pk=message.pk, status=Status.PENDING).update(**changes)
        jobs.enqueue(DELIVER, str(message.pk), delay=timedelta(seconds=PAUSES[message.attempts]))


def _send(message: OutgoingWebhook) -> tuple[int | None, str]:
    """The status that the receiver answered with, and what went wrong, if anything did."""
    row = selectors.generation_row(message.user_id, message.generation_id)
    content = {
        "type": message.event,
        "timestamp": representations.moment(timezone.now()),
        "data": representations.generation(row, settings.SITE_URL),
    }
    body = json.dumps(content, ensure_ascii=False)
    now = timezone.now()
    signatures = [
        Webhook(secret).sign(msg_id=str(message.pk), timestamp=now, data=body) for secret in _signing_secrets(message)
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "NeuralBox-Webhooks/1",
        "webhook-id": str(message.pk),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    trusted = [message.url] if settings.LOCAL_MODE else []
    try:
        with (
            http.session(trusted_base_urls=trusted) as session,
            session.post(
                message.url, data=body.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer,
        ):
            if 200 <= answer.status_code < 300:
                return answer.status_code, ""
            return answer.status_code, f"HTTP {answer.status_code}"
    except requests.RequestException as error:
        return None, type(error).__name__
