"""From catalogue files to tables. Terms are never changed: what differs becomes a new version."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max

from generations.catalogue.files import InvalidCatalogueFile, ReadFile
from generations.models import Model, ModelVersion, Route
from generations.services import catalogue
from neuralbox.core import ids
from providers import registry


@dataclass(slots=True)
class Loaded:
    """What a load did, by slug."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


@transaction.atomic
def load(files: Iterable[ReadFile]) -> Loaded:
    """Bring the tables in line with the files. A file that has not changed since leaves staff's changes alone.

    Models without a file are switched off. Raises InvalidCatalogueFile for an unknown provider.
    """
    done = Loaded()
    seen = set()
    for file in files:
        seen.add(file.model.slug)
        _load_one(file, done)
    for model in Model.objects.filter(is_enabled=True).exclude(slug__in=seen):
        Model.objects.filter(pk=model.pk).update(is_enabled=False)
        done.withdrawn.append(model.slug)
    if done.created or done.changed or done.withdrawn:
        catalogue.announce_change()
    return done


def _load_one(file: ReadFile, done: Loaded) -> None:
    described = file.model
    if unknown := {route.provider for route in described.routes} - set(registry.ADAPTERS):
        raise InvalidCatalogueFile(f"{file.path.name}: routes: unknown provider {sorted(unknown)[0]}")
    model = Model.objects.select_for_update().filter(slug=described.slug).first()
    if model and model.file_digest == file.digest:
        done.unchanged.append(described.slug)
        return
    facts = {
        "modality": described.modality,
        "name_ru": described.name.ru,
        "name_en": described.name.en,
        "description_ru": described.description.ru,
        "description_en": described.description.en,
        "is_local_only": described.local_only,
        "position": described.position,
        "source": described.source,
        "checked_on": described.checked_on,
        "file_digest": file.digest,
        "is_enabled": True,
    }
    (done.changed if model else done.created).append(described.slug)
    model, _created = Model.objects.update_or_create(slug=described.slug, defaults=facts)
    _load_version(model, file)
    _load_routes(model, file)


def _load_version(model: Model, file: ReadFile) -> None:
    described = file.model
    terms: dict[str, Any] = {
        "input_schema": dict(described.input),
        "price_rule": described.price.model_dump(mode="json"),
        "results": described.results.model_dump(mode="json"),
        "examples": [example.model_dump(mode="json") for example in described.examples],
        "typical_seconds": described.typical_seconds,
        "deadline_seconds": described.deadline_seconds,
    }
    current = model.current_version
    if current and all(getattr(current, name) == value for name, value in terms.items()):
        return
    add_version(model, ModelVersion.Author.FILE, **terms)


def add_version(model: Model, author: str, **terms: Any) -> ModelVersion:
    """Make new terms the present ones. What the caller does not give stays as it was."""
    last = model.versions.aggregate(last=Max("number"))["last"] or 0
    if model.current_version:
        kept = ("input_schema", "price_rule", "results", "examples", "typical_seconds", "deadline_seconds")
        terms = {name: getattr(model.current_version, name) for name in kept} | terms
    version = ModelVersion.objects.create(id=ids.new(), model=model, number=last + 1, author=author, **terms)
    model.current_version = version
    model.save(update_fields=["current_version"])
    catalogue.announce_change()
    return version


def _load_routes(model: Model, file: ReadFile) -> None:
    kept = []
    for route in file.model.routes:
        row, _created = Route.objects.update_or_create(
            model=model,
            provider=route.provider,
            provider_model=route.provider_model,
            defaults={
                "priority": route.priority,
                "cost_rule": route.cost.model_dump(mode="json") if route.cost else {},
                "cost_currency": route.currency,
                "input_limits": dict(route.limits),
            },
        )
        kept.append(row.pk)
    model.routes.exclude(pk__in=kept).delete()
