"""How well models and providers do, from our own work of the last day."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

WINDOW = timedelta(hours=24)
# The newest are looked at, and no more: the answer costs the same however much was ordered in a day.
LOOKED_AT = 20_000
ENOUGH = 5
# A prompt that breaks the rules, or settings that are refused, say nothing about health.
FAULTS_OF_INPUT = ("moderation", "rejected")

_MODELS = """
    WITH recent AS (
        SELECT model_id, status, error ->> 'code' AS code, created_at, finished_at FROM generations_generation
        WHERE created_at >= now() - %(window)s ORDER BY created_at DESC, id DESC LIMIT %(looked_at)s
    )
    SELECT model.slug, count(*) AS finished, count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - recent.created_at))
            FILTER (WHERE status = 'succeeded') AS seconds
    FROM recent JOIN generations_model AS model ON model.id = recent.model_id
    WHERE status = 'succeeded' OR (status = 'failed' AND NOT coalesce(code, '') = ANY(%(faults)s))
    GROUP BY model.slug
"""
_PROVIDERS = """
    WITH recent AS (
        SELECT id FROM generations_generation
        WHERE created_at >= now() - %(window)s ORDER BY created_at DESC, id DESC LIMIT %(looked_at)s
    )
    SELECT task.provider, count(*) AS finished, count(*) FILTER (WHERE task.status = 'succeeded') AS succeeded,
        percentile_cont(ARRAY[0.5, 0.95])
            WITHIN GROUP (ORDER BY extract(epoch FROM task.finished_at - task.prompt_sent_at))
            FILTER (WHERE task.status = 'succeeded') AS seconds
    FROM recent JOIN generations_providertask AS task ON task.generation_id = recent.id
    WHERE task.status = 'succeeded' OR (task.status = 'failed' AND NOT task.failure_code = ANY(%(faults)s))
    GROUP BY task.provider
"""


def models() -> dict[str, Mapping[str, Any]]:
    """By slug: `finished`, and `success_rate` (0 to 1), `typical_seconds` and `long_seconds`, None below five finished.

    Half succeed within the typical time, and 19 of 20 within the long one.
    """
    return _figures(_MODELS)


def providers() -> dict[str, Mapping[str, Any]]:
    """The same of single attempts, by the provider's slug."""
    return _figures(_PROVIDERS)


def _figures(sql: str) -> dict[str, Mapping[str, Any]]:
    given: dict[str, Any] = {"window": WINDOW, "looked_at": LOOKED_AT, "faults": list(FAULTS_OF_INPUT)}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {name: of(finished, succeeded, waits) for name, finished, succeeded, waits in cursor.fetchall()}


def of(finished: int = 0, succeeded: int = 0, waits: Sequence[float] | None = None) -> Mapping[str, Any]:
    """The figures as they are shown: too few jobs prove nothing, so they are not made into a rate."""
    is_enough = finished >= ENOUGH
    return {
        "success_rate": round(succeeded / finished, 3) if is_enough else None,
        "typical_seconds": round(float(waits[0]), 1) if is_enough and waits else None,
        "long_seconds": round(float(waits[1]), 1) if is_enough and waits else None,
        "finished": finished,
    }
