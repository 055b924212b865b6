"""To a login provider, and back."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts import linking, login_names
from accounts.errors import AccountFrozen, Unauthenticated
from accounts.login_problems import Problem, page_of
from accounts.providers.vk import unpack_payload
from neuralbox.core import rate_limits
from neuralbox.core.permissions import RecentSignInRequired

ANONYMOUS_SECONDS = 60 * 60


def is_over_limit(request: HttpRequest) -> bool:
    """Counts one step of a sign-in by its address."""
    return not rate_limits.count_address(request, "sign_in").allowed


@require_POST
@csrf_protect
def start(request: HttpRequest, login: str) -> HttpResponse:
    """Leave for the provider, by a page of ours in between.

    The page navigates by itself. A redirect would not do: browsers hold the redirects of a form to this page's
    `form-action`, and providers redirect on among hosts of their own. `again` asks the provider to make sure who sits
    there; `access` is the access token of a person who adds this login to their account.
    """
    provider = login_names.provider_of(request, login)
    if provider is None:
        raise Http404
    if is_over_limit(request):
        return HttpResponseRedirect(page_of(Problem.TOO_MANY))
    try:
        wish = linking.begin(request.POST["access"]) if "access" in request.POST else None
    except (Unauthenticated, RecentSignInRequired):
        return HttpResponseRedirect("/login?again=1&next=/profile")
    except AccountFrozen:
        return HttpResponseRedirect(page_of(Problem.FROZEN, page=linking.PAGE))
    asked: dict[str, Any] = provider.get_auth_params()
    if "again" in request.POST or wish:
        asked |= getattr(provider, "again_params", {})
    if not request.user.is_authenticated:
        request.session.set_expiry(ANONYMOUS_SECONDS)
    leaving = provider.redirect(
        request, AuthProcess.LOGIN, next_url=settings.LOGIN_REDIRECT_URL, data=wish, auth_params=asked
    )
    page = render(
        request, "pages/login_leaving.html", {"address": leaving["Location"], "name": login_names.name_of(login)}
    )
    patch_cache_control(page, no_store=True, private=True)
    return page


@require_safe
def callback(request: HttpRequest, login: str) -> HttpResponse:
    """Where providers send people back to. Ends in a redirect, so that the code does not stay in the address."""
    provider = login_names.provider_of(request, login)
    if provider is None:
        raise Http404
    if is_over_limit(request):
        return HttpResponseRedirect(page_of(Problem.TOO_MANY))
    if login == "vk":
        unpack_payload(request)
    adapter = provider.get_oauth2_adapter(request)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except ImmediateHttpResponse as elsewhere:
        answer = elsewhere.response
    patch_cache_control(answer, no_store=True, private=True)
    return answer


@require_safe
def openid_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The same for the login that speaks OpenID Connect under a name of its own."""
    return callback(request, provider_id)
