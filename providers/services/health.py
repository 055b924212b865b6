"""Whether a provider gets work: a circuit breaker in the database, and above it a switch that is staff's alone.

Submissions decide, not polls: a provider that still answers questions but takes no work is of no use. After
`FAILURES_TO_OPEN` failures in a row it rests, for longer each time, until a probe (reading our balance, which orders
nothing) is answered. Used-up credits and a refused key take it out at once, and people are told.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from neuralbox.core import audit, jobs, states
from neuralbox.core.errors import FieldError, InvalidInput
from providers import registry, selectors
from providers.base import Balance
from providers.errors import CredentialsRefused, CreditsExhausted, ProviderUnavailable, RateLimited
from providers.models import BalanceReading, HealthChange, ProviderHealth, Reason
from providers.signals import usability_changed

logger = logging.getLogger(__name__)

Status = ProviderHealth.Status
FAILURES_TO_OPEN = 5
LONGEST_DETAIL = 500
# How long each kind of trouble is left alone before it is probed. Doubled each time, up to the second number.
_PAUSES = {
    Reason.UNAVAILABLE: (timedelta(seconds=30), timedelta(minutes=10)),
    Reason.CREDITS_EXHAUSTED: (timedelta(minutes=5), timedelta(minutes=30)),
    Reason.CREDENTIALS_REFUSED: (timedelta(minutes=5), timedelta(minutes=30)),
}
READINGS_ARE_KEPT_FOR = timedelta(days=90)
_FIELDS_OF_LIMITS = ("requests", "per_seconds", "concurrent")


def row_of(provider: str) -> ProviderHealth:
    """The provider's row, written now if there was none. Raises KeyError for a slug that the registry does not know."""
    registry.adapter(provider)
    return ProviderHealth.objects.get_or_create(provider=provider)[0]


def answered(row: ProviderHealth) -> None:
    """A submission got a clear answer, be it a refusal: failures before it no longer count.

    `row` is as it was before the submission. Where it had no failures nothing is asked of the database.
    """
    if row.failures or row.pauses:
        ProviderHealth.objects.filter(provider=row.provider, status=Status.CLOSED).update(failures=0, pauses=0)


def failed(provider: str, detail: str) -> None:
    """A submission got no clear answer. Too many of them in a row take the provider out for a while."""
    row = row_of(provider)
    counted = ProviderHealth.objects.filter(pk=row.pk, status=Status.CLOSED)
    if counted.update(failures=F("failures") + 1):
        row.refresh_from_db()
        if row.failures >= FAILURES_TO_OPEN:
            _open(row, Reason.UNAVAILABLE, detail)


def take_out(provider: str, error: CreditsExhausted | CredentialsRefused) -> None:
    """Our account is empty, or our key refused: no more work goes there, and people are told."""
    is_credits = isinstance(error, CreditsExhausted)
    reason = Reason.CREDITS_EXHAUSTED if is_credits else Reason.CREDENTIALS_REFUSED
    row = row_of(provider)
    if not (row.status == Status.OPEN and row.reason == reason):
        _open(row, reason, str(error))


@transaction.atomic
def _open(row: ProviderHealth, reason: str, detail: str) -> None:
    shortest, longest = _PAUSES[Reason(reason)]
    pause = min(shortest * 2 ** min(row.pauses, 10), longest)
    is_news = row.status == Status.CLOSED or row.reason != reason
    now = timezone.now()
    changes: dict[str, Any] = {
        "reason": reason,
        "detail": detail[:LONGEST_DETAIL],
        "probe_at": now + pause,
        "pauses": row.pauses + 1,
    }
    if is_news:
        changes["since"] = now
    if not states.move(row, Status.OPEN, **changes):
        return
    if is_news:
        HealthChange.objects.create(provider=row.provider, status=Status.OPEN, reason=reason, detail=row.detail)
        _announce(row.provider, is_usable=False)
        transaction.on_commit(lambda: _raise_alarm(row))
        jobs.enqueue("providers.alert_staff", row.provider, reason)


def _raise_alarm(row: ProviderHealth) -> None:
    logger.error(
        "provider taken out: %s (%s)", row.provider, row.reason, extra={"provider": row.provider, "detail": row.detail}
    )


def _close(row: ProviderHealth) -> None:
    """Back to work, but not trusted yet: the next failure takes it out again, for longer."""
    with transaction.atomic():
        changes: dict[str, Any] = {"reason": "", "detail": "", "probe_at": None, "failures": FAILURES_TO_OPEN - 1}
        if states.move(row, Status.CLOSED, since=timezone.now(), **changes):
            HealthChange.objects.create(provider=row.provider, status=Status.CLOSED)
            _announce(row.provider, is_usable=not row.is_switched_off)
            transaction.on_commit(lambda: logger.warning("provider is back: %s", row.provider))


def _announce(provider: str, *, is_usable: bool) -> None:
    selectors.forget()
    transaction.on_commit(
        lambda: usability_changed.send_robust(sender=ProviderHealth, provider=provider, is_usable=is_usable)
    )
    transaction.on_commit(selectors.forget)


