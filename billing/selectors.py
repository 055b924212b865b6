"""Reads of billing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from billing import audit
from billing.models import JournalEntry, SpendCap, SpendUsage, Wallet
from billing.windows import end_of, start_of


@dataclass(frozen=True, slots=True)
class Balance:
    """In tokens. `available` is `paid` and `bonus` together; `held` is set aside for what runs."""

    available: int
    held: int
    paid: int
    bonus: int


def balance(owner_id: UUID) -> Balance:
    """What a user has. A user without a wallet has nothing."""
    row = Wallet.objects.filter(owner_id=owner_id).values_list("paid", "bonus", "held").first()
    paid, bonus, held = row or (0, 0, 0)
    return Balance(available=paid + bonus, held=held, paid=paid, bonus=bonus)


def entries(
    owner_id: UUID,
    *,
    kinds: Iterable[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[JournalEntry]:
    """The entries of the owner's wallet: of these kinds, from `since` to before `until`."""
    # Not a join: as one value the wallet lets its index give the order too, and a page reads only its own rows.
    wanted = Q(wallet_id=Subquery(Wallet.objects.filter(owner_id=owner_id).values("pk")))
    if kinds:
        wanted &= Q(kind__in=kinds)
    if since:
        wanted &= Q(created_at__gte=since)
    if until:
        wanted &= Q(created_at__lt=until)
    return JournalEntry.objects.filter(wanted)


@dataclass(frozen=True, slots=True)
class CapState:
    """A cap of the wallet: `used` tokens of `limit` in the window that ends at `resets_at` (None: never)."""

    limit: int
    used: int
    resets_at: datetime | None


def caps(owner_id: UUID) -> dict[str, CapState | None]:
    """The caps of the owner's wallet by window; None where there is none."""
    now = timezone.now()
    used = {
        usage.window: usage.used
        for usage in SpendUsage.objects.filter(wallet__owner_id=owner_id, spender="")
        if usage.starts_at == start_of(usage.window, now)
    }
    limits = dict(SpendCap.objects.filter(wallet__owner_id=owner_id).values_list("window", "limit"))
    return {
        window: CapState(limits[window], used.get(window, 0), end_of(window, now)) if window in limits else None
        for window in SpendCap.Window.values
    }


def ledger_differences() -> Iterator[str]:
    """Every difference between the journal and what is kept beside it, one line each; none if all is well.

    Outside of a transaction it looks at one moment, while business goes on, and takes the time it needs.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
        yield from audit.differences()
