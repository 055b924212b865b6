"""How providers do, as their rows say."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Q
from redis.exceptions import RedisError

from providers import registry
from providers.models import BalanceReading, Deletion, HealthChange, ProviderHealth

FRESH_SECONDS = 1.0
KEPT_SECONDS = 60
OUT_KEY = "providers:out"


def health() -> Mapping[str, ProviderHealth]:
    """By slug, the row of every provider in the registry; an unsaved one where nothing was ever written. One query."""
    rows = {row.provider: row for row in ProviderHealth.objects.all()}
    return {slug: rows.get(slug) or ProviderHealth(provider=slug) for slug in registry.ADAPTERS}


@dataclass(frozen=True, slots=True)
class _Seen:
    out: frozenset[str]
    at: float


_seen: _Seen | None = None


def offered() -> tuple[str, ...]:
    """Configured providers that are neither switched off nor out for a lasting reason, as of a second ago or two.

    Asked for with every order, so it usually costs nothing, and otherwise a read of the cache.
    """
    global _seen
    seen, now = _seen, time.monotonic()
    if seen is None or now - seen.at > FRESH_SECONDS:
        seen = _seen = _Seen(_out(), now)
    return tuple(slug for slug in registry.configured() if slug not in seen.out)


def _out() -> frozenset[str]:
    with contextlib.suppress(RedisError):
        kept = cache.get(OUT_KEY)
        if kept is not None:
            return frozenset(kept)
    out = frozenset(slug for slug, row in health().items() if row.is_out)
    with contextlib.suppress(RedisError):
        cache.set(OUT_KEY, sorted(out), KEPT_SECONDS)
    return out


def forget() -> None:
    """Have everybody read anew: a provider was taken out, or came back."""
    global _seen
    _seen = None
    with contextlib.suppress(RedisError):
        cache.delete(OUT_KEY)


def changes(provider: str, limit: int = 20) -> Sequence[HealthChange]:
    """The newest changes of its health, newest first."""
    return list(HealthChange.objects.filter(provider=provider)[:limit])


def balances(provider: str, limit: int = 144) -> Sequence[BalanceReading]:
    """The newest readings, newest first: a day of them."""
    return list(BalanceReading.objects.filter(provider=provider)[:limit])


def deletions(provider: str, limit: int = 12) -> Sequence[Deletion]:
    """The newest things that it was asked to erase, newest first, given up ones before all others."""
    mine = Deletion.objects.filter(provider=provider).alias(is_over=Q(status=Deletion.Status.GAVE_UP))
    return list(mine.order_by("-is_over", "-id")[:limit])
