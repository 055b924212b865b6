"""Background jobs and the periodic sweeps of generations."""

from uuid import UUID

from celery import shared_task

from generations.services import history, outgoing_webhooks, polls, reconciliation, results, spools, submissions, sweeps
from neuralbox.core.jobs import job


@job(name="generations.submit", queue="submit")
def submit(generation_id: str) -> None:
    submissions.submit(UUID(generation_id))


@job(name="generations.save_results", queue="download")
def save_results(task_id: str) -> None:
    results.save(UUID(task_id))


@job(name="generations.cancel_at_provider", queue="submit", max_attempts=3)
def cancel_at_provider(task_id: str) -> None:
    submissions.cancel_at_provider(UUID(task_id))


@job(name="generations.ask_provider", queue="poll", max_attempts=3)
def ask_provider(task_id: str) -> None:
    polls.ask_about(UUID(task_id))


@shared_task(name="generations.poll_due")
def poll_due() -> None:
    polls.poll_due()


@shared_task(name="generations.sweep")
def sweep() -> None:
    sweeps.sweep()


@shared_task(name="generations.clear_spools")
def clear_spools() -> None:
    spools.clear_abandoned()


@job(name="generations.delete_files")
def delete_files(*keys: str) -> None:
    history.delete_files(keys)


@job(name="generations.announce_end", queue="webhook")
def announce_end(generation_id: str) -> None:
    outgoing_webhooks.announce(UUID(generation_id))


@job(name="generations.deliver_webhook", queue="webhook")
def deliver_webhook(message_id: str) -> None:
    outgoing_webhooks.deliver(UUID(message_id))


@shared_task(name="generations.check_books")
def check_books() -> None:
    reconciliation.check()
