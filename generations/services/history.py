"""What an owner does with past generations: hide them, delete them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from generations.errors import WrongState
from generations.models import Generation
from generations.services import erasure, files
from neuralbox.core.errors import NotFound


def owned(owner_id: UUID, generation_id: UUID) -> Generation:
    """Raises NotFound, also for another's generation."""
    found = Generation.objects.filter(pk=generation_id, user_id=owner_id).select_related("model").first()
    if found is None:
        raise NotFound(_("There is no such generation."))
    return found


def set_hidden(owner_id: UUID, generation_ids: Sequence[UUID], hidden: bool) -> int:
    """Hide or show them in the history. Returns how many of them are the owner's; others are passed over."""
    return Generation.objects.filter(user_id=owner_id, pk__in=generation_ids).update(hidden=hidden)


def delete(owner_id: UUID, generation_id: UUID) -> None:
    """Erase a generation with its files. Its ledger entries stay, without content.

    Raises NotFound, and WrongState while it is active: cancel it first.
    """
    if not owned(owner_id, generation_id).is_terminal or not delete_many(owner_id, [generation_id]).deleted:
        raise WrongState(_("It is still being made: cancel it first."))


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many were erased, and how many were left because they are still being made."""

    deleted: int
    active: int


def delete_many(owner_id: UUID, generation_ids: Sequence[UUID]) -> Deleted:
    """Erase many with their files. Those of others and those that are gone already are passed over."""
    mine = Generation.objects.filter(user_id=owner_id, pk__in=generation_ids)
    counts = erasure.purge_generations(list(mine.filter(status__in=Generation.TERMINAL).values_list("pk", flat=True)))
    return Deleted(
        deleted=counts.get("generations.Generation", 0), active=mine.filter(status__in=Generation.ACTIVE).count()
    )


def delete_files(keys: Sequence[str]) -> None:
    files.delete(list(keys))
