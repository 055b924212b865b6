"""The desk of support: letters are answered by a person before a deadline; looks at accounts change nothing."""

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.errors import MessageClosed, NotViewable
from accounts.models import Notice, SecurityEvent, StaffView, SupportMessage, User
from accounts.personal_data import Accounts
from accounts.services import api_keys, mails, staff_views, support
from legal.models import PrivacyRequest
from neuralbox.core.errors import InvalidInput

pytestmark = pytest.mark.django_db
TEXT = "I paid yesterday and see no tokens."


@pytest.fixture
def olga():
    return User.objects.create_superuser("olga@example.com", name="Olga")


@pytest.fixture
def desk(olga):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(olga, backend="django.contrib.auth.backends.ModelBackend")
    return client


def write(client=None, **changes):
    client = client or APIClient(HTTP_ACCEPT_LANGUAGE="en")
    return client.post("/api/v1/support-messages", {"topic": "question", "text": TEXT, **changes}, format="json")


# --- letters ----------------------------------------------------------------------------------------------
def test_a_person_writes_and_sees_the_answer(alice, sign_in, olga):
    client = sign_in().client
    sent = write(client, topic="payment")
    assert sent.status_code == 201
    message = SupportMessage.objects.get(pk=sent.json()["id"])
    assert (message.user, message.topic, message.status) == (alice, "payment", "open")
    assert message.deadline - message.created_at <= timedelta(days=1, seconds=5)
    support.answer(message_id=message.pk, text="They are there now.", by=olga)
    shown = client.get("/api/v1/me/support-messages").json()["results"][0]
    assert (shown["status"], shown["answer"]) == ("answered", "They are there now.")
    notice = Notice.objects.get(user=alice, kind=Notice.Kind.SUPPORT_ANSWERED)
    assert mails.send_notice(notice.pk)
    assert "They are there now." in mail.outbox[0].body
    entry = LogEntry.objects.get_for_object(message).get()
    assert (entry.actor, entry.additional_data["event"]) == (olga, "support_answered")


def test_a_stranger_says_where_the_answer_goes(olga):
    refused = write()
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/contact")
    sent = write(contact="carol@example.com", topic="appeal")
    message = SupportMessage.objects.get(pk=sent.json()["id"])
    assert (message.user, message.contact) == (None, "carol@example.com")
    support.answer(message_id=message.pk, text="We have looked again.", by=olga)
    assert mails.send_answer(message.pk)
    assert mail.outbox[0].to == ["carol@example.com"]
    assert "We have looked again." in mail.outbox[0].body
    assert TEXT in mail.outbox[0].body


@pytest.mark.promise("P23")
def test_letters_about_personal_data_lie_in_the_privacy_queue(alice, sign_in):
    sent = write(sign_in().client, topic="privacy")
    letter = PrivacyRequest.objects.get(pk=sent.json()["id"])
    assert (letter.user, letter.way, letter.text) == (alice, "form", TEXT)
    assert not SupportMessage.objects.exists()


@pytest.mark.promise("P6")
def test_who_is_blocked_can_object(alice, olga):
    from accounts.services import blocks

    blocks.block(user=alice, reason="Abuse", by=olga)
    assert write(topic="appeal", contact=alice.email).status_code == 201
    assert SupportMessage.objects.get().deadline < timezone.now() + timedelta(days=1, minutes=1)


def test_a_program_cannot_write(alice):
    key = api_keys.create(user=alice, name="k", scopes=["read", "generate", "billing"]).secret
    answer = write(APIClient(HTTP_AUTHORIZATION=f"Bearer {key}"))
    assert (answer.status_code, answer.json()["code"]) == (403, "people_only")


def test_one_address_cannot_flood_the_desk(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "support": "2/3600"}
    client = APIClient(REMOTE_ADDR="198.51.100.9")
    answers = [write(client, contact="x@example.com").status_code for _number in range(3)]
    assert answers == [201, 201, 429]


@pytest.mark.parametrize("changes", [{"text": "hi"}, {"topic": "spam"}, {"contact": "nonsense"}, {"more": 1}])
def test_a_letter_that_makes_no_sense_is_refused(changes):
    assert write(**{"contact": "x@example.com", **changes}).status_code == 422
    assert not SupportMessage.objects.exists()


def test_a_letter_is_answered_or_closed_once(alice, olga):
    number, _within = support.receive(topic="question", text=TEXT, user=alice)
    support.close(message_id=number, reason="A double", by=olga)
    for act in (support.answer, support.close):
        with pytest.raises(MessageClosed):
            act(message_id=number, by=olga, **{"text" if act is support.answer else "reason": "Again"})
    with pytest.raises(InvalidInput):
        support.answer(message_id=number, text=" ", by=olga)


def test_the_desk_shows_what_is_late_and_answers(alice, desk):
    number, _within = support.receive(topic="question", text=TEXT, user=alice)
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert TEXT[:5] not in desk.get("/admin/accounts/supportmessage/?deadline=late").content.decode()
        assert "alice" in desk.get("/admin/accounts/supportmessage/?deadline=late").content.decode().lower()
    page = f"/admin/accounts/supportmessage/{number}"
    assert TEXT in desk.get(f"{page}/change/").content.decode()
    assert desk.post(f"{page}/answer/", {"reason": "It is there now."}).status_code == 302
    assert SupportMessage.objects.get().answer == "It is there now."
    assert desk.post(f"{page}/change/", {"text": "changed"}).status_code == 403