def probe_due() -> int:
    """Probe every provider whose pause is over. Returns how many. Safe to run in parallel: each is claimed once."""
    probed = 0
    due = ProviderHealth.objects.filter(status=Status.OPEN, probe_at__lte=timezone.now())
    for row in due.filter(provider__in=registry.configured()):
        probed += probe(row)
    _reopen_interrupted()
    return probed


def probe(row: ProviderHealth) -> bool:
    """Ask a provider that is out whether it would work again. False: it is not out, or somebody else is asking."""
    if not states.move(row, Status.HALF_OPEN, probe_at=timezone.now()):
        return False
    try:
        balance = registry.adapter(row.provider).balance()
    except CreditsExhausted as error:
        _open(row, Reason.CREDITS_EXHAUSTED, str(error))
    except CredentialsRefused as error:
        _open(row, Reason.CREDENTIALS_REFUSED, str(error))
    except RateLimited:
        _close(row)
    except ProviderUnavailable as error:
        # A key that was refused is not cured by a silence.
        _open(row, row.reason or Reason.UNAVAILABLE, str(error))
    else:
        if balance is not None:
            _remember(row, balance)
        if row.reason == Reason.CREDITS_EXHAUSTED and balance is not None and balance.amount <= 0:
            _open(row, Reason.CREDITS_EXHAUSTED, row.detail)
        else:
            _close(row)
    return True


def _reopen_interrupted() -> None:
    """A worker that was killed while it probed leaves the provider between the two: probe it again."""
    stale = timezone.now() - timedelta(minutes=2)
    ProviderHealth.objects.filter(status=Status.HALF_OPEN, probe_at__lte=stale).update(status=Status.OPEN)


def read_balances() -> None:
    """Note what is left at every configured provider. An empty account or a refused key takes it out."""
    for slug in registry.configured():
        row = row_of(slug)
        try:
            balance = registry.adapter(slug).balance()
        except (CreditsExhausted, CredentialsRefused) as error:
            take_out(slug, error)
        except ProviderUnavailable as error:
            logger.info("no balance from %s: %s", slug, error)
        else:
            if balance is not None:
                _remember(row, balance)
                if balance.amount <= 0:
                    take_out(slug, CreditsExhausted(f"{balance.amount} {balance.unit} left"))
    BalanceReading.objects.filter(created_at__lt=timezone.now() - READINGS_ARE_KEPT_FOR).delete()


def _remember(row: ProviderHealth, balance: Balance) -> None:
    BalanceReading.objects.create(provider=row.provider, amount=balance.amount, unit=balance.unit)
    ProviderHealth.objects.filter(pk=row.pk).update(
        balance=balance.amount, balance_unit=balance.unit, balance_at=timezone.now()
    )


@transaction.atomic
def switch(*, provider: str, is_on: bool, reason: str, by: Any) -> bool:
    """Give the provider work, or none. What it has goes on. Switching on also ends a pause.

    False: it was so already. Raises InvalidInput without a reason.
    """
    reason = audit.checked_reason(reason)
    row = ProviderHealth.objects.select_for_update().get(pk=row_of(provider).pk)
    resumes = is_on and row.status != Status.CLOSED
    if row.is_switched_off != is_on and not resumes:
        return False
    changes: dict[str, tuple[object, object]] = {"is_switched_off": (row.is_switched_off, not is_on)}
    ProviderHealth.objects.filter(pk=row.pk).update(
        is_switched_off=not is_on, switch_reason=reason, since=timezone.now()
    )
    row.is_switched_off = not is_on
    if resumes:
        changes["status"] = (row.status, Status.CLOSED)
        states.move(row, Status.HALF_OPEN, probe_at=timezone.now())
        _close(row)
    _announce(provider, is_usable=is_on)
    audit.record(row, by=by, event="provider_switched", reason=reason, changes=changes, provider=provider)
    return True


@transaction.atomic
def set_limits(*, provider: str, limits: dict[str, int | None], reason: str, by: Any) -> None:
    """Let staff's own limits stand instead of the provider's published ones; None returns to those.

    `limits` has `requests`, `per_seconds` and `concurrent`. Raises InvalidInput without a reason, or for half a rate.
    """
    reason = audit.checked_reason(reason)
    if (limits["requests"] is None) != (limits["per_seconds"] is None):
        raise InvalidInput(errors=[FieldError("/per_seconds", _("A rate needs both numbers."), code="required")])
    row = ProviderHealth.objects.select_for_update().get(pk=row_of(provider).pk)
    changes: dict[str, tuple[object, object]] = {
        name: (getattr(row, name), limits[name]) for name in _FIELDS_OF_LIMITS if getattr(row, name) != limits[name]
    }
    ProviderHealth.objects.filter(pk=row.pk).update(**limits)
    audit.record(row, by=by, event="provider_limits", reason=reason, changes=changes, provider=provider)
