"""Ways in: by a login provider or not at all."""

import pytest
from allauth.account.adapter import get_adapter as get_account_adapter
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from accounts.checks import no_local_mode_in_production
from accounts.models import Notice, User
from accounts.urls import CALLBACKS

pytestmark = pytest.mark.django_db


def test_a_sign_in_from_another_browser_is_announced(alice, sign_in):
    sign_in()
    sign_in()
    assert not Notice.objects.filter(kind=Notice.Kind.NEW_DEVICE).exists()
    sign_in(user_agent="Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) Version/17.1 Safari/605.1.15")
    notice = Notice.objects.get(kind=Notice.Kind.NEW_DEVICE)
    assert notice.details == {"device": "Safari, macOS", "ip": "127.0.0.1"}


def every_address(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_address(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


def test_local_sign_up_has_no_page():
    client = Client()
    for path in ("/accounts/signup/", "/accounts/login/", "/accounts/social/signup/"):
        answer = client.post(
            path, {"email": "x@example.com", "password1": "correct horse", "password2": "correct horse"}
        )
        assert answer.status_code in (302, 403, 404, 405), path
    assert not User.objects.exists()


def test_none_of_allauths_own_addresses_exists():
    ours = {name for name in every_address() if name.startswith("accounts/")}
    assert ours == {
        *(f"accounts/{login}/login/callback/" for login in CALLBACKS),
        "accounts/oidc/<slug:provider_id>/login/callback/",
    }
    assert not [path for path in every_address() if "allauth" in path]
    for path in (
        "auth/signup", "auth/login", "auth/session", "auth/provider/redirect", "auth/provider/signup",
        "auth/provider/token", "auth/2fa/authenticate", "account/authenticators/totp", "account/email",
        "account/password/change", "auth/password/request", "config",
    ):  # fmt: skip
        for client_kind in ("browser", "app"):
            with pytest.raises(Resolver404):
                resolve(f"/_allauth/{client_kind}/v1/{path}")


def test_local_sign_up_is_closed_by_the_adapter_too(rf):
    assert not get_account_adapter().is_open_for_signup(rf.get("/"))


def test_the_dummy_login_signs_in_as_the_person_who_has_the_address(alice):
    browser = Client()
    assert browser.post("/login/dummy", {"email": "ALICE@example.com"})["Location"] == "/login/complete"
    assert browser.session["_auth_user_id"] == str(alice.pk)


def test_the_dummy_login_needs_the_csrf_token_and_an_address():
    assert Client(enforce_csrf_checks=True).post("/login/dummy", {"email": "a@example.com"}).status_code == 403
    assert Client().post("/login/dummy", {"email": "nobody"})["Location"] == "/login?error=invalid_email"
    assert Client().get("/login/dummy").status_code == 405
    assert not User.objects.exists()


def test_the_checks_refuse_local_mode_in_production(settings):
    assert no_local_mode_in_production(None) == []
    settings.LOCAL_MODE, settings.STAFF_NEED_SECOND_FACTOR = False, True
    assert [error.id for error in no_local_mode_in_production(None)] == ["accounts.E001"]
    settings.LOCAL_MODE, settings.PRODUCTION = True, True
    assert [error.id for error in no_local_mode_in_production(None)] == ["accounts.E002"]
    with pytest.raises(SystemCheckError, match=r"accounts\.E002"):
        call_command("check", tags=["security"])
