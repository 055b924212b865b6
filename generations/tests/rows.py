"""Rows for tests that need a generation to exist, not to happen."""

from uuid import UUID

from django.utils import timezone

from accounts.models import User
from billing.services import holds
from generations.models import Generation, Model, ModelVersion
from neuralbox.core import ids


def generation_of(user: User, *, status: str) -> Generation:
    """A generation in that status, of a model that nobody can order, with its hold."""
    model = Model.objects.create(slug="any", modality="image", name_ru="", name_en="")
    version = ModelVersion.objects.create(
        model=model, number=1, input_schema={}, price_rule={}, results={}, typical_seconds=1, deadline_seconds=9
    )
    return Generation.objects.create(
        user=user, model=model, version=version, hold_id=hold_of(user), modality="image", status=status,
        input={}, tokens_quoted=1, deadline=timezone.now(),
    )  # fmt: skip


def hold_of(user: User) -> UUID:
    """The id of a hold of one token of theirs."""
    return holds.place(owner_id=user.pk, hold_id=ids.new(), amount=1, reference=str(ids.new())).hold_id
