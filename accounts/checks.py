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
    if not settings.STAFF_NEED_SECOND_FACTOR and not settings.LOCAL_MODE:
        errors.append(
            Error(
                "Staff may enter the back office without a second factor.",
                hint="Leave STAFF_NEED_SECOND_FACTOR to the settings of tests.",
                id="accounts.E006",
            )
        )
    return errors


@register()
def logins_are_configured_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Half a login is no login; a name that we do not know hides nothing."""
    errors: list[CheckMessage] = [
        Error(f"{name} is not set.", hint="A login needs both its id and its secret, or neither.", id="accounts.E003")
        for name in settings.LOGINS_MISSING
    ]
    if settings.LOGINS_UNKNOWN:
        errors.append(
            Error(
                f"LOGIN_DISABLED names no login of ours: {', '.join(settings.LOGINS_UNKNOWN)}.",
                hint=f"Known are {', '.join(settings.LOGINS)}.",
                id="accounts.E004",
            )
        )
    return errors


@register(Tags.security)
def logins_are_the_real_ones(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Only local mode may send people to imitations of the providers."""
    moved = [login for login, base in settings.LOGIN_BASE_URLS.items() if base]
    if settings.LOCAL_MODE or not moved:
        return []
    return [
        Error(
            f"The logins {', '.join(moved)} lead to other addresses than the providers' own.",
            hint="Remove " + ", ".join(f"{login.upper()}_BASE_URL" for login in moved) + ".",
            id="accounts.E005",
        )
    ]
