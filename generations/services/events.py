"""What a generation's owner is told, as it happens.

Events of kind `status` and `asset` are stored and can be resumed from. `progress` and `balance` are only passed on:
whoever missed them learns the present state on connecting. The table is the truth; the channel is a hint.
"""

import json
import logging
from dataclasses import asdict
from functools import lru_cache
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection, transaction

import accounts.selectors
import billing.selectors
from generations.models import Generation

logger = logging.getLogger(__name__)
CHANNEL = "nb:events"


def record(generation: Generation, kind: str, payload: dict[str, Any]) -> None:
    """Store an event in this transaction, and pass it on once it has committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO generations_event (user_id, generation_id, kind, payload) "
            "VALUES (%s, %s, %s, %s) RETURNING id",
            [generation.user_id, generation.pk, kind, json.dumps(payload)],
        )
        event_id = cursor.fetchone()[0]
    pass_on(generation.user_id, kind, payload, generation_id=generation.pk, event_id=event_id)


def status_changed(generation: Generation) -> None:
    """Tell the owner about the status that `generation` has just moved to."""
    record(generation, "status", {"status": generation.status, "error": (generation.error or {}).get("code")})


def balance_changed(user_id: UUID) -> None:
    """Tell the owner's open pages their balance, as it is once this transaction has committed."""
    transaction.on_commit(lambda: _publish_balance(user_id), robust=True)


def _publish_balance(user_id: UUID) -> None:
    balance = asdict(billing.selectors.balance(user_id))
    _publish({"user": str(user_id), "generation": None, "id": None, "event": "balance", "data": balance})


def notices_changed(user_id: UUID) -> None:
    """Tell a person's open pages how many notices are unread, once this transaction has committed."""
    transaction.on_commit(lambda: _publish_unread(user_id), robust=True)


def _publish_unread(user_id: UUID) -> None:
    unread = accounts.selectors.notices(user_id, unread=True).count()
    _publish({"user": str(user_id), "generation": None, "id": None, "event": "notice", "data": {"unread": unread}})


def pass_on(
    user_id: UUID,
    kind: str,
    payload: dict[str, Any],
    *,
    generation_id: UUID | None = None,
    event_id: int | None = None,
) -> None:
    """Send a message to the open event streams of this user, after commit. Lost when the broker is away."""
    message = {
        "user": str(user_id),
        "generation": str(generation_id) if generation_id else None,
        "id": event_id,
        "event": kind,
        "data": payload,
    }
    transaction.on_commit(lambda: _publish(message), robust=True)


def _publish(message: dict[str, Any]) -> None:
    try:
        _redis().publish(CHANNEL, json.dumps(message, ensure_ascii=False))
    except redis.RedisError as error:
        logger.warning("event not passed on: %s", type(error).__name__)


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
