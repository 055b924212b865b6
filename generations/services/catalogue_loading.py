"""Brings the catalogue files into the database. Repeating it changes nothing; a bad file changes nothing either."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from generations.catalogue import files, price_coverage
from generations.catalogue.files import InvalidFile, ModelFile
from generations.catalogue.price_rules import PriceRule
from generations.models import Model, ModelVersion, Route
from generations.services import catalogue
from providers import registry

_LOCK = 4_215_001
TERMS = ("input_schema", "price_rule", "results", "examples", "typical_seconds", "deadline_seconds")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one model: its slug, and the changes in words for the operator; none when all was so already."""

    slug: str
    changes: tuple[str, ...]


def load(entries: Sequence[ModelFile] | None = None) -> list[Loaded]:
    """Make the catalogue what the files say, in one transaction. Without `entries`, those of the repository are read.

    A new version is made only when the terms changed. What staff switched off stays off, and a price that staff set
    stays until the price in the file itself changes. Models without a file are switched off, never deleted.
    Raises InvalidFile.
    """
    wanted = files.read_all() if entries is None else entries
    for one in wanted:
        _refuse_unknown_providers(one)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        known = {model.slug: model for model in Model.objects.select_for_update(of=("self",))}
        loaded = [_load_one(one, known.get(one.slug)) for one in wanted]
        loaded += _switch_off_all_but([one.slug for one in wanted])
        if any(one.changes for one in loaded):
            catalogue.changed()
    return loaded


def _refuse_unknown_providers(one: ModelFile) -> None:
    for place, route in enumerate(one.routes):
        if route.provider not in registry.ADAPTERS:
            known = ", ".join(registry.ADAPTERS)
            raise InvalidFile(f"{one.slug}.toml", f"/routes/{place}/provider", f"must be one of {known}")


def _load_one(one: ModelFile, model: Model | None) -> Loaded:
    if model is not None and model.file_digest == one.digest():
        return Loaded(one.slug, ())
    changes: list[str] = []
    if model is None:
        model = Model(slug=one.slug)
        changes.append("created")
    elif not model.file_digest:
        model.is_enabled = True
        changes.append("switched on again: its file is back")
    elif model.file_digest:
        changes.append("file changed")
    model.modality, model.tasks = one.modality, list(one.tasks)
    model.name_ru, model.name_en = one.name.ru, one.name.en
    model.description_ru, model.description_en = one.description.ru, one.description.en
    model.position, model.is_local_only = one.position, one.local_only
    model.source, model.checked_on = one.source, one.checked_on
    model.file_digest = one.digest()
    model.save()
    changes += _renew_terms(model, one)
    changes += _renew_routes(model, one)
    return Loaded(one.slug, tuple(changes))


def _renew_terms(model: Model, one: ModelFile) -> list[str]:
    """A new version unless the file's terms are what its last version from a file says."""
    terms = one.terms()
    last = model.versions.order_by("-number").first()
    last_of_file = model.versions.filter(author=ModelVersion.Author.FILE).order_by("-number").first()
    if last_of_file is not None and terms == _terms_of(last_of_file):
        return []
    said: list[str] = []
    current = model.current_version
    if current is not None and last_of_file is not None and current.author == ModelVersion.Author.STAFF:
        if terms["price_rule"] != last_of_file.price_rule:
            said.append("the price that staff had set is replaced by the file's new one")
        elif _still_covers(one, current.price_rule):
            terms["price_rule"] = current.price_rule
            said.append("the price that staff set stays")
        else:
            said.append("the price that staff had set does not fit the new form and is replaced by the file's")
    number = last.number + 1 if last else 1
    version = ModelVersion.objects.create(model=model, number=number, author=ModelVersion.Author.FILE, **terms)
    model.current_version = version
    model.save(update_fields=["current_version"])
    return [*said, f"version {number}"]


def _terms_of(version: ModelVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in TERMS}


def _still_covers(one: ModelFile, price_rule: dict[str, Any]) -> bool:
    try:
        price_coverage.check(one.input, PriceRule.model_validate(price_rule))
    except price_coverage.NotCovered:
        return False
    return True


def _renew_routes(model: Model, one: ModelFile) -> list[str]:
    said = []
    known = {(route.provider, route.provider_model): route for route in model.routes.all()}
    for part in one.routes:
        found = known.pop((part.provider, part.provider_model), None)
        route = found or Route(model=model, provider=part.provider, provider_model=part.provider_model)
        route.priority, route.cost_rule, route.cost_currency = part.priority, part.stored_cost(), part.currency
        route.input_limits = dict(part.input_limits)
        route.save()
        if found is None:
            said.append(f"route to {part.provider} ({part.provider_model}) added")
    for route in known.values():
        if route.is_enabled:
            route.is_enabled = False
            route.save(update_fields=["is_enabled"])
            said.append(f"route to {route.provider} ({route.provider_model}) switched off: the file has it no more")
    return said


def _switch_off_all_but(slugs: list[str]) -> list[Loaded]:
    orphans = Model.objects.exclude(slug__in=slugs).exclude(file_digest="")
    found = []
    for model in orphans.select_for_update(of=("self",)):
        model.is_enabled, model.file_digest = False, ""
        model.save(update_fields=["is_enabled", "file_digest"])
        found.append(Loaded(model.slug, ("switched off: it has no file any more",)))
    return found
