"""What the console of providers shows: how each does, what it costs, and whether that is what the catalogue expects.

Bounded at any size of the tables: by a window of time, a number of the newest generations, or an index.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from generations import selectors_status
from generations.catalogue.offers import Offer, OfferedRoute
from generations.catalogue.price_rules import Facts, Unpriced, cost
from generations.models import Generation, ProviderTask
from generations.services import catalogue, inputs
from neuralbox.core.errors import InvalidInput

WINDOW = timedelta(hours=24)
DAYS = 14
LOOKED_AT = 20_000
DAYS_LOOKED_AT = 100_000
FRESH_SECONDS = 20
STUCK_SHOWN = 25
# Of each route so many of its newest results are compared; fewer than the second number prove nothing.
COMPARED, ENOUGH = 40, 5
DRIFT_PERCENT = Decimal(5)

_RECENT = """WITH recent AS (
    SELECT id, model_id, provider, status, tokens_captured, created_at FROM generations_generation
    WHERE created_at >= %s ORDER BY created_at DESC, id DESC LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Now:
    """One provider. Seconds from the order to its end, over attempts that succeeded in the last 24 hours.

    `success` is in per cent of what ended; None, as the seconds, for too few. `at_once` are tasks that it has now.
    """

    at_once: int = 0
    ended: int = 0
    success: int | None = None
    typical: float | None = None
    long: float | None = None
    costs: tuple[tuple[Decimal, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DayOfModel:
    """What one model did at one provider on one day (UTC). `price` and `margin` only where the cost is in USD."""

    day: date
    model: str
    tasks: int
    succeeded: int
    cost: Decimal | None
    currency: str
    tokens: int

    @property
    def price(self) -> Decimal:
        """What its tokens bring us on average, in USD."""
        return (self.tokens * settings.TOKEN_VALUE_USD).quantize(Decimal("0.01"))

    @property
    def margin(self) -> int | None:
        """Per cent of the price that is left after the cost."""
        if self.cost is None or self.currency != "USD" or not self.tokens:
            return None
        price = self.tokens * settings.TOKEN_VALUE_USD
        return int(100 * (price - self.cost) / price)


@dataclass(frozen=True, slots=True)
class Drift:
    """What a route charged us lately, against what the catalogue says of the same inputs."""

    model: str
    route_id: str
    provider_model: str
    samples: int
    expected: Decimal
    actual: Decimal
    currency: str

    @property
    def factor(self) -> Decimal:
        """What the price would have to be multiplied by to keep its relation to the cost."""
        return (self.actual / self.expected).quantize(Decimal("0.001"))

    @property
    def percent(self) -> int:
        return int(((self.factor - 1) * 100).to_integral_value())

    @property
    def is_large(self) -> bool:
        return abs(self.factor - 1) * 100 >= DRIFT_PERCENT


def now() -> Mapping[str, Now]:
    """By provider, at most 20 seconds old. Providers without work are missing."""
    figures: Mapping[str, Now] | None = cache.get("providers:now")
    if figures is None:
        figures = _now()
        cache.set("providers:now", figures, FRESH_SECONDS)
    return figures


def _now() -> dict[str, Now]:
    window = [timezone.now() - WINDOW, LOOKED_AT]
    ended = selectors_status.providers()
    costs: dict[str, list[tuple[Decimal, str]]] = {}
    for provider, currency, amount in _rows(
        """SELECT task.provider, task.cost_currency, sum(task.cost)
           FROM recent JOIN generations_providertask AS task ON task.generation_id = recent.id
           WHERE task.cost IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2""",
        window,
    ):
        costs.setdefault(provider, []).append((amount, currency))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT provider, count(*) FROM generations_providertask
               WHERE status IN ('submitting', 'submitted', 'running', 'unknown') GROUP BY 1"""
        )
        at_once = dict(cursor.fetchall())
    found = {}
    for provider in ended.keys() | costs.keys() | at_once.keys():
        of_it = ended.get(provider) or selectors_status.of()
        rate = of_it["success_rate"]
        found[provider] = Now(
            at_once=at_once.get(provider, 0),
            ended=of_it["finished"],
            success=None if rate is None else round(100 * rate),
            typical=of_it["typical_seconds"],
            long=of_it["long_seconds"],
            costs=tuple(costs.get(provider, ())),
        )
    return found


def days(provider: str) -> Sequence[DayOfModel]:
    """The last two weeks by day and model, newest first. Tokens are those of generations that it served."""
    rows = _rows(
        """SELECT (recent.created_at AT TIME ZONE 'UTC')::date, model.slug, count(*),
               count(*) FILTER (WHERE task.status = 'succeeded'), sum(task.cost), max(task.cost_currency),
               coalesce(sum(recent.tokens_captured) FILTER (
                   WHERE task.status = 'succeeded' AND recent.provider = task.provider), 0)
           FROM recent JOIN generations_providertask AS task ON task.generation_id = recent.id
           JOIN generations_model AS model ON model.id = recent.model_id
           WHERE task.provider = %s GROUP BY 1, 2 ORDER BY 1 DESC, 2""",
        [timezone.now() - timedelta(days=DAYS), DAYS_LOOKED_AT, provider],
    )
    return [DayOfModel(*row) for row in rows]


def _rows(select: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_RECENT + select, parameters)
        return list(cursor.fetchall())


def stuck(provider: str) -> Sequence[ProviderTask]:
    """Open tasks that take longer than their model usually does, three times over, or whose outcome is unknown.

    The oldest first.
    """
    open_tasks = (
        ProviderTask.objects.filter(provider=provider, status__in=ProviderTask.OPEN)
        .select_related("generation__model", "generation__version")
        .defer("outputs", "generation__input", "generation__prompt", "generation__metadata")
        .order_by("prompt_sent_at")[: 10 * STUCK_SHOWN]
    )
    return [task for task in open_tasks if _is_stuck(task)][:STUCK_SHOWN]


def _is_stuck(task: ProviderTask) -> bool:
    waited = timezone.now() - (task.prompt_sent_at or task.created_at)
    usual = timedelta(seconds=task.generation.version.typical_seconds)
    return task.status == ProviderTask.Status.UNKNOWN or waited > 3 * usual


def drifts(provider: str) -> Sequence[Drift]:
    """The provider's routes whose costs are known, those that drifted most first. Two queries."""
    found = [drift for _offer, drift in _drifts(provider)]
    return sorted(found, key=lambda drift: abs(drift.factor - 1), reverse=True)


def drift_of(provider: str, route_id: str) -> tuple[Offer, Drift] | None:
    """One route's drift with its model; None when too little is known about it."""
    return next(((offer, drift) for offer, drift in _drifts(provider) if drift.route_id == route_id), None)


def _drifts(provider: str) -> Iterator[tuple[Offer, Drift]]:
    samples = _samples(provider)
    for offer in catalogue.listed():
        for route in offer.routes:
            if route.provider != provider or route.cost_rule is None:
                continue
            compared = [
                (expected, task.cost)
                for task in samples.get(route.id, ())
                if task.cost is not None
                and task.cost_currency == route.cost_currency
                and (expected := _expected(offer, route, task.generation))
            ]
            if len(compared) >= ENOUGH:
                yield (
                    offer,
                    Drift(
                        model=offer.slug,
                        route_id=str(route.id),
                        provider_model=route.provider_model,
                        samples=len(compared),
                        expected=sum((one for one, _actual in compared), Decimal(0)),
                        actual=sum((actual for _expected, actual in compared), Decimal(0)),
                        currency=route.cost_currency,
                    ),
                )


def _samples(provider: str) -> Mapping[UUID, list[ProviderTask]]:
    """The newest results with a known cost, by their route."""
    keys = _rows(
        """SELECT id FROM (
               SELECT task.id, row_number() OVER (PARTITION BY task.route_id ORDER BY task.id DESC) AS place
               FROM recent JOIN generations_providertask AS task ON task.generation_id = recent.id
               WHERE task.provider = %s AND task.status = 'succeeded' AND task.cost IS NOT NULL
                 AND task.route_id IS NOT NULL) AS placed
           WHERE place <= %s""",
        [timezone.now() - timedelta(days=DAYS), LOOKED_AT, provider, COMPARED],
    )
    tasks = ProviderTask.objects.filter(pk__in=[key for (key,) in keys]).select_related("generation").defer("outputs")
    found: dict[UUID, list[ProviderTask]] = {}
    for task in tasks:
        if task.route_id is not None:
            found.setdefault(task.route_id, []).append(task)
    return found


def _expected(offer: Offer, route: OfferedRoute, generation: Generation) -> Decimal | None:
    """What the catalogue's rule says of this input. None when the form or the uploads are no longer what they were."""
    try:
        facts: Facts = inputs.accept(offer, generation.input, user_id=generation.user_id).facts
        return cost(route.cost_rule, facts)
    except (InvalidInput, Unpriced):
        return None
