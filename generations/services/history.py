"""What an owner does with past generations: hide them, delete them."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from generations.errors import WrongState
from generations.models import Generation
from generations.services import files, lifecycle
from neuralbox.core import jobs
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


@transaction.atomic
def delete(owner_id: UUID, generation_id: UUID) -> None:
    """Erase a generation with its files. Its ledger entries stay, without content.

    Raises NotFound, and WrongState while it is active: cancel it first.
    """
    generation = lifecycle.lock(owned(owner_id, generation_id).pk)
    if generation is None:
        raise NotFound(_("There is no such generation."))
    if not generation.is_terminal:
        raise WrongState(_("It is still being made: cancel it first."))
    keys = [key for asset in generation.assets.all() for key in (asset.storage_key, asset.thumbnail_key) if key]
    generation.delete()
    if keys:
        jobs.enqueue("generations.delete_files", *keys)


def delete_files(keys: Sequence[str]) -> None:
    files.delete(list(keys))
