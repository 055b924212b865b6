"""Jobs and clocks of legal."""

from uuid import UUID

from celery import shared_task

from legal.services import deletions, documents, exports, retention
from neuralbox.core.jobs import job


@job(name="legal.announce_document")
def announce_document(version_id: str) -> None:
    documents.announce(UUID(version_id))


@job(name="legal.make_export", queue="download")
def make_export(export_id: str) -> None:
    exports.make_part(UUID(export_id))


@job(name="legal.erase")
def erase(request_id: str) -> None:
    deletions.erase(UUID(request_id))


@shared_task(name="legal.start_erasures")
def start_erasures() -> None:
    """Every quarter of an hour, by beat: erasures whose time has come, or that stopped half way."""
    deletions.start_due()


@shared_task(name="legal.expire_exports")
def expire_exports() -> None:
    """Every half hour, by beat."""
    exports.expire()


@shared_task(name="legal.retention")
def purge() -> None:
    """Nightly, by beat. What a crash leaves is done the next night."""
    retention.run()
    deletions.watch()
