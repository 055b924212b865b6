"""What is offered now, from this process' memory.

The whole catalogue is small, so it is read at once and compiled. A revision number in Redis, looked at most once a
second, tells other processes of a change. Nothing that matters depends on the copy being fresh: the statement that
creates a generation checks the version again and answers "stale".
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

from generations.catalogue import offers
from generations.catalogue.offers import Offer, OfferedRoute, Results
from generations.errors import ModelUnavailable, UnknownModel
from generations.models import Model, ModelVersion, Route
from neuralbox.core import ids
from providers import selectors

__all__ = [
    "Offer",
    "OfferedRoute",
    "Results",
    "by_version",
    "changed",
    "forget",
    "here",
    "is_available",
    "known",
    "listed",
    "offered",
    "providers_here",
    "providers_of",
]

logger = logging.getLogger(__name__)

REVISION_KEY = "catalogue:revision"
LOOK_EVERY_SECONDS = 1.0
RELOAD_WITHOUT_REDIS_SECONDS = 3.0
OLD_VERSIONS_KEPT = 256
_NO_REDIS = object()


@dataclass(slots=True)
class _Copy:
    """The catalogue as it was at `revision`. Old versions are added as they are asked for."""

    offers: Mapping[str, Offer]
    revision: object
    local: bool
    loaded_at: float
    looked_at: float
    old_versions: dict[UUID, Offer] = field(default_factory=dict)


_copy: _Copy | None = None
_drops = 0
_lock = threading.RLock()


def offered(slug: str) -> Offer:
    """The model as it can be ordered now. Costs no query while the copy is fresh.

    Raises UnknownModel, also for local-only models elsewhere than in local mode; ModelUnavailable when it is switched
    off or no provider of it is configured.
    """
    offer = known(slug)
    if not is_available(offer):
        raise ModelUnavailable
    return offer


def known(slug: str) -> Offer:
    """The model, whether or not it can be ordered now. Raises UnknownModel."""
    offer = _current().offers.get(slug)
    if offer is None:
        raise UnknownModel
    return offer


def is_available(offer: Offer) -> bool:
    """Whether it is switched on and some configured provider makes it."""
    return offer.is_enabled and bool(providers_of(offer))


def providers_of(offer: Offer) -> tuple[str, ...]:
    """The providers that may be asked for this model, in the order in which they are tried.

    Not those that staff switched off, that are out of our credits, or that refuse our key.
    """
    usable = selectors.offered()
    return tuple(dict.fromkeys(route.provider for route in offer.routes if route.provider in usable))


def here(offer: Offer) -> Offer:
    """The same offer with a form of what the providers that may be asked now take of it."""
    return offers.narrowed(offer, providers_of(offer))


def providers_here(slug: str) -> tuple[str, ...]:
    """The same by slug, for staff; empty for a model that this installation cannot offer."""
    offer = _current().offers.get(slug)
    return providers_of(offer) if offer else ()


def listed() -> list[Offer]:
    """Everything that can be ordered now, in the order of the catalogue."""
    return [offer for offer in _current().offers.values() if is_available(offer)]


def by_version(version_id: UUID) -> Offer:
    """The terms of that version with the model's present routes, also when it is old or the model switched off."""
    copy = _current()
    for offer in copy.offers.values():
        if offer.version_id == version_id:
            return offer
    if version_id not in copy.old_versions:
        version = ModelVersion.objects.select_related("model").get(pk=version_id)
        routes = list(Route.objects.filter(model_id=version.model_id).order_by("priority", "provider"))
        if len(copy.old_versions) >= OLD_VERSIONS_KEPT:
            copy.old_versions.clear()
        copy.old_versions[version_id] = offers.compiled(version.model, version, routes, local=copy.local)
    return copy.old_versions[version_id]


def forget() -> None:
    """Drop this process' copy: the next call reads the database."""
    global _copy, _drops
    with _lock:
        _copy, _drops = None, _drops + 1


def changed() -> None:
    """Tell every process, once the present transaction has committed. Called by whatever changes the catalogue."""
    forget()
    transaction.on_commit(_announce)


def _announce() -> None:
    try:
        cache.set(REVISION_KEY, str(ids.new()), timeout=None)
    except RedisError:
        logger.warning("the change of the catalogue could not be announced; processes notice it within seconds")
    forget()


def _current() -> _Copy:
    copy, now = _copy, time.monotonic()
    if copy is not None and copy.local == settings.LOCAL_MODE:
        if now - copy.looked_at < LOOK_EVERY_SECONDS:
            return copy
        copy.looked_at = now
        seen = _revision()
        if seen is _NO_REDIS:
            if now - copy.loaded_at < RELOAD_WITHOUT_REDIS_SECONDS:
                return copy
        elif seen == copy.revision:
            return copy
    return _load()


def _load() -> _Copy:
    """Read the catalogue, and keep it unless somebody dropped copies meanwhile."""
    global _copy
    with _lock:
        drops = _drops
        seen = _revision()
        now = time.monotonic()
        local = settings.LOCAL_MODE
        copy = _Copy(_read(local=local), seen, local, loaded_at=now, looked_at=now)
        if drops == _drops:
            _copy = copy
        return copy


def _revision() -> object:
    try:
        return cache.get(REVISION_KEY)
    except RedisError:
        return _NO_REDIS


def _read(*, local: bool) -> dict[str, Offer]:
    models = Model.objects.select_related("current_version").exclude(current_version=None)
    if not local:
        models = models.exclude(is_local_only=True)
    routes: dict[UUID, list[Route]] = {}
    for route in Route.objects.order_by("priority", "provider"):
        routes.setdefault(route.model_id, []).append(route)
    found = {}
    for model in models.order_by("position", "slug"):
        version = model.current_version
        assert version is not None  # noqa: S101 (excluded above)
        found[model.slug] = offers.compiled(model, version, routes.get(model.pk, []), local=local)
    return found
