"""Ways in: by a login provider or not at all; and what is kept of it."""

import json

import pytest
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.dummy.provider import DummyProvider
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.checks import no_local_mode_in_production
from accounts.models import Notice, SecurityEvent, User
from accounts.urls import ALLAUTH_DOORS

pytestmark = pytest.mark.django_db

FULL_PROFILE = {
    "id": 77,
    "email": "alice@example.com",
    "email_verified": True,
    "first_name": "Alice",
    "last_name": "Liddell",
    "username": "alice77",
    "phone": "+79990000000",
    "birthday": "2000-01-01",
    "sex": "f",
}


@pytest.fixture
def arrive(rf):
    """Comes back from a login provider with this profile; returns where the browser is sent, and the session."""

    def come(**changes):
        from django.contrib.auth.middleware import AuthenticationMiddleware
        from django.contrib.messages.middleware import MessageMiddleware
        from django.contrib.sessions.middleware import SessionMiddleware

        request = rf.get("/accounts/dummy/login/callback/", HTTP_USER_AGENT="Mozilla/5.0 Firefox/145.0")
        landed = []

        def view(request):
            provider = DummyProvider(request=request)
            login = provider.sociallogin_from_response(request, {**FULL_PROFILE, **changes})
            login.state = {"next": "/login/complete", "process": "login"}
            landed.append(complete_social_login(request, login))
            return landed[0]

        from allauth.core import context

        handler = view
        for middleware in (MessageMiddleware, AuthenticationMiddleware, SessionMiddleware):
            handler = middleware(handler)
        with context.request_context(request):
            handler(request)
        return landed[0], request

    return come


@pytest.mark.promise("P1")
@pytest.mark.promise("P14")
def test_four_things_are_kept_of_a_profile(arrive):
    arrive()
    kept = SocialAccount.objects.get()
    assert kept.uid == "77"
    assert kept.extra_data == {"name": "Alice Liddell", "email": "alice@example.com"}
    user = User.objects.get()
    assert (user.name, user.email) == ("Alice Liddell", "alice@example.com")
    assert not SocialToken.objects.exists()


@pytest.mark.promise("P1")
def test_nothing_more_is_kept_of_a_profile_at_later_sign_ins(arrive):
    arrive()
    arrive(birthday="2001-01-01")
    assert SocialAccount.objects.get().extra_data == {"name": "Alice Liddell", "email": "alice@example.com"}
    assert User.objects.count() == 1


def test_an_unproven_address_is_dropped(arrive):
    arrive(email_verified=False)
    assert User.objects.get().email is None
    assert not EmailAddress.objects.exists()
    assert SocialAccount.objects.get().extra_data == {"name": "Alice Liddell"}


def test_an_unproven_address_does_not_lock_its_owner_out(arrive):
    arrive(id=1, email_verified=False)
    landed, _request = arrive(id=2)
    assert landed["Location"] == "/login/complete"
    assert User.objects.exclude(email=None).get().email == "alice@example.com"


def test_an_address_never_links_to_an_account_that_has_it(arrive, alice):
    landed, request = arrive()
    assert landed["Location"] == "/login?error=email_taken"
    assert not request.user.is_authenticated
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.promise("P3")
def test_a_sign_in_is_logged_with_address_and_browser(arrive):
    arrive()
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.SIGNED_IN)
    assert event.ip == "127.0.0.1"
    assert event.user_agent == "Mozilla/5.0 Firefox/145.0"
    assert event.details == {"provider": "dummy"}


def test_a_sign_in_from_another_browser_is_announced(sign_in):
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


def test_of_allauths_doors_only_those_that_are_used_are_open(alice):
    alice.set_password("correct horse battery")
    alice.save()
    body = {"email": alice.email, "password": "correct horse battery", "username": "x", "provider": "dummy"}
    doors = [path for path in every_address() if path.startswith("_allauth/browser")]
    assert "_allauth/browser/v1/auth/signup" in doors
    for path in doors:
        for method in ("get", "post"):
            client = Client()
            sent = json.dumps(body) if method != "get" else None
            answer = getattr(client, method)(f"/{path}", sent, content_type="application/json")
            opened = path.removeprefix("_allauth/browser/v1/") in ALLAUTH_DOORS
            assert (answer.status_code != 404) is opened, (method, path)
            assert "_auth_user_id" not in client.session, (method, path)
    assert User.objects.count() == 1


def test_local_sign_up_is_closed_by_the_adapter_too(rf):
    assert not get_account_adapter().is_open_for_signup(rf.get("/"))


def test_allauth_hands_out_no_tokens_of_its_own():
    assert not [path for path in every_address() if path.startswith("_allauth/app/")]
    assert Client().post("/_allauth/app/v1/tokens/refresh").status_code == 404


def test_the_dummy_login_signs_in_as_the_person_who_has_the_address(alice):
    browser = Client()
    assert browser.post("/login/dummy", {"email": "ALICE@example.com"})["Location"] == "/login/complete"
    assert browser.session["_auth_user_id"] == str(alice.pk)
    browser.post("/login/dummy", {"email": "carol@example.com", "name": "Carol"})
    assert User.objects.get(email="carol@example.com").name == "Carol"


def test_the_dummy_login_needs_the_csrf_token_and_an_address():
    assert Client(enforce_csrf_checks=True).post("/login/dummy", {"email": "a@example.com"}).status_code == 403
    assert Client().post("/login/dummy", {"email": "nobody"})["Location"] == "/login?error=invalid_email"
    assert Client().get("/login/dummy").status_code == 405
    assert not User.objects.exists()


def test_the_checks_refuse_local_mode_in_production(settings):
    assert no_local_mode_in_production(None) == []
    settings.LOCAL_MODE = False
    assert [error.id for error in no_local_mode_in_production(None)] == ["accounts.E001"]
    settings.LOCAL_MODE, settings.PRODUCTION = True, True
    assert [error.id for error in no_local_mode_in_production(None)] == ["accounts.E002"]
    with pytest.raises(SystemCheckError, match=r"accounts\.E002"):
        call_command("check", tags=["security"])


@override_settings(SOCIALACCOUNT_EMAIL_AUTHENTICATION=False)
def test_linking_by_address_is_off(rf):
    provider = DummyProvider(request=rf.get("/"))
    login = provider.sociallogin_from_response(rf.get("/"), FULL_PROFILE)
    assert not get_adapter().can_authenticate_by_email(login, "alice@example.com")
