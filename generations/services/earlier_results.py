"""Orders that go on from an earlier result: it is known to the provider that made it, and to no other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from generations.models import Asset, Generation, ProviderTask
from generations.services import catalogue
from providers.base import Output


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """A result as its provider calls it: its task there, and the name of the output."""

    provider: str
    task: str
    output: str

    def sent(self) -> dict[str, str]:
        """As adapters read it."""
        return {"task": self.task, "output": self.output}


class Gone(Exception):
    """The result that an order goes on from was deleted meanwhile."""


def named_in(generation: Generation) -> dict[str, EarlierResult]:
    """By field, the results that the input names as `{"asset": "<id>"}`. No query where it names none. Raises Gone."""
    return {name: _found(generation, asset_id) for name, asset_id in _asset_ids(generation.input)}


def promised(task: ProviderTask, kind: str) -> list[Output]:
    """The outputs of the kind that the model promises, in the order of the assets made of them.

    What comes beside them (a song's cover) was not ordered.
    """
    return [output for output in (Output(**stored) for stored in task.outputs) if output.kind == kind]


def _asset_ids(given: Mapping[str, Any]) -> Iterator[tuple[str, UUID]]:
    for name, value in given.items():
        if isinstance(value, dict) and set(value) == {"asset"}:
            yield name, UUID(value["asset"])


def _found(generation: Generation, asset_id: UUID) -> EarlierResult:
    mine = Asset.objects.filter(pk=asset_id, generation__user_id=generation.user_id)
    asset = mine.select_related("generation").first()
    if asset is None:
        raise Gone
    kind = catalogue.by_version(asset.generation.version_id).results.kind
    made_by = asset.generation.tasks.filter(status=ProviderTask.Status.SUCCEEDED, provider=asset.generation.provider)
    task = made_by.order_by("-number").first()
    outputs = promised(task, kind) if task else []
    if task is None or asset.position >= len(outputs):
        raise Gone
    return EarlierResult(task.provider, task.external_id, outputs[asset.position].name)
