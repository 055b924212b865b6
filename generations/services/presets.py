"""What people do with their presets: keep settings under a name, and remove them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from generations.errors import TooManyPresets
from generations.models import Preset
from generations.services import catalogue, inputs
from neuralbox.core.errors import NotFound

MOST = 100


@transaction.atomic
def keep(owner_id: UUID, *, model: str, name: str, raw_input: Mapping[str, Any]) -> Preset:
    """Keep settings of a model; the same name of the same model replaces.

    Raises InvalidInput for what the model's form does not take, UnknownModel, ModelUnavailable, TooManyPresets.
    """
    offer = catalogue.offered(model)
    accepted = inputs.accept_settings(offer, raw_input)
    mine = Preset.objects.filter(user_id=owner_id)
    if mine.count() >= MOST and not mine.filter(model_id=offer.model_id, name=name).exists():
        raise TooManyPresets
    preset, _created = Preset.objects.update_or_create(
        user_id=owner_id, model_id=offer.model_id, name=name, defaults={"input": accepted}
    )
    return preset


def remove(owner_id: UUID, preset_id: UUID) -> None:
    """Raises NotFound, also for another's preset."""
    if not Preset.objects.filter(user_id=owner_id, pk=preset_id).delete()[0]:
        raise NotFound(_("There is no such preset."))
