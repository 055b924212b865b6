"""What a caller must have done before: rules that doors of several apps share."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from neuralbox.core.errors import DomainError

RECENT = timedelta(minutes=10)


class RecentSignInRequired(DomainError):
    """Somebody may be sitting at an unlocked screen: what is worth stealing needs a fresh sign-in."""

    code = "recent_sign_in_required"
    status = 403
    title = _("Please sign in once more: this needs a sign-in of the last ten minutes")


def is_recent(signed_in_at: datetime | None) -> bool:
    """Whether a sign-in of that moment still counts as fresh."""
    return signed_in_at is not None and timezone.now() - signed_in_at < RECENT


class RecentSignIn(BasePermission):
    """Only for a person who signed in at their login provider within the last ten minutes.

    Reads `request.auth.signed_in_at`, which access tokens have and API keys do not: a key never passes. Put it after
    the permission that asks who calls. A view may narrow it with `recent_sign_in_for = {"POST"}`.
    Raises RecentSignInRequired (403 `recent_sign_in_required`).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        methods: Collection[str] | None = getattr(view, "recent_sign_in_for", None)
        if methods is not None and request.method not in methods:
            return True
        if not is_recent(getattr(request.auth, "signed_in_at", None)):
            raise RecentSignInRequired
        return True
