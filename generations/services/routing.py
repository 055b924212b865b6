"""Which provider is asked next: at the quoted price, only routes that offer what the input asks for.

Nothing is written here. What was tried, how providers do and what a route offers goes in; what may be asked now, in
order, comes out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generations.catalogue.offers import OfferedRoute
from generations.models import ProviderTask
from providers import registry
from providers.models import ProviderHealth

MAX_TASKS = 6
MAX_TASKS_PER_ROUTE = 3
# After these, the same route is not tried again: the answer would be the same.
FINAL_FOR_ROUTE = frozenset({"moderation", "rejected", "failed_for_good"})
# After this one, the same provider is not asked again: it may have the work already, and bill it.
LOST = "lost"
# These say nothing about the work, so they are not counted: the breaker or the limit holds the next one back.
NOT_COUNTED = frozenset({"rate_limited", "credits_exhausted", "credentials_refused"})


@dataclass(frozen=True, slots=True)
class Choice:
    """`ready` may be asked now, the best first. `back_at`: when the first of those that rest is probed.

    Neither: nothing is left to try.
    """

    ready: tuple[OfferedRoute, ...] = ()
    back_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.ready) or self.back_at is not None


def choose(
    routes: Iterable[OfferedRoute],
    tried: Sequence[ProviderTask],
    health: Mapping[str, ProviderHealth],
    given: Mapping[str, Any],
    bound_to: Set[str] = frozenset(),
) -> Choice:
    """What of `routes` may serve the accepted input `given`, after the attempts `tried`.

    `bound_to` are the providers that made what the input goes on from: no other knows it.
    """
    counted = [task for task in tried if task.failure_code not in NOT_COUNTED]
    if len(counted) >= MAX_TASKS:
        return Choice()
    usable = set(registry.configured())
    open_ones = [
        route
        for route in routes
        if route.provider in usable
        and bound_to <= {route.provider}
        and not health[route.provider].is_out
        and not _is_spent(route, counted)
        and offers(route, given)
    ]
    resting = [health[route.provider].probe_at for route in open_ones if health[route.provider].is_resting]
    # Whoever failed is asked again only after the others: the next attempt is better made elsewhere.
    failures = Counter(task.provider for task in counted)
    open_ones.sort(key=lambda route: failures[route.provider])
    return Choice(
        ready=tuple(route for route in open_ones if not health[route.provider].is_resting),
        back_at=min((moment for moment in resting if moment), default=None),
    )


def offers(route: OfferedRoute, given: Mapping[str, Any]) -> bool:
    """Whether the route's provider takes everything that the input asks for, and its adapter can say it."""
    facts = registry.adapter(route.provider).models.get(route.provider_model)
    return facts is not None and route.takes(given) and asked_of(route, given).keys() <= facts.inputs


def asked_of(route: OfferedRoute, given: Mapping[str, Any]) -> dict[str, Any]:
    """What of the accepted input goes to the route's provider. What is empty is not said."""
    return {name: value for name, value in route.sent(given).items() if value is not None}


def _is_spent(route: OfferedRoute, tried: Sequence[ProviderTask]) -> bool:
    if any(task.provider == route.provider and task.failure_code == LOST for task in tried):
        return True
    mine = [task for task in tried if task.route_id == route.id]
    return len(mine) >= MAX_TASKS_PER_ROUTE or any(task.failure_code in FINAL_FOR_ROUTE for task in mine)
