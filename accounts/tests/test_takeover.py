"""Sequences by which accounts are stolen elsewhere: by address, by waiting, by linking."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.services import users

pytestmark = pytest.mark.django_db


def test_an_address_is_no_key_to_the_account_that_has_it(traveller):
    victim = users.join(email="alice@gmail.com", name="Alice")
    assert traveller.go("google") == "/login?error=email_taken"
    assert "_auth_user_id" not in traveller.browser.session
    assert not SocialAccount.objects.filter(user=victim).exists()
    assert User.objects.count() == 1


def test_who_comes_first_with_anothers_address_gains_nothing(traveller, another_traveller, login_fakes):
    """The attacker claims the victim's address at a provider that does not prove it, and waits for the victim."""
    login_fakes.parties["yandex"].changes["default_email"] = "alice@gmail.com"
    traveller.join("yandex", person="bob")
    attacker = User.objects.get()
    assert attacker.email is None

    assert another_traveller.join("google") == "/login/complete"
    victim = User.objects.exclude(pk=attacker.pk).get()
    assert victim.email == "alice@gmail.com"
    assert not SocialAccount.objects.filter(user=victim).exclude(provider="google").exists()


def test_an_unproven_address_does_not_find_a_proven_account(traveller, login_fakes):
    owner = users.join(email="alice@example.com", name="Alice")
    login_fakes.parties["yandex"].changes["default_email"] = "alice@example.com"
    assert traveller.join("yandex", person="bob") == "/login/complete"
    assert User.objects.exclude(pk=owner.pk).get().email is None


def test_the_address_may_change_at_the_provider_and_the_account_stays(traveller, another_traveller, login_fakes):
    traveller.join("google")
    login_fakes.parties["google"].changes["email"] = "another@gmail.com"
    assert another_traveller.go("google") == "/login/complete"
    assert User.objects.get().email == "alice@gmail.com"


def test_the_settings_cannot_switch_linking_by_address_on(traveller, settings):
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    victim = users.join(email="alice@gmail.com", name="Alice")
    assert traveller.go("google") == "/login?error=email_taken"
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_two_names_at_providers_are_two_people(traveller, another_traveller):
    traveller.join("github", person="alice")
    another_traveller.join("github", person="bob")
    assert User.objects.count() == 2


@pytest.mark.promise("P3")
def test_a_sign_in_is_logged_with_address_and_browser(traveller):
    traveller.join("telegram")
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.SIGNED_IN)
    assert (event.ip, event.details) == ("127.0.0.1", {"provider": "telegram"})
    assert "Firefox" in event.user_agent


def test_a_cookie_of_a_member_of_staff_is_not_carried_into_another_account(traveller, alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    traveller.browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    traveller.join("github", person="bob")
    assert traveller.browser.session["_auth_user_id"] != str(alice.pk)
    assert not SocialAccount.objects.filter(user=alice).exists()


def test_the_stock_pages_to_link_logins_do_not_exist(alice):
    browser = Client()
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    for path in (
        "/accounts/google/login/?process=connect",
        "/accounts/3rdparty/",
        "/accounts/social/connections/",
        "/_allauth/browser/v1/account/providers",
        "/_allauth/browser/v1/auth/provider/redirect",
        "/_allauth/browser/v1/auth/provider/signup",
        "/_allauth/browser/v1/auth/provider/token",
    ):
        for method in (browser.get, browser.post):
            assert method(path).status_code == 404, path
