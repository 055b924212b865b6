"""The catalogue in memory: offers that can be ordered, kept until a revision number says that something changed.

Orders do not rely on it: `generations_create` checks in the database that the terms are the present ones.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from jsonschema import Draft202012Validator

from generations.catalogue import schemas
from generations.catalogue.terms import Example, PriceRule, Results
from generations.errors import ModelUnavailable, UnknownModel
from generations.models import Model, ModelVersion, Route
from providers import registry

logger = logging.getLogger(__name__)

REVISION = "catalogue-revision"
CHECK_SECONDS = 1.0
RELOAD_WITHOUT_BROKER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class OfferedRoute:
    """One provider's offer of a model, usable on this installation."""

    id: UUID
    provider: str
    provider_model: str
    priority: int
    cost: PriceRule | None
    cost_currency: str
    limits: Mapping[str, list[Any]]

    def supports(self, given: Mapping[str, Any]) -> bool:
        """Whether this provider offers what the input asks for."""
        return all(given.get(name) in allowed for name, allowed in self.limits.items() if name in given)


@dataclass(frozen=True)
class Offer:
    """One version of a model's terms, with its routes as they are now."""

    model_id: UUID
    version_id: UUID
    slug: str
    modality: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    is_enabled: bool
    schema: Mapping[str, Any]
    price_rule: PriceRule
    results: Results
    examples: tuple[Example, ...]
    typical_seconds: int
    deadline_seconds: int
    routes: tuple[OfferedRoute, ...]

    @cached_property
    def validator(self) -> Draft202012Validator:
        return Draft202012Validator(schemas.plain(self.schema))

    @property
    def is_orderable(self) -> bool:
        return self.is_enabled and bool(self.routes)


class _Shelf:
    """What this process knows of the catalogue."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: dict[str, Offer] = {}
        self._versions: dict[UUID, Offer] = {}
        self._revision: object = None
        self._checked_at = float("-inf")
        self._loaded_at = float("-inf")

    def current(self) -> Mapping[str, Offer]:
        now = time.monotonic()
        if now - self._checked_at >= CHECK_SECONDS:
            with self._lock:
                if time.monotonic() - self._checked_at >= CHECK_SECONDS:
                    self._look_for_changes(now)
        return self._current

    def version(self, version_id: UUID) -> Offer:
        self.current()
        if version_id not in self._versions:
            version = ModelVersion.objects.select_related("model").get(pk=version_id)
            routes = list(Route.objects.filter(model_id=version.model_id, is_enabled=True))
            self._versions[version_id] = _offer(version.model, version, routes)
        return self._versions[version_id]

    def forget(self) -> None:
        with self._lock:
            self._checked_at = self._loaded_at = float("-inf")
            self._revision = None

    def _look_for_changes(self, now: float) -> None:
        try:
            revision = cache.get(REVISION, 0)
            stale = revision != self._revision or self._loaded_at == float("-inf")
        except redis.RedisError:
            revision = self._revision
            stale = now - self._loaded_at >= RELOAD_WITHOUT_BROKER_SECONDS
        if stale:
            self._load()
            self._revision, self._loaded_at = revision, now
        self._checked_at = now

    def _load(self) -> None:
        routes: dict[UUID, list[Route]] = {}
        for route in Route.objects.filter(is_enabled=True).order_by("priority", "provider"):
            routes.setdefault(route.model_id, []).append(route)
        models = Model.objects.exclude(current_version=None).select_related("current_version")
        if not settings.LOCAL_MODE:
            models = models.exclude(is_local_only=True)
        offers = [_offer(model, model.current_version, routes.get(model.pk, [])) for model in models]
        self._current = {offer.slug: offer for offer in offers}
        self._versions = {offer.version_id: offer for offer in offers}


_shelf = _Shelf()


def _offer(model: Model, version: ModelVersion, routes: list[Route]) -> Offer:
    configured = set(registry.configured())
    return Offer(
        model_id=model.pk,
        version_id=version.pk,
        slug=model.slug,
        modality=model.modality,
        name={"ru": model.name_ru, "en": model.name_en},
        description={"ru": model.description_ru, "en": model.description_en},
        is_enabled=model.is_enabled,
        schema=schemas.offered(version.input_schema),
        price_rule=PriceRule.model_validate(version.price_rule),
        results=Results.model_validate(version.results),
        examples=tuple(Example.model_validate(example) for example in version.examples),
        typical_seconds=version.typical_seconds,
        deadline_seconds=version.deadline_seconds,
        routes=tuple(
            OfferedRoute(
                id=route.pk,
                provider=route.provider,
                provider_model=route.provider_model,
                priority=route.priority,
                cost=PriceRule.model_validate(route.cost_rule) if route.cost_rule else None,
                cost_currency=route.cost_currency,
                limits=route.input_limits,
            )
            for route in routes
            if route.provider in configured
        ),
    )


def offered(slug: str) -> Offer:
    """The present terms of a model that can be ordered. No query while nothing changes.

    Raises UnknownModel, ModelUnavailable (switched off, or none of its providers is usable here).
    """
    offer = _shelf.current().get(slug)
    if offer is None:
        raise UnknownModel
    if not offer.is_orderable:
        raise ModelUnavailable
    return offer


def all_offered() -> list[Offer]:
    """Everything that can be ordered now, in the catalogue's order."""
    return [offer for offer in _shelf.current().values() if offer.is_orderable]


def by_version(version_id: UUID) -> Offer:
    """The terms that a generation was ordered under, whether they are still offered or not."""
    return _shelf.version(version_id)


def forget() -> None:
    """Look everything up again, in this process."""
    _shelf.forget()


def announce_change() -> None:
    """Have every process look everything up again, once this transaction has committed."""
    transaction.on_commit(_announce, robust=True)


def _announce() -> None:
    forget()
    try:
        cache.set(REVISION, time.time_ns(), timeout=None)
    except redis.RedisError:
        logger.warning("catalogue change not announced: other processes see it within seconds")