def test_the_whole_story_of_a_person_is_on_one_page(alice, desk, olga):
    support.receive(topic="question", text=TEXT, user=alice)
    staff_views.begin(user=alice, reason="Ticket 12", by=olga)
    page = desk.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    for shown in (TEXT, "Ticket 12", "Messages to support", "Looks at accounts", "Privacy requests", "Consents"):
        assert shown.lower() in page.lower(), shown


# --- looks ------------------------------------------------------------------------------------------------
@pytest.fixture
def look(alice, olga):
    """A client that sees the site as alice does, for staff."""
    begun = staff_views.begin(user=alice, reason="Ticket 12", by=olga)
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en", HTTP_AUTHORIZATION=f"Bearer {begun.token}")
    client.begun = begun
    return client


def test_a_look_shows_what_the_person_sees(look, alice):
    assert look.get("/api/v1/me").json()["email"] == "alice@example.com"
    for path in ("me/identities", "me/sessions", "me/api-keys", "me/notices", "me/security-events"):
        assert look.get(f"/api/v1/{path}").status_code == 200, path


def test_a_look_changes_nothing_and_opens_no_secret(look, alice):
    key = api_keys.create(user=alice, name="k", scopes=["read"]).api_key
    attempts = [
        ("patch", "me"), ("post", "me/api-keys"), ("delete", f"me/api-keys/{key.pk}"), ("post", "me/exports"),
        ("post", "me/deletion-request"), ("post", "me/notices/read"), ("delete", "me/sessions"),
        ("post", "support-messages"), ("get", "me/exports"), ("get", "webhook-endpoints"), ("get", "me/privacy"),
        ("get", "ledger/statement"),
    ]  # fmt: skip
    for method, path in attempts:
        answer = getattr(look, method)(f"/api/v1/{path}", {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "read_only_view"), (method, path)
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.promise("P18")
def test_the_person_sees_who_looked_and_why(look, alice, sign_in):
    client = sign_in().client
    kinds = [event["kind"] for event in client.get("/api/v1/me/security-events").json()["results"]]
    assert "staff_view" in kinds
    notice = next(n for n in client.get("/api/v1/me/notices").json()["results"] if n["kind"] == "staff_view")
    assert "Ticket 12" in notice["body"]
    (opened,) = Accounts().opened(alice)
    assert (opened.why, str(opened.who)) == ("Ticket 12", "Support")
    assert SecurityEvent.objects.filter(user=alice, kind=SecurityEvent.Kind.STAFF_VIEW).count() == 1


def test_a_look_ends_after_half_an_hour_and_when_it_is_ended(look):
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert look.get("/api/v1/me").status_code == 401
    assert look.get("/api/v1/me").status_code == 200
    staff_views.end(view_id=look.begun.view.pk)
    assert look.get("/api/v1/me").status_code == 401


def test_a_look_ends_with_the_right_to_look(look, olga):
    User.objects.filter(pk=olga.pk).update(is_active=False)
    assert look.get("/api/v1/me").status_code == 401


def test_a_look_needs_a_reason_and_the_right_and_is_not_at_staff(alice, olga):
    helper = User.objects.create_user("helper@example.com", is_staff=True)
    with pytest.raises(NotViewable):
        staff_views.begin(user=alice, reason="Curious", by=helper)
    helper.user_permissions.add(Permission.objects.get(codename="add_staffview"))
    helper = User.objects.get(pk=helper.pk)
    with pytest.raises(InvalidInput):
        staff_views.begin(user=alice, reason=" ", by=helper)
    for person in (olga, helper):
        with pytest.raises(NotViewable):
            staff_views.begin(user=person, reason="Ticket", by=helper)
    assert staff_views.begin(user=alice, reason="Ticket", by=helper)


def test_a_look_begins_on_the_page_of_the_person(alice, desk):
    address = f"/admin/accounts/user/{alice.pk}/view-as/"
    assert "Nothing can be changed" in desk.get(address).content.decode()
    assert not StaffView.objects.exists()
    page = desk.post(address, {"reason": "Ticket 12"})
    token = page.content.decode().partition('data-token="')[2].partition('"')[0]
    assert token.startswith("nb_view_")
    assert "no-store" in page["Cache-Control"]
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get("/api/v1/me").status_code == 200
    stored = bytes(StaffView.objects.get().digest)
    assert token.encode() not in stored


@pytest.mark.parametrize("token", ["nb_view_", "nb_view_nonsense"])
def test_a_made_up_look_shows_nothing(token):
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get("/api/v1/me").status_code == 401


# --- the audit trail --------------------------------------------------------------------------------------
def test_the_audit_trail_says_what_and_why_without_counting(alice, olga, desk, django_assert_max_num_queries):
    for number in range(3):
        staff_views.begin(user=alice, reason=f"Ticket {number}", by=olga)
    with django_assert_max_num_queries(15) as queries:
        page = desk.get("/admin/auditlog/logentry/").content.decode()
    assert "viewed_as_user" in page
    assert "Ticket 2" in page
    assert not [
        query for query in queries.captured_queries if "COUNT(*)" in query["sql"] and "auditlog" in query["sql"]
    ]
    for sought in ("olga@example.com", str(alice.pk), "viewed_as_user"):
        assert "Ticket 1" in desk.get("/admin/auditlog/logentry/", {"q": sought}).content.decode()
