"""An address of one's own: named, confirmed by a link in the sign-in that asked, and nobody else's meanwhile."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from accounts.errors import EmailLinkNotValid, TooManyLetters
from accounts.models import EmailProof, Notice, SecurityEvent, User
from accounts.services import email_proofs, freezes, mails, users

pytestmark = pytest.mark.django_db
NEW = "quiet@example.org"


@pytest.fixture
def quiet(sign_in, alice):
    """Signed in just now, without any address, as Telegram, TikTok and VK ID let people be."""
    here = sign_in()
    User.objects.filter(pk=alice.pk).update(email=None)
    return here


def ask(here, email=NEW):
    return here.client.post("/api/v1/me/email", {"email": email}, format="json")


def confirm(here, token):
    return here.client.post("/api/v1/me/email/confirm", {"token": token}, format="json")


def the_letter():
    """Sends what waits to be sent, as the job does; what the link in the newest letter carries."""
    assert mails.send_email_proof(EmailProof.objects.get().pk)
    return re.search(r"/profile/email#(\S+)", mail.outbox[-1].body)[1]


def test_letters_go_to_an_address_once_it_is_confirmed(quiet, alice):
    assert ask(quiet).status_code == 202
    me = quiet.client.get("/api/v1/me").json()
    assert (me["email"], me["pending_email"]) == (None, NEW)
    token = the_letter()
    assert mail.outbox[0].to == [NEW]
    assert "?" not in re.search(r"https?://\S+", mail.outbox[0].body)[0]

    confirmed = confirm(quiet, token)
    assert (confirmed.status_code, confirmed.json()["email"], confirmed.json()["pending_email"]) == (200, NEW, None)
    assert SecurityEvent.objects.filter(user=alice, kind=SecurityEvent.Kind.EMAIL_CHANGED).count() == 1
    mails.send_notice(Notice.objects.get(kind=Notice.Kind.EMAIL_CHANGED).pk)
    assert mail.outbox[-1].to == [NEW]


def test_a_link_works_once(quiet):
    ask(quiet)
    token = the_letter()
    confirm(quiet, token)
    again = confirm(quiet, token)
    assert (again.status_code, again.json()["code"]) == (422, "email_link_not_valid")


def test_a_link_works_for_a_day(quiet, alice):
    ask(quiet)
    token = the_letter()
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)), pytest.raises(EmailLinkNotValid):
        email_proofs.confirm(user=alice, token=token)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert email_proofs.forget_old() == 1


def test_a_later_address_takes_the_place_of_an_earlier_one(quiet):
    ask(quiet, "first@example.org")
    earlier = the_letter()
    ask(quiet)
    assert confirm(quiet, earlier).status_code == 422
    assert confirm(quiet, the_letter()).json()["email"] == NEW


def test_nobody_confirms_an_address_for_somebody_else(quiet, mallory, sign_in):
    """Mallory names the address of Alice, who opens the link: nothing comes of it, and the address stays free."""
    hers = sign_in("mallory@example.com", "Mallory")
    ask(hers, "victim@example.org")
    token = the_letter()
    assert confirm(quiet, token).status_code == 422
    assert users.join(email="victim@example.org").email == "victim@example.org"
    taken = confirm(hers, token)
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")


def test_whether_an_address_is_taken_is_not_told_before(quiet, mallory):
    assert ask(quiet, "Mallory@Example.com").status_code == 202


@pytest.mark.parametrize("token", ["x", "01930b6e-7c3a-7d3e-9f00-3b1f0c6a1d2e:forged", ":"])
def test_a_forged_link_is_refused(quiet, token):
    assert confirm(quiet, token).status_code == 422


def test_the_address_before_hears_of_the_change_and_is_free_again(alice, sign_in):
    here = sign_in()
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    ask(here)
    confirm(here, the_letter())
    mails.send_notice(Notice.objects.get(user=alice, kind=Notice.Kind.EMAIL_CHANGED).pk)
    assert mail.outbox[-1].to == ["alice@example.com"]
    assert NEW in mail.outbox[-1].body
    assert not EmailAddress.objects.filter(email="alice@example.com").exists()
    assert users.join(email="alice@example.com").pk != alice.pk


def test_naming_an_address_needs_a_fresh_sign_in(quiet, refresh):
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        assert ask(quiet).status_code == 202
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        access = refresh(quiet.pair["refresh"]).json()["access"]
        quiet.client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        refused = ask(quiet, "another@example.org")
    assert (refused.status_code, refused.json()["code"]) == (403, "recent_sign_in_required")


def test_a_frozen_account_keeps_its_address(quiet, alice, mallory):
    ask(quiet)
    token = the_letter()
    freezes.freeze(user=alice, reason="A payment is disputed", by=mallory)
    for refused in (confirm(quiet, token), ask(quiet, "another@example.org")):
        assert (refused.status_code, refused.json()["code"]) == (403, "account_frozen")


def test_letters_are_few_per_account_and_per_address(quiet, settings, alice, mallory):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"letters": "2/3600"}
    target = f"{alice.pk}@example.org"
    assert [ask(quiet, target).status_code for _ in range(3)] == [202, 202, 429]
    with pytest.raises(TooManyLetters):
        email_proofs.ask(user=mallory, email=target)


def test_nonsense_and_the_present_address_are_refused(alice, sign_in):
    here = sign_in()
    for email in ("nonsense", "alice@example.com", ""):
        assert ask(here, email).status_code == 422


def test_what_was_confirmed_or_replaced_is_not_mailed(quiet):
    ask(quiet)
    replaced = EmailProof.objects.get().pk
    ask(quiet, "another@example.org")
    assert not mails.send_email_proof(replaced)
