"""A frozen account: its owner comes in, reads and objects; keys and logins stay as they are until staff unfreeze it.

That such an account neither spends nor buys is proven with the ledger in `neuralbox/tests/api/test_frozen_accounts.py`.
"""

import pytest
from allauth.socialaccount.models import SocialAccount
from auditlog.models import LogEntry
from django.core import mail
from django.test import Client

from accounts.errors import NotBlockable
from accounts.models import ApiKey, Notice, User
from accounts.services import api_keys, blocks, freezes, mails
from accounts.tests.test_linking import add, alice_here  # noqa: F401
from neuralbox.core.errors import InvalidInput

pytestmark = pytest.mark.django_db
REASON = "A payment is disputed"


@pytest.fixture
def staff(mallory):
    User.objects.filter(pk=mallory.pk).update(is_staff=True)
    mallory.refresh_from_db()
    return mallory


def test_who_is_frozen_stays_signed_in_and_sees_why(alice, staff, sign_in):
    signed_in = sign_in()
    assert signed_in.client.get("/api/v1/me").json()["frozen"] is None
    assert freezes.freeze(user=alice, reason=REASON, by=staff)
    assert not freezes.freeze(user=alice, reason="Again", by=staff)
    me = signed_in.client.get("/api/v1/me").json()
    assert me["frozen"]["reason"] == REASON
    for address in ("me/identities", "me/sessions", "me/api-keys", "me/security-events", "me/notices"):
        assert signed_in.client.get(f"/api/v1/{address}").status_code == 200
    letter = {"topic": "appeal", "text": "It was my own card."}
    assert signed_in.client.post("/api/v1/support-messages", letter, format="json").status_code == 201
    assert sign_in().client.get("/api/v1/me").status_code == 200


@pytest.mark.promise("P6")
def test_staff_say_why_and_the_audit_trail_keeps_it(alice, staff):
    with pytest.raises(InvalidInput):
        freezes.freeze(user=alice, reason=" ", by=staff)
    freezes.freeze(user=alice, reason=REASON, by=staff)
    freezes.unfreeze(user=alice, reason="The bank agreed", by=staff)
    assert not freezes.unfreeze(user=alice, reason="Again", by=staff)
    trail = LogEntry.objects.get_for_object(alice).order_by("pk")
    assert [(entry.additional_data, entry.actor_id) for entry in trail] == [
        ({"event": "frozen", "reason": REASON}, staff.pk),
        ({"event": "unfrozen", "reason": "The bank agreed"}, staff.pk),
    ]


def test_the_letter_names_the_reason_and_the_way_to_object(alice, staff):
    freezes.freeze(user=alice, reason=REASON, by=staff)
    notice = Notice.objects.get(user=alice, kind=Notice.Kind.ACCOUNT_FROZEN)
    assert mails.send_notice(notice.pk)
    assert f"Reason: {REASON}." in mail.outbox[0].body
    assert "/support?topic=appeal" in mail.outbox[0].body
    freezes.unfreeze(user=alice, reason="The bank agreed", by=staff)
    assert mails.send_notice(Notice.objects.get(user=alice, kind=Notice.Kind.ACCOUNT_UNFROZEN).pk)


def test_keys_are_neither_made_nor_renewed_but_can_be_revoked(alice, staff, sign_in):
    issued = api_keys.create(user=alice, name="Nightly", scopes=["read"])
    client = sign_in().client
    freezes.freeze(user=alice, reason=REASON, by=staff)
    made = client.post("/api/v1/me/api-keys", {"name": "More", "scopes": ["read"]}, format="json")
    rotated = client.post(f"/api/v1/me/api-keys/{issued.api_key.pk}/rotate", {}, format="json")
    for refused in (made, rotated):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (403, "account_frozen")
        assert (problem["reason"], problem["appeal"]) == (REASON, "/support?topic=appeal")
        assert REASON in problem["detail"]
    assert client.get("/api/v1/me", HTTP_X_API_KEY=issued.secret, HTTP_AUTHORIZATION="").status_code == 200
    assert client.delete(f"/api/v1/me/api-keys/{issued.api_key.pk}").status_code == 204
    assert ApiKey.objects.count() == 1


