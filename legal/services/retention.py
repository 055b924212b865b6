"""Retention: periods that staff set within limits, and the purge that keeps to them.

A purge works in small batches, each a transaction of its own, so that it locks nothing for long and can be stopped at
any moment. What a legal hold protects is left alone and counted. What needs a warning is purged only once the person
was warned and the time of the warning is over.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from legal.models import LegalHold, RetentionResult, RetentionRule, RetentionRun, RetentionWarning
from legal.signals import retention_warned
from neuralbox.core import audit, personal_data, states, storage
from neuralbox.core.errors import FieldError, InvalidInput, NotFound
from neuralbox.core.personal_data import Retention

logger = logging.getLogger(__name__)

BATCH = 500
SAMPLES = 5
ORPHANS_AFTER = timedelta(days=1)
# Nobody is warned about the same kind of data more often.
WARNED_EVERY = timedelta(days=7)


def period(rule: Retention) -> timedelta:
    """How long this kind of data is kept: what staff have set, else the default."""
    chosen = RetentionRule.objects.filter(kind=rule.kind).values_list("days", flat=True).first()
    return timedelta(days=chosen) if chosen is not None else rule.default


@transaction.atomic
def set_period(*, kind: str, days: int, by: Any, reason: str) -> RetentionRule:
    """Keep a kind of data for so many days. Raises NotFound, and InvalidInput outside of its limits."""
    rule = personal_data.rules().get(kind)
    if rule is None:
        raise NotFound
    reason = audit.checked_reason(reason)
    if not rule.shortest <= timedelta(days=days) <= rule.longest:
        limits = {"minimum": rule.shortest.days, "maximum": rule.longest.days}
        detail = _("From %(minimum)d to %(maximum)d days.") % limits
        raise InvalidInput(errors=[FieldError("/days", detail, "out_of_limits", limits=limits)])
    before = period(rule).days
    row, _created = RetentionRule.objects.update_or_create(
        kind=kind, defaults={"days": days, "changed_by": by, "changed_at": timezone.now()}
    )
    audit.record(row, by=by, event="retention_changed", reason=reason, changes={"days": (before, days)})
    return row


def run(*, is_dry: bool = False, by: Any = None, kinds: Iterable[str] | None = None) -> RetentionRun:
    """Warn, purge what is due, remove files that belong to nobody; report it. A dry run only counts and samples.

    One kind that fails does not keep the others from being done: the report says which failed.
    """
    report = RetentionRun.objects.create(is_dry=is_dry, started_by=by)
    failed = False
    for rule in personal_data.rules().values():
        if kinds is None or rule.kind in kinds:
            failed |= bool(_do(rule, report).failure)
    if kinds is None:
        failed |= not _clear_files(report)
    states.move(report, RetentionRun.Status.FAILED if failed else RetentionRun.Status.DONE, finished_at=timezone.now())
    return report


def _do(rule: Retention, report: RetentionRun) -> RetentionResult:
    kept = period(rule)
    result = RetentionResult(run=report, kind=rule.kind, days=kept.days, before=timezone.now() - kept)
    started = time.monotonic()
    try:
        due = rule.due(result.before)
        result.due = due.order_by().count()
        result.held = _held(rule, due).order_by().count() if rule.owner else 0
        free = _allowed(rule, due)
        result.samples = _samples(rule, free)
        if not report.is_dry:
            result.warned = _warn(rule, kept)
            result.purged, result.batches = _purge(rule, free)
    except Exception as error:
        logger.exception("retention failed", extra={"kind": rule.kind})
        result.failure = type(error).__name__
    result.seconds = round(time.monotonic() - started, 3)
    result.save()
    return result


def _purge(rule: Retention, free: QuerySet[Any]) -> tuple[dict[str, int], int]:
    """Batch by batch in the order of the primary key, which is that of creation, and its index: one pass, however many.

    What could not be removed is passed over: the next night meets it again.
    """
    counts: dict[str, int] = {}
    batches, rest = 0, free
    while keys := list(rest.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        for name, count in rule.purge(keys).items():
            counts[name] = counts.get(name, 0) + count
        batches, rest = batches + 1, free.filter(pk__gt=keys[-1])
    return {name: count for name, count in counts.items() if count}, batches


def _allowed(rule: Retention, due: QuerySet[Any]) -> QuerySet[Any]:
    """Of what is due: without what a legal hold keeps, and, where people are warned, only what they were warned of."""
    if not rule.owner:
        return due
    free = due.exclude(**{f"{rule.owner}__in": _people_on_hold()})
    if rule.warned is None:
        return free
    told = RetentionWarning.objects.filter(
        user_id=OuterRef(rule.owner),
        kind=rule.kind,
        purge_at__lte=timezone.now(),
        covers_before__gt=OuterRef(rule.age_from),
    )
    return free.filter(Exists(told))


def _held(rule: Retention, due: QuerySet[Any]) -> QuerySet[Any]:
    return due.filter(**{f"{rule.owner}__in": _people_on_hold()})


def _people_on_hold() -> QuerySet[Any, Any]:
    return LegalHold.objects.filter(lifted_at=None).values("user_id")


def _samples(rule: Retention, free: QuerySet[Any]) -> list[dict[str, str]]:
    rows = free.order_by(rule.age_from, "pk").values_list("pk", rule.age_from)[:SAMPLES]
    return [{"key": str(key), "since": moment.isoformat()} for key, moment in rows]


def _warn(rule: Retention, kept: timedelta) -> int:
    """Tell people what will be purged, a week's worth at a time. Returns how many people."""
    if rule.warned is None:
        return 0
    now = timezone.now()
    covers_before, purge_at = now - kept + rule.warned, now + rule.warned
    warnings = RetentionWarning.objects.filter(user_id=OuterRef(rule.owner), kind=rule.kind)
    covered = warnings.filter(covers_before__gt=OuterRef(rule.age_from))
    recent = warnings.filter(created_at__gt=now - WARNED_EVERY)
    coming = rule.due(covers_before).exclude(**{f"{rule.owner}__in": _people_on_hold()})
    owners = (
        coming.filter(~Exists(covered), ~Exists(recent))
        .order_by()
        .values(person=F(rule.owner))
        .annotate(count=Count("pk"))
    )
    told = 0
    for owner in owners.iterator(chunk_size=500):
        _warn_one(rule, owner["person"], owner["count"], covers_before, purge_at)
        told += 1
    return told


