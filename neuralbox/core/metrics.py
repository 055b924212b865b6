"""Figures for Prometheus: requests of this process, and what stands in the database at the moment of asking.

An app adds its own with `register(collect)`. With several web processes, `PROMETHEUS_MULTIPROC_DIR` names an empty
folder where they share their counters.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

request_seconds = Histogram(
    "neuralbox_request_seconds",
    "Time until the answer began, by route, method and status",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

Collect = Callable[[], Iterable[Metric]]
_collects: list[Collect] = []


def register(collect: Collect) -> None:
    """Have `collect` asked for its figures at each scrape. It should run a few cheap queries."""
    if collect not in _collects:
        _collects.append(collect)


class _FromTheDatabase:
    """Prometheus' interface of a collector, over all registered functions."""

    def collect(self) -> Iterator[Metric]:
        for collect in _collects:
            yield from collect()

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are known only when asked."""
        return iter(())


def exposition() -> tuple[bytes, str]:
    """All figures in Prometheus' text format, and its content type."""
    stored = CollectorRegistry()
    stored.register(_FromTheDatabase())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(stored)
        return generate_latest(stored), CONTENT_TYPE_LATEST
    return generate_latest(REGISTRY) + generate_latest(stored), CONTENT_TYPE_LATEST


class RequestMetricsMiddleware:
    """Measures each request under its route, never its path: an id is not a label."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        started = time.perf_counter()
        response: HttpResponse = self.get_response(request)
        _observe(request, response, started)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response: HttpResponse = await self.get_response(request)
        _observe(request, response, started)
        return response


def _observe(request: HttpRequest, response: HttpResponse, started: float) -> None:
    match = request.resolver_match
    route = match.route if match else "unknown"
    method = request.method if request.method in {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"} else "other"
    request_seconds.labels(route, method, response.status_code).observe(time.perf_counter() - started)


def jobs() -> Iterator[Metric]:
    """The queue of durable jobs, for an alarm when the oldest one waits too long or when jobs were given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FILTER (WHERE gave_up_at IS NULL AND run_at <= now() AND leased_until IS NULL),
                      count(*) FILTER (WHERE leased_until > now()),
                      count(*) FILTER (WHERE gave_up_at IS NOT NULL),
                      coalesce(extract(epoch FROM now() - min(run_at) FILTER (
                          WHERE gave_up_at IS NULL AND run_at <= now() AND leased_until IS NULL)), 0)
               FROM core_job"""
        )
        waiting, running, given_up, oldest = cursor.fetchone() or (0, 0, 0, 0)
    counts = GaugeMetricFamily("neuralbox_jobs", "Durable jobs by state", labels=["state"])
    for state, count in (("waiting", waiting), ("running", running), ("given_up", given_up)):
        counts.add_metric([state], count)
    yield counts
    yield GaugeMetricFamily("neuralbox_oldest_job_seconds", "How long the oldest due job has waited", value=oldest)
