"""What billing holds about a person."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db import transaction

from billing import selectors, statements
from billing.models import Correction, Hold, SpendCap, SpendUsage
from neuralbox.core.personal_data import NotYet


class Money:
    """Balances and books. The books stay as the law wants them (P12): they name a wallet, not a person."""

    name = "billing"
    models: Iterable[str] = (
        "billing.Wallet",
        "billing.JournalEntry",
        "billing.Hold",
        "billing.SpendCap",
        "billing.SpendUsage",
        "billing.Correction",
    )

    def export(self, user: Any) -> dict[str, Any]:
        """The balance, every entry with its hash, the limits, and the corrections with their reasons."""
        return {
            "balance": asdict(selectors.balance(user.pk)),
            "ledger": list(statements.lines(owner_id=user.pk, since=None, until=None)),
            "spending_limits": {window: cap and asdict(cap) for window, cap in selectors.caps(user.pk).items()},
            "corrections": list(
                Correction.objects.filter(wallet__owner=user)
                .order_by("created_at")
                .values("id", "amount", "reason", "status", "created_at", "decided_at")
            ),
        }

    @transaction.atomic
    def erase(self, user: Any) -> None:
        """Limits, spenders' ids and reasons go; entries and holds stay. Raises NotYet while tokens are set aside."""
        holds = Hold.objects.filter(wallet__owner=user)
        if holds.filter(status=Hold.Status.ACTIVE).exists():
            raise NotYet("tokens are set aside for something that runs")
        SpendCap.objects.filter(wallet__owner=user).delete()
        SpendUsage.objects.filter(wallet__owner=user).delete()
        holds.exclude(spender="").update(spender="")
        Correction.objects.filter(wallet__owner=user).update(reason="erased")
