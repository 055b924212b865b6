"""Background work that survives crashes: the database is the truth, Celery is the engine.

`enqueue` writes a row in the caller's transaction and publishes a Celery message once it has committed.
A worker claims the row with a lease, does the work and deletes the row. A lease is renewed by the worker's
heartbeat while it lives; when the worker is killed, or the broker loses the message, the sweep publishes
the row again. So every job may run twice, late, or after a crash: it must bear that.
"""

import functools
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import redis
from celery import current_app, shared_task
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from neuralbox.core import ids

logger = logging.getLogger(__name__)

LEASE_SECONDS = 8
HEARTBEAT_SECONDS = 2
REPUBLISH_AFTER_SECONDS = 8
CROWDED_QUEUE = 200


@dataclass(frozen=True, slots=True)
class JobKind:
    """How a job is run: its Celery queue, and how often it may fail before a person has to look."""

    name: str
    queue: str
    max_attempts: int


_kinds: dict[str, JobKind] = {}


def job(*, name: str, queue: str = "default", max_attempts: int = 12) -> Callable[[Callable[..., None]], Any]:
    """Declare a function as the durable job `name`. Use in an app's `tasks.py`; arguments are ids, not objects."""

    def declare(function: Callable[..., None]) -> Any:
        kind = _kinds[name] = JobKind(name, queue, max_attempts)

        @shared_task(name=name)
        @functools.wraps(function)
        def run(job_id: str, *args: Any) -> None:
            _run_claimed(kind, UUID(job_id), function, args)

        return run

    return declare


def enqueue(name: str, *args: int | str, delay: timedelta = timedelta(0)) -> UUID:
    """Have the job `name` run once this transaction has committed, `delay` later. Returns the job's id."""
    job_id = ids.new()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core_enqueue(%s, %s, %s, make_interval(secs => %s))",
            [job_id, name, json.dumps(args), delay.total_seconds()],
        )
    if not delay:
        publish_after_commit(job_id, name, args)
    return job_id


def publish_after_commit(job_id: UUID, name: str, args: Iterable[Any]) -> None:
    """Tell the workers about a row that this transaction wrote, once it has committed."""
    message = [str(job_id), *args]
    transaction.on_commit(lambda: _publish(name, message), robust=True)


def hint(name: str) -> None:
    """Ask for a periodic task to run now rather than at its next time. Lost when the broker is away."""
    _publish(name, [])


def _publish(name: str, message: list[Any]) -> bool:
    """Send one message. False when the broker is away: the sweep will try again."""
    try:
        current_app.send_task(name, args=message, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
        logger.warning("job message not published: %s (%s)", name, type(error).__name__)
        return False
    return True


def route(name: str, *_message: Any, **_options: Any) -> dict[str, str] | None:
    """Celery's router for jobs: each kind has its queue."""
    kind = _kinds.get(name)
    return {"queue": kind.queue} if kind else None


def sweep(limit: int = 2000) -> int:
    """Publish jobs that are due and that nobody works on. Returns how many."""
    crowded = _crowded_kinds()
    if crowded is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, args FROM core_due_jobs(%s, %s, %s)", [limit, REPUBLISH_AFTER_SECONDS, crowded]
        )
        due = cursor.fetchall()
    published = 0
    for job_id, name, args in due:
        arguments = json.loads(args) if isinstance(args, str) else args
        if not _publish(name, [str(job_id), *arguments]):
            _forget_publishing([row[0] for row in due[published:]])
            break
        published += 1
    return published


def _crowded_kinds() -> list[str] | None:
    """Kinds of jobs whose queue is so long that their messages surely still wait there. None: the broker is away."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as broker:
            lengths = {queue: broker.llen(queue) for queue in {kind.queue for kind in _kinds.values()}}
    except redis.RedisError:
        return None
    return [kind.name for kind in _kinds.values() if lengths[kind.queue] > CROWDED_QUEUE]


def _forget_publishing(job_ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET published_at = NULL WHERE id = ANY(%s)", [job_ids])


def _run_claimed(kind: JobKind, job_id: UUID, function: Callable[..., None], args: tuple[Any, ...]) -> None:
    attempts = _claim(job_id)
    if attempts is None:
        return
    _heartbeat.hold(job_id)
    try:
        function(*args)
    except Exception as error:
        logger.exception("job failed", extra={"job": kind.name, "job_id": str(job_id), "attempts": attempts})
        _reschedule(kind, job_id, attempts, error)
    else:
        _done(job_id)
    finally:
        _heartbeat.let_go(job_id)


def _claim(job_id: UUID) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE core_job SET leased_until = now() + make_interval(secs => %s), attempts = attempts + 1
               WHERE id = %s AND gave_up_at IS NULL AND run_at <= now() + interval '1 second'
                 AND (leased_until IS NULL OR leased_until < now())
               RETURNING attempts""",
            [LEASE_SECONDS, job_id],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _done(job_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_job WHERE id = %s", [job_id])


def _reschedule(kind: JobKind, job_id: UUID, attempts: int, error: Exception) -> None:
    """Try again later: 2, 4, 8 … 300 seconds, with jitter. After the last attempt a person has to look."""
    pause = min(300.0, 2.0**attempts) * random.uniform(0.7, 1.3)  # noqa: S311
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE core_job SET leased_until = NULL, published_at = NULL, last_error = %s,
                          run_at = now() + make_interval(secs => %s),
                          gave_up_at = CASE WHEN %s THEN now() END
                   WHERE id = %s""",
                [type(error).__name__, pause, attempts >= kind.max_attempts, job_id],
            )
    except DatabaseError:
        logger.warning("job not rescheduled, its lease will run out", extra={"job_id": str(job_id)})


class _Heartbeat:
    """Renews the leases of all jobs that this process is running, from one background thread."""

    def __init__(self) -> None:
        self._running: set[UUID] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hold(self, job_id: UUID) -> None:
        with self._lock:
            self._running.add(job_id)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._beat, name="job-leases", daemon=True)
                self._thread.start()

    def let_go(self, job_id: UUID) -> None:
        with self._lock:
            self._running.discard(job_id)

    def _beat(self) -> None:
        idle_beats = 0
        while idle_beats < 30:
            time.sleep(HEARTBEAT_SECONDS)
            with self._lock:
                running = list(self._running)
                idle_beats = 0 if running else idle_beats + 1
                if idle_beats >= 30:
                    self._thread = None
            if running:
                self._renew(running)

    def _renew(self, running: list[UUID]) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    """UPDATE core_job SET leased_until = now() + make_interval(secs => %s)
                       WHERE id = ANY(%s) AND leased_until IS NOT NULL""",
                    [LEASE_SECONDS, running],
                )
        except DatabaseError:
            logger.warning("job leases not renewed")
        finally:
            connection.close()


_heartbeat = _Heartbeat()
