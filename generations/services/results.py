"""Bringing outputs home: each is streamed to our storage and checked; only then has the generation succeeded."""

import logging
from uuid import UUID

from django.db import transaction

from generations.models import Asset, Generation, ProviderTask
from generations.services import catalogue, events, files, lifecycle
from generations.services.files import OutputTooLarge, WrongContent
from neuralbox.core import ids, jobs
from providers import registry
from providers.base import Output

logger = logging.getLogger(__name__)


def save(task_id: UUID) -> None:
    """Store the outputs of a task that its provider finished, then settle the generation.

    May be repeated: what is stored already is not fetched again. Raises ProviderUnavailable, to be tried later.
    """
    task = ProviderTask.objects.select_related("generation__model").filter(pk=task_id).first()
    if task is None:
        return
    generation = task.generation
    stored = set(generation.assets.values_list("position", flat=True))
    for position, output in enumerate(task.outputs):
        if position not in stored:
            _save_one(generation, task, position, Output(**output))
    settle(generation)


def _save_one(generation: Generation, task: ProviderTask, position: int, output: Output) -> None:
    offer = catalogue.by_version(generation.version_id)
    try:
        with registry.adapter(task.provider).open_output(output) as download:
            kept = files.store_output(
                download.chunks,
                folder=f"results/{generation.user_id}/{generation.pk}/{position}",
                kind=output.kind,
                limit_bytes=offer.results.limit_bytes,
            )
    except (WrongContent, OutputTooLarge) as error:
        logger.warning("output refused", extra={"task": str(task.pk), "reason": str(error)})
        return
    with transaction.atomic():
        locked = lifecycle.lock(generation.pk)
        if locked is None or locked.status == Generation.Status.CANCELLED:
            jobs.enqueue("generations.delete_files", *filter(None, (kept.storage_key, kept.thumbnail_key)))
            return
        asset, created = Asset.objects.get_or_create(
            generation=locked,
            position=position,
            defaults={
                "id": ids.new(),
                "kind": kept.kind,
                "mime": kept.mime,
                "bytes": kept.bytes,
                "width": kept.width,
                "height": kept.height,
                "seconds": kept.seconds,
                "sha256": kept.sha256,
                "storage_key": kept.storage_key,
                "thumbnail_key": kept.thumbnail_key,
                "is_late": locked.is_terminal,
            },
        )
        if created:
            events.record(locked, "asset", {"asset": str(asset.pk)})


@transaction.atomic
def settle(generation: Generation) -> None:
    """End a generation whose outputs were fetched: well, if any of them could be kept. Safe to repeat."""
    locked = lifecycle.lock(generation.pk)
    if locked is None or locked.status != Generation.Status.SAVING:
        return
    offer = catalogue.by_version(locked.version_id)
    delivered = locked.assets.count()
    if delivered == 0:
        lifecycle.fail(locked, "no_result")
        return
    lifecycle.succeed(locked, delivered=delivered, expected=offer.results.expected(locked.input))
