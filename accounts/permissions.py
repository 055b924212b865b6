"""What a caller may do."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.errors import MissingScope, PeopleOnly
from accounts.models import ApiKey

READING = {"GET": "read", "HEAD": "read", "OPTIONS": "read"}


def scope_needed(view: Any, method: str) -> str:
    """The scope that an API key needs for `method`: the view's own `scopes`, else `read` or `generate`."""
    own: dict[str, str] = getattr(view, "scopes", {})
    return own.get(method) or READING.get(method, "generate")


def is_for_people_only(view: Any, method: str) -> bool:
    own: bool | set[str] = getattr(view, "people_only", False)
    return own if isinstance(own, bool) else method in own


class HasScope(BasePermission):
    """Somebody must be signed in. A person may do everything of theirs; an API key needs the scope of the method.

    A view says `scopes = {"POST": "billing"}` where the default does not fit, and `people_only = True`,
    or `people_only = {"PATCH"}`, where a program has no business.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if isinstance(request.auth, ApiKey):
            method = str(request.method)
            if is_for_people_only(view, method):
                raise PeopleOnly
            needed = scope_needed(view, method)
            if needed not in request.auth.scopes:
                raise MissingScope(required=needed)
        return True


class AnybodyButKeys(BasePermission):
    """Strangers and signed-in people; a program has no business here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiKey):
            raise PeopleOnly
        return True
