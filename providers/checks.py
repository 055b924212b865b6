"""System checks: the offline provider belongs to local mode, and nowhere else."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


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