def test_the_refusal_is_in_the_language_of_the_caller(alice, staff, sign_in):
    client = sign_in().client
    freezes.freeze(user=alice, reason=REASON, by=staff)
    sent = {"name": "More", "scopes": ["read"]}
    refused = client.post("/api/v1/me/api-keys", sent, format="json", HTTP_ACCEPT_LANGUAGE="ru")
    assert refused.json()["detail"].startswith(f"Ваш аккаунт заморожен. Причина: {REASON}.")


def test_logins_are_neither_added_nor_removed(alice_here, staff):  # noqa: F811
    add(alice_here, "telegram")
    headers = {"Authorization": f"Bearer {alice_here.access}"}
    login = alice_here.browser.get("/api/v1/me/identities", headers=headers).json()[0]["id"]
    back = alice_here.decide(alice_here.leave("vk", access=alice_here.access), person="alice")
    freezes.freeze(user=User.objects.get(email="alice@gmail.com"), reason=REASON, by=staff)

    assert alice_here.come_back(back) == "/profile?error=frozen"
    answer = alice_here.browser.post("/login/with/tiktok", {"access": alice_here.access})
    assert answer["Location"] == "/profile?error=frozen"
    refused = alice_here.browser.delete(f"/api/v1/me/identities/{login}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "account_frozen")
    assert set(SocialAccount.objects.values_list("provider", flat=True)) == {"github", "telegram"}


def test_staff_freeze_neither_each_other_nor_themselves(alice, staff):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.refresh_from_db()
    for person in (alice, staff):
        with pytest.raises(NotBlockable):
            freezes.freeze(user=person, reason=REASON, by=staff)


def test_a_lifted_block_leaves_the_freeze(alice, staff):
    freezes.freeze(user=alice, reason=REASON, by=staff)
    blocks.block(user=alice, reason="Abuse", by=staff)
    blocks.unblock(user=alice, reason="Cleared", by=staff)
    alice.refresh_from_db()
    assert (alice.is_active, alice.freeze_reason) == (True, REASON)


def test_who_is_blocked_reads_the_reason_after_proving_who_they_are(alice, staff):
    """Not everybody has an address for the letter."""
    blocks.block(user=alice, reason="A stolen card", by=staff)
    browser, stranger = Client(HTTP_ACCEPT_LANGUAGE="en"), Client(HTTP_ACCEPT_LANGUAGE="en")
    assert browser.post("/login/dummy", {"email": alice.email})["Location"] == "/login?error=blocked"
    assert "Reason: A stolen card" in browser.get("/en/login?error=blocked").content.decode()
    assert "A stolen card" not in stranger.get("/en/login?error=blocked").content.decode()


def test_the_admin_offers_what_fits_and_asks_why(alice):
    boss = User.objects.create_superuser("boss@example.com", "correct horse battery")
    office = Client(HTTP_ACCEPT_LANGUAGE="en")
    office.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/admin/accounts/user/{alice.pk}/"
    offered = office.get(f"{page}change/").content.decode()
    assert (f'{page}freeze/"' in offered, f'{page}unfreeze/"' in offered) == (True, False)
    assert office.get(f"{page}freeze/").status_code == 200
    assert office.post(f"{page}freeze/", {"reason": ""}).status_code == 200
    assert office.post(f"{page}freeze/", {"reason": REASON}).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_active, alice.freeze_reason) == (True, REASON)
    offered = office.get(f"{page}change/").content.decode()
    assert (f'{page}freeze/"' in offered, f'{page}unfreeze/"' in offered) == (False, True)
    assert "Frozen" in office.get("/admin/accounts/user/").content.decode()
    office.post(f"{page}unfreeze/", {"reason": "Cleared"})
    alice.refresh_from_db()
    assert alice.frozen_at is None
