"""One's own profile, logins, devices and notices."""

from datetime import datetime
from uuid import UUID

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core import mail

from accounts import notice_texts, profile
from accounts.models import Notice, SecurityEvent, User
from accounts.services import mails, notices
from accounts.visitors import device_name
from neuralbox.tests.fixtures import FIREFOX

pytestmark = pytest.mark.django_db

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148 Safari/604.1"


@pytest.mark.promise("P14")
def test_the_profile_shows_what_we_know(alice, sign_in):
    shown = sign_in().client.get("/api/v1/me").json()
    assert shown["id"] == str(alice.id)
    assert (shown["name"], shown["email"], shown["avatar"]) == ("Alice", "alice@example.com", None)
    assert (shown["language"], shown["theme"], shown["is_staff"]) == ("en", "system", False)
    assert shown["notice_settings"] == {
        "payments": True, "balance": True, "files": True, "incidents": True, "generations": False,
    }  # fmt: skip
    assert shown["unread_notices"] == 1
    assert datetime.fromisoformat(shown["created_at"])


def test_the_profile_costs_few_queries(alice, sign_in, django_assert_max_num_queries):
    client = sign_in().client
    with django_assert_max_num_queries(4):
        client.get("/api/v1/me")


def test_higher_apps_add_their_section(alice, sign_in):
    before = dict(profile._sections)
    profile.add_section("shoe_size", lambda user: {"of": user.name})
    try:
        assert sign_in().client.get("/api/v1/me").json()["shoe_size"] == {"of": "Alice"}
    finally:
        profile._sections.clear()
        profile._sections.update(before)


def test_preferences_change_and_the_rest_stays(alice, sign_in):
    client = sign_in().client
    body = {"theme": "dark", "language": "ru", "notice_settings": {"balance": False}}
    changed = client.patch("/api/v1/me", body, format="json").json()
    assert (changed["theme"], changed["language"], changed["name"]) == ("dark", "ru", "Alice")
    assert changed["notice_settings"]["balance"] is False
    assert changed["notice_settings"]["payments"] is True
    client.patch("/api/v1/me", {"name": "Alice L."}, format="json")
    alice.refresh_from_db()
    assert (alice.name, alice.theme) == ("Alice L.", "dark")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"theme": "pink"}, "/theme"),
        ({"language": "fr"}, "/language"),
        ({"name": "x" * 151}, "/name"),
        ({"notice_settings": {"marketing": True}}, "/notice_settings/marketing"),
        ({"notice_settings": {"balance": "perhaps"}}, "/notice_settings/balance"),
    ],
)
def test_a_wrong_preference_changes_nothing(alice, sign_in, body, pointer):
    answer = sign_in().client.patch("/api/v1/me", {"name": "New", **body}, format="json")
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_nobody_makes_himself_staff(alice, sign_in):
    sign_in().client.patch("/api/v1/me", {"is_staff": True, "email": "root@example.com"}, format="json")
    alice.refresh_from_db()
    assert (alice.is_staff, alice.email) == (False, "alice@example.com")


@pytest.mark.promise("P3")
def test_devices_are_listed_with_address_and_browser(alice, sign_in):
    here = sign_in()
    sign_in(user_agent=SAFARI)
    shown = here.client.get("/api/v1/me/sessions").json()
    assert [(row["device"], row["is_current"]) for row in shown] == [
        ("Safari, iPhone", False),
        ("Firefox, Windows", True),
    ]
    assert shown[1]["ip"] == "127.0.0.1"
    assert shown[1]["user_agent"] == FIREFOX
    assert all(UUID(row["id"]).version == 7 for row in shown)


def test_a_device_can_be_signed_out(alice, sign_in, refresh):
    here, there = sign_in(), sign_in(user_agent=SAFARI)
    row = next(row for row in here.client.get("/api/v1/me/sessions").json() if not row["is_current"])
    assert here.client.delete(f"/api/v1/me/sessions/{row['id']}").status_code == 204
    assert there.client.get("/api/v1/me").status_code == 401
    assert refresh(there.pair["refresh"]).status_code == 401
    assert here.client.get("/api/v1/me").status_code == 200
    assert here.client.delete(f"/api/v1/me/sessions/{row['id']}").status_code == 404
    assert SecurityEvent.objects.filter(user=alice, kind=SecurityEvent.Kind.SESSION_ENDED).count() == 1


def test_anothers_device_is_not_found(alice, mallory, sign_in):
    mine = sign_in()
    row = mine.client.get("/api/v1/me/sessions").json()[0]
    other = sign_in(mallory.email, "Mallory")
    assert other.client.delete(f"/api/v1/me/sessions/{row['id']}").status_code == 404
    assert mine.client.get("/api/v1/me").status_code == 200


def test_a_device_was_last_seen_when_it_renewed(alice, sign_in, refresh):
    signed_in = sign_in()
    before = UserSession.objects.get().last_seen_at
    refresh(signed_in.pair["refresh"])
    assert UserSession.objects.get().last_seen_at > before


