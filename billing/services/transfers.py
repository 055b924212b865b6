"""The one way tokens enter and leave a wallet, other than through holds."""

from uuid import UUID

from django.db import connection, transaction

from billing.errors import InsufficientTokens
from billing.models import JournalEntry, Wallet
from billing.signals import balance_changed
from neuralbox.core.errors import NotFound


def post(*, wallet_id: UUID, kind: JournalEntry.Kind, amount: int, reference: str, description: str) -> bool:
    """Post `amount` tokens, negative to take them, under a unique `reference`. False: it was posted before.

    Raises InsufficientTokens when more would be taken than there are paid tokens, NotFound without a wallet.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_transfer(%s, %s, %s, %s, %s)", [wallet_id, kind, amount, reference, description])
        outcome = cursor.fetchone()[0]
    if outcome == "insufficient":
        wallet = Wallet.objects.get(pk=wallet_id)
        raise InsufficientTokens(needed=-amount, available=wallet.paid)
    if outcome == "no_wallet":
        raise NotFound
    if outcome == "posted":
        transaction.on_commit(lambda: _announce(wallet_id), robust=True)
    return bool(outcome == "posted")


def _announce(wallet_id: UUID) -> None:
    owner_id = Wallet.objects.values_list("owner_id", flat=True).get(pk=wallet_id)
    balance_changed.send(sender=post, owner_id=owner_id)
