"""What billing hears from accounts."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop

from billing.services import bonuses, wallets


def welcome(sender: object, user_id: UUID, gift: bool = True, **_rest: Any) -> None:
    """Open the wallet of a new user, in the transaction that creates the user; give the welcome tokens if due."""
    wallet = wallets.open_for(user_id)
    if gift and settings.WELCOME_TOKENS:
        bonuses.grant(
            wallet_id=wallet.pk,
            amount=settings.WELCOME_TOKENS,
            reference=f"welcome:{user_id}",
            description=gettext_noop("Welcome tokens"),
        )
