"""How providers do, as their rows say."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers import registry
from providers.models import BalanceReading, HealthChange, ProviderHealth

FRESH_SECONDS = 1.0


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
    """Configured providers that are neither switched off nor out for a lasting reason, as of a second ago at most."""
    global _seen
    seen, now = _seen, time.monotonic()
    if seen is None or now - seen.at > FRESH_SECONDS:
        seen = _seen = _Seen(frozenset(slug for slug, row in health().items() if row.is_out), now)
    return tuple(slug for slug in registry.configured() if slug not in seen.out)


def forget() -> None:
    """Have this process read anew at the next question."""
    global _seen
    _seen = None


def changes(provider: str, limit: int = 20) -> Sequence[HealthChange]:
    """The newest changes of its health, newest first."""
    return list(HealthChange.objects.filter(provider=provider)[:limit])


def balances(provider: str, limit: int = 144) -> Sequence[BalanceReading]:
    """The newest readings, newest first: a day of them."""
    return list(BalanceReading.objects.filter(provider=provider)[:limit])
