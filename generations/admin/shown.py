"""How the back office shows people, generations and moments."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext

from accounts.models import User
from generations.models import Generation

STATUS_LABELS = {
    Generation.Status.QUEUED: "info",
    Generation.Status.RUNNING: "info",
    Generation.Status.SAVING: "info",
    Generation.Status.SUCCEEDED: "success",
    Generation.Status.FAILED: "danger",
    Generation.Status.CANCELLED: "warning",
}


def link(viewname: str, key: Any, text: Any) -> str:
    return format_html(
        '<a href="{}" class="text-primary-700 underline dark:text-primary-400">{}</a>',
        reverse(viewname, args=[key]),
        text,
    )


def person(user: User) -> str:
    return link("admin:accounts_user_change", user.pk, user.email or user)


def generation(key: UUID) -> str:
    """Ids begin with their time: what tells them apart is the end."""
    return link("admin:generations_generation_change", key, f"…{str(key)[-12:]}")


def wait(begun: Any, ended: Any) -> str:
    """How long something took, for people. Empty while it goes on."""
    return duration(ended - begun) if begun and ended else "—"


def duration(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 120:
        return gettext("%(number)s s") % {"number": number_format(seconds, 1 if seconds < 10 else 0)}
    return gettext("%(number)s min") % {"number": number_format(seconds / 60, 0)}
