"""Calls with API keys are noted: first in Redis, in one step that never holds up an answer, then in the tables."""

import json
import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection, transaction

from neuralbox.core import ids

logger = logging.getLogger(__name__)
WAITING = "nb:api-calls"
PORTION = 1000
# What waits longer than the sweep can take is dropped, oldest first: the log is for people, not for the books.
MOST_WAITING = 200_000
REST_AFTER_FAILURE_SECONDS = 5.0

# One statement: a call that is written twice counts once, and a key that has gone meanwhile takes its calls along.
_STORE = """
WITH fresh AS (
    INSERT INTO accounts_apicall (id, api_key_id, method, route, status, milliseconds, ip, created_at)
    SELECT c.id, c.api_key_id, c.method, c.route, c.status, c.milliseconds, c.ip, c.created_at
    FROM jsonb_to_recordset(%s::jsonb) AS c(
        id uuid, api_key_id uuid, method text, route text, status int, milliseconds int, ip inet,
        created_at timestamptz
    )
    WHERE EXISTS (SELECT 1 FROM accounts_apikey k WHERE k.id = c.api_key_id)
    ON CONFLICT (id) DO NOTHING
    RETURNING api_key_id, (created_at AT TIME ZONE 'UTC')::date AS day, status
)
INSERT INTO accounts_apikeyday (api_key_id, day, calls, errors)
SELECT api_key_id, day, count(*), count(*) FILTER (WHERE status >= 400) FROM fresh GROUP BY api_key_id, day
ON CONFLICT (api_key_id, day) DO UPDATE
SET calls = accounts_apikeyday.calls + excluded.calls, errors = accounts_apikeyday.errors + excluded.errors
"""
_resting_until = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `route` is the address's pattern, so no id and no parameter stands in it."""

    api_key_id: UUID
    method: str
    route: str
    status: int
    milliseconds: int
    ip: str | None


def note(call: Call) -> None:
    """Remember a call. Lost when Redis is away, which is then left alone for some seconds."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return
    row = asdict(call) | {"id": ids.new(), "created_at": datetime.now(UTC).isoformat()}
    try:
        _redis().rpush(WAITING, json.dumps(row, default=str))
    except redis.RedisError as error:
        _resting_until = time.monotonic() + REST_AFTER_FAILURE_SECONDS
        logger.warning("calls with keys are not noted: Redis does not answer (%s)", type(error).__name__)


def store() -> int:
    """Move what waits into the tables. Returns how many calls; 0 also when another process is at it."""
    moved = 0
    _redis().ltrim(WAITING, -MOST_WAITING, -1)
    while portion := _store_portion():
        moved += portion
        if portion < PORTION:
            break
    return moved


def _store_portion() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('accounts.api_calls', 0))")
        if not cursor.fetchone()[0]:
            return 0
        rows = [json.loads(row) for row in _redis().lrange(WAITING, 0, PORTION - 1)]
        if rows:
            cursor.execute(_STORE, [json.dumps(rows)])
            # Within the lock: nobody else takes the same rows off. A crash before the commit stores them again.
            transaction.on_commit(lambda: _redis().ltrim(WAITING, len(rows), -1))
    return len(rows)


@lru_cache(maxsize=1)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def _redis() -> redis.Redis:
    return _client(settings.REDIS_URL)
