"""What generations hold about a person: prompts, inputs, results, uploads."""

from collections.abc import Iterable
from typing import Any

from generations.models import Asset, ContentAccess, Event, Generation, IdempotencyKey, Quote, Upload, WebhookEndpoint
from generations.services import files
from neuralbox.core.personal_data import NotYet


class Generations:
    """Prompts and results go; the ledger, below, keeps what was paid without the content."""

    name = "generations"
    models: Iterable[str] = (
        "generations.Generation",
        "generations.ProviderTask",
        "generations.WebhookDelivery",
        "generations.Asset",
        "generations.Upload",
        "generations.Quote",
        "generations.Event",
        "generations.IdempotencyKey",
        "generations.WebhookEndpoint",
        "generations.OutgoingWebhook",
        "generations.ContentAccess",
    )

    def export(self, user: Any) -> dict[str, Any]:
        generations = Generation.objects.filter(user=user).order_by("created_at")
        columns = ("id", "model__slug", "status", "input", "metadata", "tokens_quoted", "tokens_captured", "created_at")
        return {
            "generations": list(generations.values(*columns, "finished_at", "provider", "source", "hidden")),
            "assets": list(
                Asset.objects.filter(generation__user=user).values("id", "generation_id", "mime", "bytes", "sha256")
            ),
            "providers_that_received_prompts": list(
                generations.filter(tasks__prompt_sent_at__isnull=False).values(
                    "id", "tasks__provider", "tasks__prompt_sent_at"
                )
            ),
            "webhook_endpoints": list(
                WebhookEndpoint.objects.filter(user=user).values("id", "url", "events", "is_enabled", "created_at")
            ),
            "content_opened_by_staff": list(
                ContentAccess.objects.filter(user=user).values("generation_id", "reason", "created_at")
            ),
            "uploads": list(Upload.objects.filter(user=user).values("id", "name", "mime", "bytes", "created_at")),
        }

    def erase(self, user: Any) -> None:
        """The access log stays: it proves who saw what. Raises NotYet while a generation is being made."""
        if Generation.objects.filter(user=user, status__in=Generation.ACTIVE).exists():
            raise NotYet("a generation is being made")
        files.delete_all_of(user.pk)
        IdempotencyKey.objects.filter(user=user).delete()
        WebhookEndpoint.objects.filter(user=user).delete()
        Event.objects.filter(user=user).delete()
        Generation.objects.filter(user=user).delete()
        Quote.objects.filter(user=user).delete()
        Upload.objects.filter(user=user).delete()
