"""What an API key was used for, by day. Higher apps add their figures, such as tokens, without being imported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import ApiKey, ApiKeyDay

# `source(api_key, since)` answers figures by day (UTC) from that day on.
Source = Callable[[ApiKey, date], Mapping[date, int]]

LONGEST_DAYS = 90
_sources: dict[str, Source] = {}


@dataclass(slots=True)
class Day:
    """One day of a key: `figures` holds what other apps add, by name."""

    day: date
    calls: int = 0
    errors: int = 0
    figures: dict[str, int] = field(default_factory=dict)


def add_source(name: str, source: Source) -> None:
    """Have `source` shown beside calls and errors under `name`. Call it in an AppConfig's `ready`."""
    _sources[name] = source


def by_day(api_key: ApiKey, days: int = 30) -> list[Day]:
    """The last `days` days, today last; days without any use have zeros."""
    today = timezone.now().date()
    since = today - timedelta(days=min(max(days, 1), LONGEST_DAYS) - 1)
    dates = [since + timedelta(days=number) for number in range((today - since).days + 1)]
    found = {day: Day(day) for day in dates}
    for row in ApiKeyDay.objects.filter(api_key=api_key, day__gte=since):
        if row.day in found:
            found[row.day].calls, found[row.day].errors = row.calls, row.errors
    for name, source in _sources.items():
        figures = source(api_key, since)
        for day, here in found.items():
            here.figures[name] = figures.get(day, 0)
    return list(found.values())
