"""Unused tokens set aside because their money may go back. They are no spending: no cap counts them."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing.errors import InsufficientTokens, ReferenceTaken
from billing.models import Hold
from billing.services import holds
from billing.signals import balance_changed
from neuralbox.core import ids
from neuralbox.core.errors import NotFound

_DESCRIPTIONS = {
    Hold.Purpose.REFUND: gettext_noop("Set aside for a refund"),
    Hold.Purpose.DISPUTE: gettext_noop("Frozen: the payment is disputed"),
}
# What the SQL function that ends a hold writes into the entry.
gettext_noop("Refund of unused tokens")
gettext_noop("Taken back: the payment was disputed")
gettext_noop("Returned: the refund did not take place")
gettext_noop("Returned: the dispute is settled")


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was set aside, in tokens. Without a hold (None) nothing was there."""

    hold_id: UUID | None
    paid: int
    bonus: int


def place(
    *, wallet_id: UUID, paid: int, bonus: int, reference: str, purpose: Hold.Purpose, in_part: bool = False
) -> SetAside:
    """Set paid and bonus tokens aside, each from its own balance. Asking twice gives the same hold.

    `in_part`: as many of them as are there, which may be none. Otherwise raises InsufficientTokens when some are
    missing. Raises ReferenceTaken, NotFound. Nothing is changed then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM billing_hold_unused(%s, %s, %s, %s, %s, %s, %s, %s)",
            [wallet_id, ids.new(), paid, bonus, reference, purpose, _DESCRIPTIONS[purpose], in_part],
        )
        outcome, hold_id, owner_id, paid_there, bonus_there = cursor.fetchone()
    if outcome == "no_wallet":
        raise NotFound
    if outcome == "taken":
        raise ReferenceTaken
    if outcome == "insufficient":
        raise InsufficientTokens(needed=paid + bonus, available=paid_there + bonus_there)
    if outcome == "nothing":
        return SetAside(None, 0, 0)
    if outcome == "placed":
        _announce(owner_id)
    return SetAside(hold_id, paid_there, bonus_there)


def take(hold: Hold) -> bool:
    """Take the tokens for good: their money has gone back. False: the hold was settled before."""
    return _settled(hold, holds.capture(hold.pk))


def give_back(hold: Hold) -> bool:
    """Return the tokens to where they came from. False: the hold was settled before."""
    return _settled(hold, holds.release(hold.pk))


def _settled(hold: Hold, is_first: bool) -> bool:
    if is_first:
        _announce(hold.wallet.owner_id)
    return is_first


def _announce(owner_id: UUID) -> None:
    transaction.on_commit(lambda: balance_changed.send(sender=place, owner_id=owner_id), robust=True)
