"""Whether a person may use the service: not while they are blocked, nor while their account waits to be deleted."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services import sign_ins
from legal.models import DeletionRequest


def is_closing(user: User) -> bool:
    """Whether a deletion of this account is scheduled or under way."""
    closing = (DeletionRequest.Status.SCHEDULED, DeletionRequest.Status.RUNNING)
    return DeletionRequest.objects.filter(user=user, status__in=closing).exists()


@transaction.atomic
def close(user_id: UUID) -> None:
    """Sign-ins, tokens and API keys stop working within this transaction."""
    user = User.objects.select_for_update().get(pk=user_id)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sign_ins.end_all(user=user)


@transaction.atomic
def reopen(user_id: UUID) -> None:
    """The account works again, unless it is blocked or still to be deleted. Sign-ins that were ended stay ended."""
    user = User.objects.select_for_update().get(pk=user_id)
    user.is_active = user.blocked_at is None and not is_closing(user)
    user.save(update_fields=["is_active"])
