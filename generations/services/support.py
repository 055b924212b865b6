"""What support staff do with somebody's generation. Each takes a reason, which the audit trail keeps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from generations.errors import WrongState
from generations.models import ContentAccess, Generation
from generations.services import lifecycle
from neuralbox.core import audit
from neuralbox.core.errors import NotFound

FAILED_BY_STAFF = "failed_by_staff"


def check(*, generation_id: UUID, reason: str, by: User) -> None:
    """Have the provider asked at once. Raises InvalidInput without a reason, NotFound, WrongState."""
    _act(lifecycle.check, generation_id, event="provider_asked", reason=reason, by=by)


def fail(*, generation_id: UUID, reason: str, by: User) -> None:
    """End it as failed and give the tokens back. Raises InvalidInput without a reason, NotFound, WrongState."""
    _act(_fail, generation_id, event="failed_by_staff", reason=reason, by=by)


def cancel(*, generation_id: UUID, reason: str, by: User) -> None:
    """Cancel it as its owner could, tokens and all. Raises InvalidInput without a reason, NotFound, WrongState."""
    _act(lifecycle.cancel, generation_id, event="cancelled_by_staff", reason=reason, by=by)


@transaction.atomic
def open_content(*, generation_id: UUID, reason: str, by: User) -> Generation:
    """The generation, for showing its content to `by` now. Its owner finds that in their access log.

    Raises InvalidInput without a reason, NotFound.
    """
    reason = audit.checked_reason(reason)
    generation = Generation.objects.filter(pk=generation_id).select_related("model", "user").first()
    if generation is None:
        raise NotFound(_("There is no such generation."))
    ContentAccess.objects.create(user=generation.user, generation_id=generation.pk, staff=by, reason=reason)
    audit.record(generation, by=by, event="content_opened", reason=reason, owner=str(generation.user_id))
    return generation


def _fail(generation: Generation) -> None:
    if not lifecycle.fail(generation, FAILED_BY_STAFF):
        raise WrongState(_("It has ended already."))


@transaction.atomic
def _act(act: Callable[[Generation], Any], generation_id: UUID, *, event: str, reason: str, by: User) -> None:
    reason = audit.checked_reason(reason)
    generation = lifecycle.lock(generation_id)
    if generation is None:
        raise NotFound(_("There is no such generation."))
    before = generation.status
    act(generation)
    changes = {"status": (before, generation.status)} if generation.status != before else None
    audit.record(generation, by=by, event=event, reason=reason, changes=changes, owner=str(generation.user_id))