@pytest.mark.promise("P14")
def test_linked_logins_show_all_that_the_provider_told_us(alice, sign_in):
    client = sign_in().client
    (shown,) = client.get("/api/v1/me/identities").json()
    assert (shown["provider"], shown["external_id"], shown["email"]) == (
        "dummy",
        "alice@example.com",
        "alice@example.com",
    )
    assert UUID(shown["id"]).version == 7


def test_the_last_login_cannot_be_removed(alice, sign_in):
    client = sign_in().client
    (first,) = client.get("/api/v1/me/identities").json()
    refused = client.delete(f"/api/v1/me/identities/{first['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_identity")
    SocialAccount.objects.create(user=alice, provider="github", uid="1")
    assert client.delete(f"/api/v1/me/identities/{first['id']}").status_code == 204
    assert [row["provider"] for row in client.get("/api/v1/me/identities").json()] == ["github"]
    assert alice.notices.filter(kind=Notice.Kind.IDENTITY_REMOVED).count() == 1


def test_anothers_login_is_not_found(alice, mallory, sign_in):
    SocialAccount.objects.create(user=alice, provider="github", uid="1")
    (theirs, _second) = sign_in().client.get("/api/v1/me/identities").json()
    answer = sign_in(mallory.email, "Mallory").client.delete(f"/api/v1/me/identities/{theirs['id']}")
    assert answer.status_code == 404
    assert SocialAccount.objects.filter(user=alice).count() == 2


@pytest.mark.promise("P8")
def test_every_notice_is_listed_and_can_be_read(alice, sign_in):
    client = sign_in().client
    notices.send(user_id=alice.id, kind=Notice.Kind.PAYMENT_RECEIVED, tokens=500)
    listed = client.get("/api/v1/me/notices").json()["results"]
    assert [row["kind"] for row in listed] == ["payment_received", "welcome"]
    assert listed[0]["body"] == "500 tokens were added to your balance."
    read = client.post(f"/api/v1/me/notices/{listed[0]['id']}/read")
    first_time = read.json()["read_at"]
    assert first_time
    assert client.post(f"/api/v1/me/notices/{listed[0]['id']}/read").json()["read_at"] == first_time
    assert [row["kind"] for row in client.get("/api/v1/me/notices?unread=true").json()["results"]] == ["welcome"]


def test_anothers_notice_is_not_found(alice, mallory, sign_in):
    notice = alice.notices.get()
    client = sign_in(mallory.email, "Mallory").client
    assert client.post(f"/api/v1/me/notices/{notice.id}/read").status_code == 404
    assert client.get("/api/v1/me/notices").json()["results"][0]["id"] != str(notice.id)


@pytest.mark.promise("P8")
def test_no_kind_of_notice_is_advertising():
    known = {kind.value for kind in Notice.Kind}
    assert set(notice_texts.TEXTS) == known
    assert not [kind for kind in known if any(word in kind for word in ("promo", "market", "offer", "news", "sale"))]


@pytest.mark.promise("P8")
def test_an_unknown_kind_or_an_incomplete_notice_is_a_bug(alice):
    with pytest.raises(ValueError, match="newsletter"):
        notices.send(user_id=alice.id, kind="newsletter")
    with pytest.raises(ValueError, match="tokens"):
        notices.send(user_id=alice.id, kind=Notice.Kind.PAYMENT_RECEIVED)


def test_a_notice_with_a_reference_is_sent_once(alice):
    first = notices.send(user_id=alice.id, kind=Notice.Kind.BALANCE_LOW, reference="low:1", tokens=5)
    again = notices.send(user_id=alice.id, kind=Notice.Kind.BALANCE_LOW, reference="low:1", tokens=4)
    assert first.id == again.id
    assert alice.notices.filter(kind=Notice.Kind.BALANCE_LOW).count() == 1


def test_a_notice_goes_out_by_mail_in_the_readers_language(alice):
    User.objects.filter(pk=alice.pk).update(language="ru")
    notice = notices.send(user_id=alice.id, kind=Notice.Kind.PAYMENT_RECEIVED, tokens=500, link="/wallet")
    assert mails.send_notice(notice.id)
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.com"]
    assert letter.subject == "Платёж получен"
    assert "500" in letter.body
    assert "/wallet" in letter.body


def test_mail_is_not_sent_where_it_is_not_wanted_or_cannot_be(alice):
    low = notices.send(user_id=alice.id, kind=Notice.Kind.BALANCE_LOW, tokens=5)
    alert = notices.send(user_id=alice.id, kind=Notice.Kind.SECURITY_ALERT)
    User.objects.filter(pk=alice.pk).update(notice_settings={"balance": False})
    assert not mails.send_notice(low.id)
    assert mails.send_notice(alert.id)
    User.objects.filter(pk=alice.pk).update(email=None)
    assert not mails.send_notice(alert.id)
    assert len(mail.outbox) == 1


@pytest.mark.promise("P3")
@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 YaBrowser/24.1 Safari/537.36", "Yandex Browser, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("python-requests/2.34", "python-requests"),
        ("curl/8.5.0", "curl"),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_a_device_has_a_name_that_people_know(user_agent, name):
    assert device_name(user_agent) == name
