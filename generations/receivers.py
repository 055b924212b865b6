"""What generations hear from below."""

from typing import Any
from uuid import UUID

from generations.services import events


def tell_balance(sender: object, owner_id: UUID, **_rest: Any) -> None:
    events.balance_changed(owner_id)


def tell_notices(sender: object, user_id: UUID, **_rest: Any) -> None:
    events.notices_changed(user_id)
