"""Bringing outputs home: each is streamed to our storage and checked; only then has the generation succeeded."""

import dataclasses
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from uuid import UUID

from django.db import connection, transaction

from generations.models import Asset, Generation, ProviderTask
from generations.services import catalogue, earlier_results, events, files, lifecycle
from generations.services.files import OutputTooLarge, StoredOutput, WrongContent, WrongType
from neuralbox.core import ids, jobs
from providers import registry
from providers.base import Output, TaskStatus
from providers.calls import OutputGone
from providers.errors import ProviderUnavailable, TaskNotFound

# As long as a job may run; a large film on a slow line takes minutes.
FETCH_WITHIN_SECONDS = 240.0
FETCHED_AT_ONCE = 4
NO_RESULT, WRONG_TYPE = "no_result", "wrong_type"

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
    wanted = _Wanted(promised.limit_bytes, promised.promised(generation.input))
    stored = set(generation.assets.values_list("position", flat=True))
    outputs = enumerate(earlier_results.promised(task, promised.kind))
    missing = [(position, output) for position, output in outputs if position not in stored]
    failure: ProviderUnavailable | None = None
    last: tuple[int, StoredOutput] | None = None
    for position, kept in _arriving(generation, task, missing, wanted):
        if isinstance(kept, ProviderUnavailable):
            failure = kept
        elif kept is not None:
            if last is not None:
                _finish(generation, last, is_end=False)
            last = (position, kept)
    _finish(generation, last, is_end=failure is None)
    if failure is not None:
        raise failure


@dataclasses.dataclass(frozen=True, slots=True)
class _Wanted:
    """What each file must be: of at most `limit_bytes`, and of one of these media types."""

    limit_bytes: int
    types: tuple[str, ...]


def _arriving(
    generation: Generation, task: ProviderTask, missing: Sequence[tuple[int, Output]], wanted: _Wanted
) -> Iterator[tuple[int, StoredOutput | ProviderUnavailable | None]]:
    """The outputs as they arrive, several fetched at once. None for what is not what it should be."""

    def fetch(position: int, output: Output) -> StoredOutput | ProviderUnavailable | None:
        try:
            return _fetched(generation, task, position, output, wanted)
        except (WrongContent, OutputTooLarge) as error:
            _note_refusal(task, WRONG_TYPE if isinstance(error, WrongType) else NO_RESULT, str(error))
            return None
        except ProviderUnavailable as error:
            return error

    def fetch_in_thread(position: int, output: Output) -> tuple[int, StoredOutput | ProviderUnavailable | None]:
        try:
            return position, fetch(position, output)
        finally:
            connection.close()

    if len(missing) == 1:
        position, output = missing[0]
        yield position, fetch(position, output)
    elif missing:
        with ThreadPoolExecutor(min(FETCHED_AT_ONCE, len(missing)), thread_name_prefix="fetch") as pool:
            for future in as_completed([pool.submit(fetch_in_thread, *one) for one in missing]):
                yield future.result()


def _note_refusal(task: ProviderTask, code: str, reason: str) -> None:
    """Keep with the task why a file of it was not taken: for staff, and for the end of the generation."""
    logger.warning("output refused", extra={"task": str(task.pk), "code": code, "reason": reason})
    ProviderTask.objects.filter(pk=task.pk).update(failure_code=code, failure=reason[:2000])


def _fetched(
    generation: Generation, task: ProviderTask, position: int, output: Output, wanted: _Wanted
) -> StoredOutput:
    """The output in our storage, byte for byte. A link that has died is renewed, once.

    Raises ProviderUnavailable, WrongContent and OutputTooLarge.
    """
    folder = f"results/{generation.user_id}/{generation.pk}/{position}"
    try:
        return _stored(task, output, folder, wanted)
    except OutputGone:
        renewed = _renewed(task, output.kind)
        if position >= len(renewed) or renewed[position].url == output.url:
            raise
        return _stored(task, renewed[position], folder, wanted)


def _stored(task: ProviderTask, output: Output, folder: str, wanted: _Wanted) -> StoredOutput:
    with registry.adapter(task.provider).open_output(output) as download:
        if download.content_length is not None and download.content_length > wanted.limit_bytes:
            raise OutputTooLarge(f"announces {download.content_length} bytes")
        return files.store_output(
            bounded(download.chunks, seconds=FETCH_WITHIN_SECONDS),
            folder=folder,
            kind=output.kind,
            limit_bytes=wanted.limit_bytes,
            promised=wanted.types,
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


@transaction.atomic
def _finish(generation: Generation, arrived: tuple[int, StoredOutput] | None, *, is_end: bool) -> None:
    """Record what arrived, if anything, and after the last of it settle the generation. One transaction for both."""
    locked = lifecycle.lock(generation.pk)
    if arrived is not None:
        _record(locked, *arrived)
    if locked is not None and is_end:
        _settle(locked)


def _record(locked: Generation | None, position: int, kept: StoredOutput) -> None:
    if locked is None or locked.status == Generation.Status.CANCELLED:
        jobs.enqueue("generations.delete_files", *filter(None, (kept.storage_key, kept.thumbnail_key)))
        return
    if locked.assets.filter(position=position).exists():
        return
    asset = Asset.objects.create(
        id=ids.new(),
        generation=locked,
        position=position,
        kind=kept.kind,
        mime=kept.mime,
        bytes=kept.bytes,
        width=kept.width,
        height=kept.height,
        seconds=kept.seconds,
        sha256=kept.sha256,
        storage_key=kept.storage_key,
        thumbnail_key=kept.thumbnail_key,
        is_late=locked.is_terminal,
    )
    events.record(locked, "asset", {"asset": str(asset.pk)})


@transaction.atomic
def settle(generation: Generation) -> None:
    """End a generation whose outputs were fetched: well, if any of them could be kept. Safe to repeat."""
    if locked := lifecycle.lock(generation.pk):
        _settle(locked)


def _settle(locked: Generation) -> None:
    if locked.status != Generation.Status.SAVING:
        return
    offer = catalogue.by_version(locked.version_id)
    delivered = locked.assets.count()
    if delivered == 0:
        refused = locked.tasks.filter(status=ProviderTask.Status.SUCCEEDED, failure_code=WRONG_TYPE).exists()
        lifecycle.fail(locked, WRONG_TYPE if refused else NO_RESULT)
        return
    lifecycle.succeed(locked, delivered=delivered, expected=offer.results.expected(locked.input))
