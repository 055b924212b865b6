"""How staff get in. In local mode by the password that `make run` prints; elsewhere by the site's own sign-in and a
second factor."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

MFA = "mfa"


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this very session has passed a second factor."""
    return any(record.get("method") == MFA for record in get_authentication_records(request, request.user))


def require_second_factor(site: admin.AdminSite) -> None:
    """Send sign-ins of the admin through allauth, and refuse sessions without a second factor."""
    allowed_before = site.has_permission

    def has_permission(request: HttpRequest) -> bool:
        return bool(allowed_before(request) and has_second_factor(request))

    signs_in = secure_admin_login(site.login)

    def login(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated and not has_second_factor(request):
            raise PermissionDenied
        return signs_in(request, extra_context)

    site.has_permission = has_permission  # type: ignore[method-assign]
    site.login = login  # type: ignore[method-assign]


def protect(site: Any = admin.site) -> None:
    if not settings.LOCAL_MODE:
        require_second_factor(site)


protect()
