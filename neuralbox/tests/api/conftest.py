"""What the tests of the whole API share."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from billing.models import Payment
from generations.models import OutgoingWebhook
from generations.tests import samples

ORDER = {"model": "demo-image", "input": {"prompt": "A lighthouse"}}


@pytest.fixture
def hers(catalogue, alice, person_client_of, settings, tmp_path):
    """One of everything that alice can own, by the name that it has in an address."""
    storage = {"BACKEND": "neuralbox.core.storage.LocalStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    client = person_client_of(alice)

    def made(address, body):
        answer = client.post(f"/api/v1/{address}", body, format="json")
        assert answer.status_code in {201, 202}, answer.content
        return answer.json()["id"]

    generation_id = made("generations", ORDER)
    endpoint_id = made("webhook-endpoints", {"url": "https://example.com/hook"})
    message = OutgoingWebhook.objects.create(
        user=alice, endpoint_id=endpoint_id, generation_id=generation_id, url="https://example.com/hook",
        event="generation.succeeded",
    )  # fmt: skip
    picture = SimpleUploadedFile("a.png", samples.image_bytes(), "image/png")
    payment = Payment.objects.create(
        wallet=alice.wallet, gateway="sandbox", status="paid", amount=100, full_amount=100, currency="RUB", tokens=10,
        expires_at=timezone.now(), paid_at=timezone.now(),
    )  # fmt: skip
    return {
        "generation_id": generation_id,
        "payment_id": payment.pk,
        "quote": made("quotes", ORDER),
        "upload_id": client.post("/api/v1/uploads", {"file": picture}, format="multipart").json()["id"],
        "api_key_id": made("me/api-keys", {"name": "hers", "scopes": ["read"]}),
        "preset_id": made("presets", {"model": "demo-image", "name": "Wide", "input": {"aspect_ratio": "16:9"}}),
        "export_id": made("me/exports", {}),
        "notice_id": client.get("/api/v1/me/notices").json()["results"][0]["id"],
        "session_id": client.get("/api/v1/me/sessions").json()[0]["id"],
        "identity_id": client.get("/api/v1/me/identities").json()[0]["id"],
        "endpoint_id": endpoint_id,
        "message_id": message.pk,
    }
