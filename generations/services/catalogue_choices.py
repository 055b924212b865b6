"""Values of settings that a provider alone can list, such as its voices: kept, and good for a while without it."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from generations.catalogue.offers import Offer
from generations.errors import ChoicesUnavailable, UnknownSetting
from providers import registry
from providers.base import Choice
from providers.errors import ProviderError

logger = logging.getLogger(__name__)

FRESH_SECONDS = 3600
ASKED_AGAIN_AFTER_SECONDS = 60
AT_MOST = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    """The last good answer, and when it came (seconds of Unix time)."""

    choices: tuple[Choice, ...]
    at: float

    @property
    def is_fresh(self) -> bool:
        return time.time() - self.at < FRESH_SECONDS


def of_field(offer: Offer, name: str) -> tuple[Choice, ...]:
    """What the field of the form may be. Raises UnknownSetting when it is no such field; ChoicesUnavailable."""
    asked = offer.schema["properties"].get(name, {}).get("x-choices")
    if asked is None:
        raise UnknownSetting
    return listed(asked["provider"], asked["setting"])


def listed(provider: str, setting: str) -> tuple[Choice, ...]:
    """All values. The last good answer holds for an hour, and for as long as the provider gives no better one.

    Raises ChoicesUnavailable when it never gave one.
    """
    kept = _read(provider, setting)
    if kept and (kept.is_fresh or not _may_ask(provider, setting)):
        return kept.choices
    try:
        found = registry.adapter(provider).choices(setting)
    except ProviderError as error:
        logger.warning("choices could not be read", extra={"provider": provider, "setting": setting})
        if kept:
            return kept.choices
        raise ChoicesUnavailable from error
    if not found:
        raise ChoicesUnavailable
    _write(provider, setting, found)
    return found


def matching(
    choices: tuple[Choice, ...], *, query: str = "", language: str = "", gender: str = ""
) -> tuple[Choice, ...]:
    """Those whose name, language or gender holds every word of the query; a hundred at most."""
    words = query.casefold().split()
    found = (
        choice
        for choice in choices
        if (not language or choice.language.casefold() == language.casefold())
        and (not gender or choice.gender.casefold() == gender.casefold())
        and all(word in f"{choice.name} {choice.language} {choice.gender}".casefold() for word in words)
    )
    return tuple(choice for choice, _place in zip(found, range(AT_MOST), strict=False))


def _key(provider: str, setting: str, suffix: str = "") -> str:
    return f"catalogue:choices:{provider}:{setting}{suffix}"


def _may_ask(provider: str, setting: str) -> bool:
    """Whether nobody asked a moment ago: of many callers with an old answer, one waits for the new one."""
    return bool(_safely(lambda: cache.add(_key(provider, setting, ":asked"), 1, ASKED_AGAIN_AFTER_SECONDS), True))


def _read(provider: str, setting: str) -> _Kept | None:
    stored: str | None = _safely(lambda: cache.get(_key(provider, setting)), None)
    if stored is None:
        return None
    content: Mapping[str, Any] = json.loads(stored)
    return _Kept(tuple(Choice(**one) for one in content["choices"]), content["at"])


def _write(provider: str, setting: str, choices: tuple[Choice, ...]) -> None:
    content = json.dumps({"at": time.time(), "choices": [asdict(choice) for choice in choices]})
    _safely(lambda: cache.set(_key(provider, setting), content, timeout=None), None)


def _safely(run: Callable[[], Any], otherwise: Any) -> Any:
    """Without the cache the provider is simply asked."""
    try:
        return run()
    except RedisError:
        return otherwise
