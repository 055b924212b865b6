"""The profile as `GET /me` shows it. Higher apps add their section, such as the balance, without being imported."""

from collections.abc import Callable
from typing import Any

from accounts import avatar_links, selectors
from accounts.models import User
from accounts.notice_settings import settings_of

Section = Callable[[User], Any]

_sections: dict[str, Section] = {}


def add_section(name: str, function: Section) -> None:
    """Have `function(user)`, JSON-ready, shown in the profile under `name`. Call it in an AppConfig's `ready`."""
    _sections[name] = function


def of(user: User) -> dict[str, Any]:
    """Everything that `GET /me` answers."""
    return own(user) | selectors.waiting(user) | {name: section(user) for name, section in _sections.items()}


def own(user: User) -> dict[str, Any]:
    """What accounts themselves know of the person."""
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "avatar": avatar_links.link_to(user),
        "language": user.language,
        "theme": user.theme,
        "notice_settings": settings_of(user),
        "is_staff": user.is_staff,
        "frozen": {"since": user.frozen_at, "reason": user.freeze_reason} if user.frozen_at else None,
        "created_at": user.created_at,
    }
