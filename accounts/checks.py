"""What must not reach production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

DUMMY = "allauth.socialaccount.providers.dummy"


@register(Tags.security)
def no_local_mode_in_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The dummy login signs in as anybody: it and local mode belong to a developer's machine."""
    errors: list[CheckMessage] = []
    if DUMMY in settings.INSTALLED_APPS and not settings.LOCAL_MODE:
        errors.append(
            Error(
                "The dummy login is installed outside of local mode: anybody could sign in as anyone.",
                hint=f"Remove {DUMMY} from INSTALLED_APPS.",
                id="accounts.E001",
            )
        )
    if settings.LOCAL_MODE and settings.PRODUCTION:
        errors.append(
            Error(
                "Local mode is on in production.",
                hint="Leave LOCAL_MODE to neuralbox.settings.local.",
                id="accounts.E002",
            )
        )
    return errors
