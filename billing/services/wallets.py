"""Wallets are opened once and never closed."""

from uuid import UUID

from billing.models import Wallet


def open_for(user_id: UUID) -> Wallet:
    """The personal wallet of a user, opened if there is none yet."""
    wallet, _created = Wallet.objects.get_or_create(owner_id=user_id)
    return wallet
