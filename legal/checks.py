"""System checks of legal."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning


@register(Tags.security, deploy=True)
def operator_is_named(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """The documents have to say who runs the service."""
    if settings.LEGAL_OPERATOR and settings.LEGAL_OPERATOR_DETAILS:
        return []
    return [
        CheckWarning(
            "The documents do not say who runs this service.",
            hint="Set LEGAL_OPERATOR to the operator's name and LEGAL_OPERATOR_DETAILS to registration and address.",
            id="legal.W001",
        )
    ]
