"""The sweep that finds lost work."""

from celery import shared_task

from neuralbox.core import jobs


@shared_task(name="core.sweep")
def sweep() -> None:
    jobs.sweep()
