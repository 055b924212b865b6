"""The page between a sign-in of staff and the back office: prove the second factor, or set the first one up."""

import base64
import io
import json
from typing import Any

import qrcode
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views import View
from qrcode.image.svg import SvgPathImage

from accounts import sealed, staff_sessions
from accounts.admin.login import wanted_page
from accounts.models import User
from accounts.services import second_factors
from accounts.visitors import visitor_of
from neuralbox.core.errors import DomainError

_SECRET = "second_factor_secret"  # noqa: S105


class SecondFactorPage(View):
    """GET shows what is missing, POST does one step of it: `step` says which."""

    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (request.user.is_active and request.user.is_staff):
            return HttpResponseRedirect(reverse("admin:login"))
        answer = super().dispatch(request, *args, **kwargs)
        patch_cache_control(answer, no_store=True, private=True)
        return answer

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        step = {
            "check": self._check,
            "check-key": self._check_key,
            "add-app": self._add_app,
            "add-key": self._add_key,
            "key-options": self._key_options,
            "renew-codes": self._renew_codes,
            "remove": self._remove,
        }.get(request.POST.get("step", ""))
        if step is None:
            return self._page(request)
        try:
            return step(request, _staff(request))
        except DomainError as refusal:
            return self._page(request, problem=str(refusal.detail), status=refusal.status)

    # --- proving --------------------------------------------------------------------------------
    def _check(self, request: HttpRequest, user: User) -> HttpResponse:
        factor = second_factors.check_code(user=user, code=request.POST.get("code", ""))
        return self._passed(request, factor)

    def _check_key(self, request: HttpRequest, user: User) -> HttpResponse:
        return self._passed(request, second_factors.check_key(user=user, answer=_answer(request)))

    def _passed(self, request: HttpRequest, factor: Authenticator) -> HttpResponse:
        staff_sessions.note_second_factor(request, factor)
        return HttpResponseRedirect(wanted_page(request))

    # --- setting up -----------------------------------------------------------------------------
    def _add_app(self, request: HttpRequest, user: User) -> HttpResponse:
        self._must_be_allowed_to_add(request, user)
        code, visitor = request.POST.get("code", ""), visitor_of(request)
        added = second_factors.add_app(user=user, secret=_secret(request), code=code, visitor=visitor)
        del request.session[_SECRET]
        return self._added(request, added)

    def _add_key(self, request: HttpRequest, user: User) -> HttpResponse:
        self._must_be_allowed_to_add(request, user)
        name, visitor = request.POST.get("name", ""), visitor_of(request)
        added = second_factors.add_key(user=user, name=name, answer=_answer(request), visitor=visitor)
        return self._added(request, added)

    def _added(self, request: HttpRequest, added: second_factors.Added) -> HttpResponse:
        staff_sessions.note_second_factor(request, added.factor)
        if added.recovery_codes:
            return self._page(request, codes=added.recovery_codes)
        return HttpResponseRedirect(f"{reverse('second-factor')}?manage=1")

    def _key_options(self, request: HttpRequest, user: User) -> HttpResponse:
        """The challenge for the browser: to register a key, or to prove one."""
        if second_factors.of(user) and not staff_sessions.has_second_factor(request):
            return JsonResponse(webauthn.begin_authentication(user))
        return JsonResponse(webauthn.begin_registration(user, passwordless=False))

    def _renew_codes(self, request: HttpRequest, user: User) -> HttpResponse:
        self._must_be_allowed_to_add(request, user)
        return self._page(request, codes=second_factors.renew_recovery_codes(user=user))

    def _remove(self, request: HttpRequest, user: User) -> HttpResponse:
        self._must_be_allowed_to_add(request, user)
        factor = request.POST.get("factor", "")
        factor_id = int(factor) if factor.isascii() and factor.isdigit() else 0
        second_factors.remove(user=user, factor_id=factor_id, visitor=visitor_of(request))
        return HttpResponseRedirect(f"{reverse('second-factor')}?manage=1")

    def _must_be_allowed_to_add(self, request: HttpRequest, user: User) -> None:
        """Whoever has a factor proves it before anything about factors changes."""
        if second_factors.of(user) and not staff_sessions.has_second_factor(request):
            raise second_factors.WrongCode

    # --- the page -------------------------------------------------------------------------------
    def _page(
        self, request: HttpRequest, *, problem: str = "", codes: list[str] | None = None, status: int = 200
    ) -> HttpResponse:
        user = _staff(request)
        factors, passed = second_factors.of(user), staff_sessions.has_second_factor(request)
        if passed and not codes and not problem and "manage" not in request.GET and request.method == "GET":
            return HttpResponseRedirect(wanted_page(request))
        context: dict[str, Any] = {
            "wanted": wanted_page(request),
            "problem": problem,
            "codes": codes,
            "factors": factors,
            "is_passed": passed,
            "asks": bool(factors) and not passed,
            "has_key": any(factor.type == Authenticator.Type.WEBAUTHN for factor in factors),
            "unused_codes": second_factors.unused_recovery_codes(user),
        }
        if not context["asks"] and not codes:
            secret = _secret(request)
            context |= {"secret": _in_fours(secret), "drawing": _drawing(user, secret)}
        if settings.LOCAL_MODE:
            context["local_code"] = _present_code(request, factors if context["asks"] else [])
        return render(request, "pages/login_second_factor.html", context, status=status)


def _staff(request: HttpRequest) -> User:
    """The dispatcher has seen to it that this is a member of staff."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _answer(request: HttpRequest) -> dict[str, Any]:
    """What the browser's key said; empty when it is no JSON object, which then proves nothing."""
    try:
        found = json.loads(request.POST.get("answer", ""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _secret(request: HttpRequest) -> str:
    """The secret that is being set up, sealed in the session until it is proven."""
    if packed := request.session.get(_SECRET):
        return sealed.unseal(packed)
    secret = totp.generate_totp_secret()
    request.session[_SECRET] = sealed.seal(secret)
    return secret


def _in_fours(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _drawing(user: User, secret: str) -> str:
    """The code to photograph, as an address that an image can have."""
    kept = io.BytesIO()
    qrcode.make(get_adapter().build_totp_url(user, secret), image_factory=SvgPathImage, border=2).save(kept)
    return "data:image/svg+xml;base64," + base64.b64encode(kept.getvalue()).decode()


def _present_code(request: HttpRequest, factors: list[Authenticator]) -> str:
    """Local mode only: what an authenticator app would show now, for whoever has none at hand."""
    app = next((factor for factor in factors if factor.type == Authenticator.Type.TOTP), None)
    if factors and app is None:
        return ""
    secret = get_adapter().decrypt(app.data["secret"]) if app else _secret(request)
    counters = list(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counters[len(counters) // 2]))
