"""Telling people that their tokens run out, below the mark that they set themselves."""

from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import Notice
from accounts.services import notices
from billing.models import LowBalanceAlert, Wallet
from billing.services import amounts

BATCH = 500


def set_alert(*, owner_id: UUID, below: int | None) -> None:
    """Tell the owner when fewer than `below` tokens are available; None: never. Raises InvalidAmount."""
    wallet = Wallet.objects.get(owner_id=owner_id)
    if below is None:
        LowBalanceAlert.objects.filter(wallet=wallet).delete()
        return
    LowBalanceAlert.objects.update_or_create(wallet=wallet, defaults={"below": amounts.check(below), "told_at": None})


def tell() -> int:
    """Tell those whose balance has fallen below their mark, once until it has been above it again."""
    available = F("wallet__paid") + F("wallet__bonus")
    alerts = LowBalanceAlert.objects.annotate(available=available)
    recovered = alerts.filter(available__gte=F("below")).exclude(told_at=None)
    LowBalanceAlert.objects.filter(pk__in=recovered.values("pk")).update(told_at=None)
    low = alerts.filter(told_at=None, available__lt=F("below")).select_related("wallet")[:BATCH]
    now = timezone.now()
    for alert in low:
        notices.send(
            user_id=alert.wallet.owner_id,
            kind=Notice.Kind.BALANCE_LOW,
            reference=f"balance-low:{alert.wallet.entries_count}",
            link="/wallet",
            tokens=alert.available,
        )
        LowBalanceAlert.objects.filter(pk=alert.pk, told_at=None).update(told_at=now)
    return len(low)
