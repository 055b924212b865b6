"""How staff get in: by the site's own sign-in, in local mode also by the password that `make run` prints; and by a
second factor in either case. Without one they can do nothing but set it up."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import staff_sessions

SECOND_FACTOR = "second-factor"


def wanted_page(request: HttpRequest) -> str:
    """The page of the back office that was asked for; its first one when none was, or when it is not ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    login = reverse("admin:login")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and not wanted.startswith(login):
        return wanted
    return reverse("admin:index")


def require_second_factor(site: admin.AdminSite) -> None:
    """Let nobody into `site` without one, by whichever way they signed in."""
    allowed_before, signs_in_before = site.has_permission, site.login

    def has_permission(request: HttpRequest) -> bool:
        return bool(allowed_before(request) and staff_sessions.may_enter(request))

    def login(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        wanted = wanted_page(request)
        if request.user.is_authenticated:
            if not allowed_before(request):
                raise PermissionDenied
            if staff_sessions.may_enter(request):
                return HttpResponseRedirect(wanted)
            return HttpResponseRedirect(f"{reverse(SECOND_FACTOR)}?{urlencode({'next': wanted})}")
        if settings.LOCAL_MODE:
            # The form goes where `next` says, and otherwise to where people land who sign in to the site.
            query = request.GET.copy()
            query["next"] = wanted
            request.GET = query  # type: ignore[assignment]
            return signs_in_before(request, {"next": wanted, **(extra_context or {})})
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': wanted})}")

    site.has_permission = has_permission  # type: ignore[method-assign]
    site.login = login  # type: ignore[method-assign]


require_second_factor(admin.site)
