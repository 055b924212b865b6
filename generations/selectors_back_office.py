"""Reads for staff. Bounded at any size of the tables: by a window of time, by an index, by a number of rows."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from auditlog.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

import billing.selectors
from billing.models import JournalEntry, Wallet
from generations.models import ContentAccess, Generation, Upload, WebhookDelivery
from neuralbox.core.models import Job

HOURS = 24
# Above this the figures of the dashboard are of the newest so many generations, and say so.
GENERATIONS_AT_MOST = 100_000
JOBS_AT_MOST = 10_000
FRESH_SECONDS = 20
FEW, SOME = 5, 10

_RECENT = """WITH recent AS (
    SELECT id, model_id, status, tokens_captured, created_at, finished_at FROM generations_generation
    WHERE created_at >= %s ORDER BY created_at DESC, id DESC LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Waits in seconds, from order to file, of what succeeded; None: nothing did. `success` in per cent."""

    slug: str
    ordered: int
    success: int | None
    typical_wait: float | None
    long_wait: float | None


@dataclass(frozen=True, slots=True)
class ProviderFigures:
    provider: str
    attempts: int
    succeeded: int
    failed: int
    costs: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The last 24 hours. `hourly`: for each hour its counts by status. `is_cut`: there were more than were counted."""

    taken_at: datetime
    ordered: int
    is_cut: bool
    by_status: Mapping[str, int]
    hourly: Sequence[tuple[datetime, Mapping[str, int]]]
    tokens_captured: int
    models: Sequence[ModelFigures]
    providers: Sequence[ProviderFigures]
    jobs_open: int
    jobs_gave_up: int

    @property
    def success(self) -> int | None:
        """Per cent of what ended otherwise than at its owner's wish."""
        return _per_cent(self.by_status.get("succeeded", 0), self.by_status.get("failed", 0))


def figures() -> Figures:
    """At most 20 seconds old. Four queries when they are taken anew."""
    return cast(Figures, cache.get_or_set("back-office-figures", _figures, FRESH_SECONDS))


def _figures() -> Figures:
    now = timezone.now()
    window = [now - timedelta(hours=HOURS), GENERATIONS_AT_MOST]
    hours = _rows(
        "SELECT date_trunc('hour', created_at), status, count(*), sum(tokens_captured) FROM recent GROUP BY 1, 2",
        window,
    )
    by_status: Counter[str] = Counter()
    by_hour: dict[datetime, Counter[str]] = {}
    for hour, status, count, _tokens in hours:
        by_status[status] += count
        by_hour.setdefault(hour, Counter())[status] += count
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    every_hour = [first + timedelta(hours=number) for number in range(HOURS)]
    waiting, gave_up = _jobs()
    return Figures(
        taken_at=now,
        ordered=by_status.total(),
        is_cut=by_status.total() >= GENERATIONS_AT_MOST,
        by_status=dict(by_status),
        hourly=[(hour, dict(by_hour.get(hour, {}))) for hour in every_hour],
        tokens_captured=int(sum(tokens for *_rest, tokens in hours)),
        models=_models(window),
        providers=_providers(window),
        jobs_open=waiting,
        jobs_gave_up=gave_up,
    )


def _models(window: list[Any]) -> list[ModelFigures]:
    rows = _rows(
        """SELECT model.slug, count(*),
               count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status = 'failed'),
               percentile_cont(ARRAY[0.5, 0.95])
                   WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - recent.created_at))
                   FILTER (WHERE status = 'succeeded')
           FROM recent JOIN generations_model AS model ON model.id = model_id
           GROUP BY model.slug ORDER BY 2 DESC, 1""",
        window,
    )
    return [
        ModelFigures(slug, ordered, _per_cent(succeeded, failed), *(waits or (None, None)))
        for slug, ordered, succeeded, failed, waits in rows
    ]


def _providers(window: list[Any]) -> list[ProviderFigures]:
    rows = _rows(
        """SELECT provider, cost_currency, count(*), count(*) FILTER (WHERE task.status = 'succeeded'),
               count(*) FILTER (WHERE task.status = 'failed'), sum(cost)
           FROM recent JOIN generations_providertask AS task ON task.generation_id = recent.id
           GROUP BY 1, 2 ORDER BY 1, 2""",
        window,
    )
    providers: dict[str, list[Any]] = {}
    for provider, *rest in rows:
        providers.setdefault(provider, []).append(rest)
    return [
        ProviderFigures(
            provider=provider,
            attempts=sum(row[1] for row in parts),
            succeeded=sum(row[2] for row in parts),
            failed=sum(row[3] for row in parts),
            costs=", ".join(money(row[4], row[0]) for row in parts if row[4] is not None) or "—",
        )
        for provider, parts in providers.items()
    ]


def _jobs() -> tuple[int, int]:
    """How many jobs are open, and how many gave up; neither counted beyond `JOBS_AT_MOST`."""
    open_jobs = Job.objects.filter(gave_up_at=None)[:JOBS_AT_MOST].count()
    return open_jobs, Job.objects.exclude(gave_up_at=None)[:JOBS_AT_MOST].count()


def _per_cent(succeeded: int, failed: int) -> int | None:
    return round(100 * succeeded / (succeeded + failed)) if succeeded + failed else None


def _rows(select: str, window: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What `select` makes of the recent generations."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENT + select, window)
        return list(cursor.fetchall())


def money(amount: Decimal | None, currency: str) -> str:
    """An amount of a provider's bill, without the zeros that nobody reads."""
    return "—" if amount is None else f"{amount.normalize():f} {currency}".strip()


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


# --- One generation -----------------------------------------------------------------------------


def deliveries(generation_id: UUID) -> list[WebhookDelivery]:
    """What providers told us by webhook, newest first; without the bodies, which may hold content."""
    rows = WebhookDelivery.objects.filter(task__generation_id=generation_id).select_related("task")
    return list(rows.defer("body", "task__outputs").order_by("-id")[:SOME])


def entries_of_generation(generation_id: UUID) -> list[JournalEntry]:
    """Its lines in the books: the hold, and how it was settled."""
    reference = f"generation:{generation_id}"
    wanted = [f"{kind}:{reference}" for kind in ("hold", "capture", "release")]
    return list(JournalEntry.objects.filter(reference__in=wanted).order_by("id"))


def openings_of_generation(generation_id: UUID) -> list[ContentAccess]:
    owner = Generation.objects.filter(pk=generation_id).values("user_id")
    rows = ContentAccess.objects.filter(user_id__in=owner, generation_id=generation_id)
    return list(rows.select_related("staff").order_by("-id")[:SOME])


# --- One person ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """The newest of each. `wallet_id` None: the person has no wallet yet."""

    balance: billing.selectors.Balance
    wallet_id: UUID | None
    entries: Sequence[JournalEntry]
    generations: Sequence[Generation]
    uploads: Sequence[Upload]
    openings: Sequence[ContentAccess]
    audit: Sequence[LogEntry]


def story(user_id: UUID) -> Story:
    """What is known about a person above their account. Seven queries, whatever they own."""
    wallet_id = Wallet.objects.filter(owner_id=user_id).values_list("pk", flat=True).first()
    generations = list(
        Generation.objects.filter(user_id=user_id)
        .select_related("model")
        .defer("input", "prompt", "metadata")
        .order_by("-created_at", "-id")[:SOME]
    )
    about = [user_id, wallet_id, *(generation.pk for generation in generations)]
    return Story(
        balance=billing.selectors.balance(user_id),
        wallet_id=wallet_id,
        entries=list(JournalEntry.objects.filter(wallet_id=wallet_id).order_by("-sequence")[:SOME])
        if wallet_id
        else [],
        generations=generations,
        uploads=list(Upload.objects.filter(user_id=user_id).order_by("-id")[:FEW]),
        openings=list(ContentAccess.objects.filter(user_id=user_id).select_related("staff").order_by("-id")[:FEW]),
        audit=_audit_about(key for key in about if key),
    )


def _audit_about(keys: Iterable[UUID]) -> list[LogEntry]:
    rows = LogEntry.objects.filter(object_pk__in=[str(key) for key in keys])
    return list(rows.select_related("actor", "content_type").order_by("-id")[:SOME])
