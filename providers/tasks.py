"""Background jobs of providers."""

from uuid import UUID

from celery import shared_task

from neuralbox.core.jobs import job
from providers.services import alerts, deletions, health


@shared_task(name="providers.probe_due")
def probe_due() -> None:
    health.probe_due()


@shared_task(name="providers.read_balances")
def read_balances() -> None:
    health.read_balances()


@job(name="providers.alert_staff", queue="mail", max_attempts=6)
def alert_staff(provider: str, reason: str) -> None:
    alerts.tell_staff(provider, reason)


@job(name=deletions.JOB, queue="poll")
def delete(deletion_id: str) -> None:
    deletions.send(UUID(deletion_id))
