"""Erasing: what is too old, batch by batch, and everything of one person. Files go with their rows.

Files are removed after the rows that name them have gone, by a job of the same transaction: a crash in between leaves a
job that is done later, and never a row without its file. Providers that offer it are asked in the same way to erase
what they made and what was sent to them; the counts say how often.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from generations.models import (
    Asset,
    ContentAccess,
    Event,
    Generation,
    IdempotencyKey,
    OutgoingWebhook,
    Preset,
    ProviderTask,
    Quote,
    Upload,
    WebhookDelivery,
    WebhookEndpoint,
)
from generations.services import files
from neuralbox.core import jobs
from neuralbox.core.personal_data import Counts
from providers.services import deletions

FILES_PER_JOB = 200


@transaction.atomic
def purge_generations(keys: Sequence[UUID]) -> Counts:
    """Delete ended generations, what hangs on them, and their files."""
    chosen = list(
        Generation.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=keys, status__in=Generation.TERMINAL)
        .values_list("pk", flat=True)
    )
    asked = _erased_at_providers(ProviderTask.objects.filter(generation__in=chosen))
    assets = Asset.objects.filter(generation__in=chosen).values_list("storage_key", "thumbnail_key")
    removed = _remove_later(key for pair in assets for key in pair)
    Generation.objects.filter(retry_of__in=chosen).update(retry_of=None)
    _deleted, per_model = Generation.objects.filter(pk__in=chosen).delete()
    return {**per_model, "files": removed, **asked}


@transaction.atomic
def purge_uploads(keys: Sequence[UUID]) -> Counts:
    """Delete uploads with their files."""
    stored = list(Upload.objects.filter(pk__in=keys).values_list("storage_key", flat=True))
    removed = _remove_later(key for one in stored for key in (one, files.thumbnail_key(one)))
    _deleted, per_model = Upload.objects.filter(pk__in=keys).delete()
    return per_model | {"files": removed}


def purge_quotes(keys: Sequence[UUID]) -> Counts:
    return Quote.objects.filter(pk__in=keys).delete()[1]


def purge_outgoing_webhooks(keys: Sequence[UUID]) -> Counts:
    return OutgoingWebhook.objects.filter(pk__in=keys).delete()[1]


def purge_provider_messages(keys: Sequence[UUID]) -> Counts:
    return WebhookDelivery.objects.filter(pk__in=keys).delete()[1]


def purge_events(keys: Sequence[int]) -> Counts:
    return Event.objects.filter(pk__in=keys).delete()[1]


def purge_access_log(keys: Sequence[UUID]) -> Counts:
    return ContentAccess.objects.filter(pk__in=keys).delete()[1]


def erase_all_of(user_id: UUID) -> Counts:
    """Everything of one person, files first, so that a crash leaves rows to begin again with. May be repeated.

    The access log stays: it proves who of the staff saw what. Its reasons go, they may name the person.
    """
    counts = {"files": files.delete_all_of(user_id)}
    with transaction.atomic():
        counts |= _erased_at_providers(ProviderTask.objects.filter(generation__user_id=user_id))
        for model in (IdempotencyKey, WebhookEndpoint, OutgoingWebhook, Event, Preset):
            counts |= model._default_manager.filter(user_id=user_id).delete()[1]
        Generation.objects.filter(retry_of__user_id=user_id).update(retry_of=None)
        for content in (Generation, Quote, Upload):
            counts |= content._default_manager.filter(user_id=user_id).delete()[1]
        counts["generations.ContentAccess, pseudonymised"] = (
            ContentAccess.objects.filter(user_id=user_id).exclude(reason="erased").update(reason="erased")
        )
    return counts


def _erased_at_providers(tasks: QuerySet[ProviderTask]) -> Counts:
    """Ask the providers of these tasks to erase them and the files sent for them. Returns how often, by provider."""
    named = [
        (provider, name)
        for provider, external_id, uploads in tasks.values_list("provider", "external_id", "uploads")
        for name in (external_id, *uploads)
    ]
    return {f"deletion requests to {provider}": count for provider, count in deletions.ask(named).items()}


def _remove_later(keys: Iterable[str]) -> int:
    """Have these files removed once the transaction is committed. Returns how many."""
    wanted = [key for key in keys if key]
    for start in range(0, len(wanted), FILES_PER_JOB):
        jobs.enqueue("generations.delete_files", *wanted[start : start + FILES_PER_JOB])
    return len(wanted)