@transaction.atomic
def _warn_one(rule: Retention, person: Any, count: int, covers_before: datetime, purge_at: datetime) -> None:
    RetentionWarning.objects.create(
        user_id=person, kind=rule.kind, count=count, covers_before=covers_before, purge_at=purge_at
    )
    retention_warned.send(sender=RetentionWarning, user_id=person, kind=rule.kind, count=count, purge_at=purge_at)


def _clear_files(report: RetentionRun) -> bool:
    """Remove files that no row names; count those in folders that nobody declares, for a person to look at."""
    try:
        report.orphan_files = sum(_clear_orphans(holder, report.is_dry) for holder in personal_data.holders())
        report.undeclared_files = _count_undeclared()
    except Exception:
        logger.exception("retention of files failed")
        return False
    finally:
        report.save(update_fields=["orphan_files", "undeclared_files"])
    return True


def _clear_orphans(holder: personal_data.Holder, is_dry: bool) -> int:
    found, batch = 0, []
    for key in holder.orphans(ORPHANS_AFTER):
        found += 1
        batch.append(key)
        if len(batch) == BATCH and not is_dry:
            storage.store().remove(batch)
            batch = []
    if batch and not is_dry:
        storage.store().remove(batch)
    return found


def _count_undeclared() -> int:
    declared = personal_data.folders()
    return sum(found.key.partition("/")[0] not in declared for found in storage.store().listing(""))


def coming_purges(user_id: Any) -> QuerySet[RetentionWarning]:
    """Warnings whose purge is still to come, for the person's privacy center."""
    return RetentionWarning.objects.filter(Q(user_id=user_id), purge_at__gt=timezone.now()).order_by("purge_at")
