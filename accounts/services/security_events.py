"""The log of what matters for the safety of an account."""

from typing import Any
from uuid import UUID

from accounts.models import SecurityEvent
from accounts.visitors import Visitor


def record(*, user_id: UUID, kind: str, visitor: Visitor | None = None, **details: Any) -> SecurityEvent:
    """Write one event. `details` are JSON-ready and hold no secret."""
    return SecurityEvent.objects.create(
        user_id=user_id,
        kind=kind,
        ip=visitor.ip if visitor else None,
        user_agent=visitor.user_agent if visitor else "",
        details=details,
    )
