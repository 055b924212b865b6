"""One account, several logins: added after a fresh sign-in, removed but for the last."""

from datetime import timedelta

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Notice, SecurityEvent, User
from accounts.services import blocks
from accounts.tests.fixtures import Traveller

pytestmark = pytest.mark.django_db
FRESH = "/login?again=1&next=/profile"


@pytest.fixture
def alice_here(traveller):
    """Alice, who joined by GitHub; `access` is her access token."""
    traveller.join("github")
    traveller.access = traveller.browser.post("/api/v1/auth/token").json()["access"]
    return traveller


def add(traveller, login, person="alice"):
    """Goes to the provider as the signed-in person who adds this login."""
    return traveller.go(login, person=person, access=traveller.access)


def test_a_login_is_added_after_a_fresh_sign_in(alice_here, another_traveller):
    assert add(alice_here, "telegram") == "/profile?added=telegram"
    user = User.objects.get()
    assert {account.provider for account in user.socialaccount_set.all()} == {"github", "telegram"}
    assert Notice.objects.get(kind=Notice.Kind.IDENTITY_ADDED).details == {
        "provider": {"ru": "Telegram", "en": "Telegram"}
    }
    assert SecurityEvent.objects.filter(user=user, kind=SecurityEvent.Kind.IDENTITY_ADDED).count() == 1
    assert another_traveller.go("telegram") == "/login/complete"
    assert another_traveller.browser.session["_auth_user_id"] == str(user.pk)


def test_adding_a_login_makes_no_cookie_of_the_person(alice_here):
    add(alice_here, "telegram")
    assert "_auth_user_id" not in alice_here.browser.session


def test_adding_twice_is_adding_once(alice_here):
    add(alice_here, "telegram")
    assert add(alice_here, "telegram") == "/profile?added=telegram"
    assert SocialAccount.objects.count() == 2
    assert Notice.objects.filter(kind=Notice.Kind.IDENTITY_ADDED).count() == 1


def test_a_login_of_another_account_is_not_taken_away(alice_here, another_traveller):
    another_traveller.join("vk", person="bob")
    owner = SocialAccount.objects.get(provider="vk").user
    assert add(alice_here, "vk", person="bob") == "/profile?error=identity_taken&with=vk"
    assert SocialAccount.objects.get(provider="vk").user == owner


def test_a_person_without_an_address_gets_the_proven_one(traveller):
    traveller.join("telegram")
    traveller.access = traveller.browser.post("/api/v1/auth/token").json()["access"]
    add(traveller, "github")
    assert User.objects.get().email == "alice@gmail.com"


def test_an_address_is_neither_replaced_nor_doubled(alice_here, another_traveller):
    another_traveller.join("yandex", person="bob")
    another_traveller.access = another_traveller.browser.post("/api/v1/auth/token").json()["access"]
    add(another_traveller, "google", person="alice")
    assert sorted(User.objects.values_list("email", flat=True)) == ["alice@gmail.com", "bob@yandex.ru"]


def test_an_old_sign_in_is_asked_for_a_fresh_one(alice_here):
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        assert alice_here.browser.post("/login/with/vk", {"access": alice_here.access}).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert alice_here.browser.post("/login/with/vk", {"access": alice_here.access})["Location"] == FRESH


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_nobody_adds_a_login_without_a_token_of_ours(token, login_fakes, db):
    assert Client().post("/login/with/vk", {"access": token})["Location"] == FRESH


def test_adding_needs_a_form_of_ours(alice_here):
    """Nobody is made to link a stranger's login to their account."""
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/login/with/vk", {"access": alice_here.access}).status_code == 403


def test_the_wish_ends_with_the_sign_in_that_it_was_made_in(alice_here):
    back = alice_here.decide(alice_here.leave("vk", access=alice_here.access), person="alice")
    headers = {"Authorization": f"Bearer {alice_here.access}"}
    assert APIClient().post("/api/v1/auth/logout", headers=headers).status_code == 204
    assert alice_here.come_back(back) == "/login?error=expired"
    assert SocialAccount.objects.count() == 1


def test_a_blocked_person_adds_nothing(alice_here, mallory):
    back = alice_here.decide(alice_here.leave("vk", access=alice_here.access), person="alice")
    blocks.block(user=User.objects.get(email="alice@gmail.com"), reason="Abuse", by=mallory)
    assert alice_here.come_back(back) == "/login?error=expired"


def test_the_wish_of_one_browser_is_not_fulfilled_by_another(alice_here, another_traveller):
    back = another_traveller.decide(alice_here.leave("vk", access=alice_here.access), person="bob")
    assert another_traveller.come_back(back).startswith("/login?error=expired")
    assert SocialAccount.objects.count() == 1


def test_who_refuses_at_the_provider_comes_back_to_the_profile(alice_here):
    back = alice_here.decide(alice_here.leave("vk", access=alice_here.access), refuse="1")
    assert alice_here.come_back(back) == "/profile?error=cancelled&with=vk"


def test_the_last_login_cannot_be_removed(alice_here):
    add(alice_here, "telegram")
    headers = {"Authorization": f"Bearer {alice_here.access}"}
    first, second = (found["id"] for found in alice_here.browser.get("/api/v1/me/identities", headers=headers).json())
    assert alice_here.browser.delete(f"/api/v1/me/identities/{first}", headers=headers).status_code == 204
    last = alice_here.browser.delete(f"/api/v1/me/identities/{second}", headers=headers)
    assert (last.status_code, last.json()["code"]) == (409, "last_identity")
    assert Traveller().go("telegram") == "/login/complete"
