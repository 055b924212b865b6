"""The banner about changed documents, and links to the documents."""

import contextlib
import time
from typing import Any

from django import template
from django.db import DatabaseError
from django.utils import timezone

from legal import selectors

register = template.Library()
_ASKED_EVERY_SECONDS = 60
_known: dict[str, Any] = {"until": 0.0, "changes": []}


def changes() -> list[Any]:
    """Significant changes that come or have just come. Asked of the database once a minute per process.

    Error pages are drawn while the database is away: then what was known last is shown.
    """
    now = time.monotonic()
    if now >= _known["until"]:
        with contextlib.suppress(DatabaseError):
            _known["changes"] = [*selectors.upcoming(), *selectors.recent()]
        _known["until"] = now + _ASKED_EVERY_SECONDS
    return list(_known["changes"])


def forget() -> None:
    """Ask the database again at the next page."""
    _known["until"] = 0.0


@register.simple_tag
def asks_again() -> bool:
    """Whether a change that came lately needs agreement: then pages ask who is signed in."""
    now = timezone.now()
    return any(version.needs_acceptance and version.effective_at <= now for version in changes())


@register.inclusion_tag("components/document_banner.html", takes_context=True)
def document_banner(context: dict[str, Any]) -> dict[str, Any]:
    return {"changes": changes(), "request": context.get("request")}
