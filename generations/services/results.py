"""Bringing outputs home: each is streamed to our storage and checked; only then has the generation succeeded."""

import dataclasses
import logging
import time
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction

from generations.models import Asset, Generation, ProviderTask
from generations.services import catalogue, earlier_results, events, files, lifecycle
from generations.services.files import OutputTooLarge, StoredOutput, WrongContent
from neuralbox.core import ids, jobs
from providers import registry
from providers.base import Output, TaskStatus
from providers.calls import OutputGone
from providers.errors import ProviderUnavailable, TaskNotFound

# As long as a job may run; a large film on a slow line takes minutes.
FETCH_WITHIN_SECONDS = 240.0

logger = logging.getLogger(__name__)


def save(task_id: UUID) -> None:
    """Store the outputs of a task that its provider finished, then settle the generation.

    May be repeated: what is stored already is not fetched again. Raises ProviderUnavailable, to be tried later.
    """
    task = ProviderTask.objects.select_related("generation__model").filter(pk=task_id).first()
    if task is None:
        return
    generation = task.generation
    promised = catalogue.by_version(generation.version_id).results
    stored = set(generation.assets.values_list("position", flat=True))
    for position, output in enumerate(earlier_results.promised(task, promised.kind)):
        if position not in stored:
            _save_one(generation, task, position, output, limit_bytes=promised.limit_bytes)
    settle(generation)


def _save_one(generation: Generation, task: ProviderTask, position: int, output: Output, *, limit_bytes: int) -> None:
    try:
        kept = _fetched(generation, task, position, output, limit_bytes)
    except (WrongContent, OutputTooLarge) as error:
        logger.warning("output refused", extra={"task": str(task.pk), "reason": str(error)})
        return
    _record(generation, position, kept)


def _fetched(
    generation: Generation, task: ProviderTask, position: int, output: Output, limit_bytes: int
) -> StoredOutput:
    """The output in our storage, byte for byte. A link that has died is renewed, once.

    Raises ProviderUnavailable, WrongContent and OutputTooLarge.
    """
    folder = f"results/{generation.user_id}/{generation.pk}/{position}"
    try:
        return _stored(task, output, folder, limit_bytes)
    except OutputGone:
        renewed = _renewed(task, output.kind)
        if position >= len(renewed) or renewed[position].url == output.url:
            raise
        return _stored(task, renewed[position], folder, limit_bytes)


def _stored(task: ProviderTask, output: Output, folder: str, limit_bytes: int) -> StoredOutput:
    with registry.adapter(task.provider).open_output(output) as download:
        if download.content_length is not None and download.content_length > limit_bytes:
            raise OutputTooLarge(f"announces {download.content_length} bytes")
        return files.store_output(
            bounded(download.chunks, seconds=FETCH_WITHIN_SECONDS),
            folder=folder,
            kind=output.kind,
            limit_bytes=limit_bytes,
        )


def bounded(chunks: Iterable[bytes], *, seconds: float) -> Iterator[bytes]:
    """The same bytes, as long as they arrive in time: a body that drips holds no worker for ever.

    Raises ProviderUnavailable.
    """
    deadline = time.monotonic() + seconds
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise ProviderUnavailable("the result arrives too slowly")
        yield chunk


def _renewed(task: ProviderTask, kind: str) -> list[Output]:
    """The task's outputs with the links that the provider gives for them now, of the kind that was promised."""
    try:
        report = registry.adapter(task.provider).fetch(task.external_id)
    except TaskNotFound as error:
        raise ProviderUnavailable("the provider has forgotten the task and its results") from error
    if report.status != TaskStatus.SUCCEEDED or len(report.outputs) != len(task.outputs):
        return []
    task.outputs = [dataclasses.asdict(output) for output in report.outputs]
    ProviderTask.objects.filter(pk=task.pk).update(outputs=task.outputs)
    return earlier_results.promised(task, kind)


def _record(generation: Generation, position: int, kept: StoredOutput) -> None:
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
