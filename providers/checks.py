"""System checks of what the environment says about providers."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# Of each provider: what means nothing without its key, and what its key means nothing without.
_OPTIONAL = {
    "KIE": ("WEBHOOK_HMAC_KEY",),
    "PIAPI": ("WEBHOOK_SECRET",),
    "GOAPI": ("WEBHOOK_SECRET",),
    "SUNO": ("UPLOAD_BASE_URL",),
    "HEYGEN": ("WEBHOOK_SECRET",),
}
_NEEDED = {
    "KIE": ("BASE_URL", "UPLOAD_BASE_URL"),
    "PIAPI": ("BASE_URL", "UPLOAD_BASE_URL"),
    "GOAPI": ("BASE_URL",),
    "SUNO": ("BASE_URL",),
    "HEYGEN": ("BASE_URL", "UPLOAD_BASE_URL"),
}
_NAMES_OF_THIS_MACHINE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


@register("providers")
def offline_provider_in_local_mode_only(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`providers.E001` when an address or a key of the offline engine is set outside of local mode."""
    if settings.LOCAL_MODE:
        return []
    named = [name for name in ("OFFLINE_BASE_URL", "OFFLINE_API_KEY") if getattr(settings, name, "")]
    return [
        Error(
            f"{name} is set, but this is not local mode.",
            hint="The offline provider is a demonstration on one machine. Remove the setting.",
            id="providers.E001",
        )
        for name in named
    ]


@register("providers")
def no_half_configurations(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`providers.E002` for a provider of which only a part is configured; it names what is missing."""
    return [
        Error(
            f"{missing} is not set, but {present} is.",
            hint="A provider is offered when all it needs is set, and hidden when nothing of it is.",
            id="providers.E002",
        )
        for present, missing in _halves()
    ]


@register("providers")
def public_addresses_outside_of_local_mode(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """`providers.E003` for a provider's address without HTTPS or on a private network, unless in local mode."""
    if settings.LOCAL_MODE:
        return []
    names = [f"{prefix}_{one}" for prefix, needed in _NEEDED.items() for one in {*needed, "UPLOAD_BASE_URL"}]
    return [
        Error(
            f"{name} is not a public address with HTTPS.",
            hint="Keys and customers' files go there: it has to be https:// and a host on the internet.",
            id="providers.E003",
        )
        for name in sorted(names)
        if (address := _setting(name)) and not _is_public(address)
    ]


def _halves() -> Iterator[tuple[str, str]]:
    for prefix, optional in _OPTIONAL.items():
        key = f"{prefix}_API_KEY"
        for one in optional:
            if _setting(f"{prefix}_{one}") and not _setting(key):
                yield f"{prefix}_{one}", key
        for one in _NEEDED[prefix]:
            if _setting(key) and not _setting(f"{prefix}_{one}"):
                yield key, f"{prefix}_{one}"


def _setting(name: str) -> str:
    return str(getattr(settings, name, ""))


def _is_public(address: str) -> bool:
    """Whether it can be seen to be public from its text; what its name leads to is checked at each call."""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host or f".{host}".endswith(_NAMES_OF_THIS_MACHINE):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host
