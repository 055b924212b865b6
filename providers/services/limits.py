"""How many submissions a provider is sent: counted in Valkey, in one atomic script, for all workers together.

At most `requests` are let through within any `per_seconds`, counted exactly and not in turning windows. Who must wait
gets a time of their own and keeps it, so that a thousand waiting ones do not all come back at once, and those who come
later do not overtake them. Nobody waits here: the caller puts its work off.

When Valkey does not answer, nothing is sent: a limit that cannot be counted cannot be kept.
"""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings

from providers import registry
from providers.models import ProviderHealth

logger = logging.getLogger(__name__)

SOCKET_SECONDS = 1.0
WITHOUT_VALKEY_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 300.0
# A permit is given some time before the request arrives there. So our window is longer than theirs.
_GUARD = 1.1
# Who has a time and does not come is forgotten after this long.
_FORGET_AFTER_MS = 30_000

# KEYS: what was let through; who waits, with their times; a pause that the provider asked for. All times in ms.
# Returns how long to wait; 0: go.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local limit, window, caller = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local pause = math.max(redis.call('PTTL', KEYS[3]), 0)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[5]))
local mine = redis.call('ZSCORE', KEYS[2], caller)
local free = limit - redis.call('ZCARD', KEYS[1])
if not mine then free = free - redis.call('ZCOUNT', KEYS[2], '-inf', now) end
if pause == 0 and free > 0 then
    redis.call('ZADD', KEYS[1], now, ARGV[4])
    redis.call('ZREM', KEYS[2], caller)
    redis.call('PEXPIRE', KEYS[1], window)
    return 0
end
if mine and tonumber(mine) > now + pause then return math.ceil(tonumber(mine) - now) end
if mine then redis.call('ZREM', KEYS[2], caller) end
local waiting = redis.call('ZCARD', KEYS[2])
local before
if waiting >= limit then
    before = redis.call('ZREVRANGE', KEYS[2], limit - 1, limit - 1, 'WITHSCORES')[2]
else
    before = redis.call('ZREVRANGE', KEYS[1], limit - waiting - 1, limit - waiting - 1, 'WITHSCORES')[2]
end
local slot = now + math.max(pause, 1)
if before then slot = math.max(slot, tonumber(before) + window) end
if mine and not before then slot = now + math.max(pause, math.floor(window / limit), 1) end
redis.call('ZADD', KEYS[2], slot, caller)
redis.call('PEXPIRE', KEYS[2], slot - now + tonumber(ARGV[5]))
return math.ceil(slot - now)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """`requests` in any `per_seconds`, and `concurrent` tasks at once (None: no such limit)."""

    requests: int
    per_seconds: int
    concurrent: int | None


def limits_of(row: ProviderHealth) -> Limits:
    """What staff decided, and for the rest what the provider publishes."""
    facts = registry.adapter(row.provider).facts
    if row.requests and row.per_seconds:
        rate = (row.requests, row.per_seconds)
    else:
        rate = (facts.requests, facts.per_seconds)
    return Limits(*rate, row.concurrent if row.concurrent is not None else facts.concurrent)


def take(row: ProviderHealth, caller: str) -> float:
    """Ask to send one submission. 0: go, it is counted. Otherwise the seconds after which `caller` should ask again."""
    limits = limits_of(row)
    window = int(limits.per_seconds * 1000 * _GUARD)
    arguments: list[str | int] = [limits.requests, window, caller, uuid.uuid4().hex, _FORGET_AFTER_MS]
    try:
        wait = _store(settings.REDIS_URL).take(keys=_keys(row.provider), args=arguments)
    except redis.RedisError as error:
        logger.warning("nothing is sent to %s: its limit cannot be counted (%s)", row.provider, type(error).__name__)
        return WITHOUT_VALKEY_SECONDS
    return int(wait) / 1000


def leave(provider: str, caller: str) -> None:
    """Give up a time that `take` named: the work went elsewhere."""
    try:
        _store(settings.REDIS_URL).client.zrem(_keys(provider)[1], caller)
    except redis.RedisError:
        logger.info("a place in the queue of %s is kept until it lapses", provider)


def pause(provider: str, seconds: float) -> None:
    """Send nothing for so long: the provider said that it is too much."""
    milliseconds = int(min(max(seconds, 0.1), LONGEST_PAUSE_SECONDS) * 1000)
    try:
        _store(settings.REDIS_URL).client.set(_keys(provider)[2], 1, px=milliseconds)
    except redis.RedisError as error:
        logger.warning("the pause of %s is not shared (%s)", provider, type(error).__name__)


def waiting(provider: str) -> int:
    """How many wait for their time. 0 when Valkey does not answer."""
    try:
        return int(_store(settings.REDIS_URL).client.zcard(_keys(provider)[1]))
    except redis.RedisError:
        return 0


def forget(provider: str) -> None:
    """Start counting anew."""
    _store(settings.REDIS_URL).client.delete(*_keys(provider))


def _keys(provider: str) -> list[str]:
    """Per provider and API key. The braces keep them on one node of a cluster."""
    secret = str(getattr(settings, f"{provider.upper()}_API_KEY", ""))
    account = hashlib.sha256(secret.encode()).hexdigest()[:12]
    return [f"nb:provider:{{{provider}:{account}}}:{what}" for what in ("sent", "waiting", "pause")]


class _Store:
    """One connection pool and the script on it."""

    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(
            url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, retry=None
        )
        self.take = self.client.register_script(_TAKE)


@lru_cache(maxsize=4)
def _store(url: str) -> _Store:
    return _Store(url)
