"""The one way tokens enter and leave a wallet, other than through holds."""

from uuid import UUID

from django.db import connection, transaction

from billing.errors import InsufficientTokens, ReferenceTaken
from billing.models import JournalEntry
from billing.signals import balance_changed
from neuralbox.core.errors import NotFound


def post(*, wallet_id: UUID, kind: JournalEntry.Kind, amount: int, reference: str, description: str) -> bool:
    """Post `amount` tokens, negative to take them, under a unique `reference`. False: it was posted before.

    One round trip. Raises InsufficientTokens when fewer can be taken, ReferenceTaken when the reference stands for
    something else, NotFound without a wallet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM billing_transfer(%s, %s, %s, %s, %s)", [wallet_id, kind, amount, reference, description]
        )
        outcome, owner_id, at_hand = cursor.fetchone()
    if outcome == "insufficient":
        raise InsufficientTokens(needed=-amount, available=at_hand)
    if outcome == "taken":
        raise ReferenceTaken
    if outcome == "no_wallet":
        raise NotFound
    if outcome == "posted":
        transaction.on_commit(lambda: balance_changed.send(sender=post, owner_id=owner_id), robust=True)
    return bool(outcome == "posted")
