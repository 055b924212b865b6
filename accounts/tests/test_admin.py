"""The back office's view of people."""

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import SecurityEvent, User
from accounts.services import api_keys

pytestmark = pytest.mark.django_db
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"

# What the page sends along for its read-only tables.
NO_INLINES = {
    f"{prefix}-{field}": "0"
    for prefix in (
        "socialaccount_set",
        "usersession_set",
        "api_keys",
        "notices",
        "security_events",
        "support_messages",
        "staff_views",
        "privacy_requests",
        "deletion_requests",
        "consents",
    )
    for field in ("TOTAL_FORMS", "INITIAL_FORMS")
}


@pytest.fixture
def staff():
    return User.objects.create_superuser("staff@example.com", "correct horse battery", name="Staff")


@pytest.fixture
def office(staff):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(staff, backend=MODEL_BACKEND)
    return client


def page_of(user, action="change"):
    return f"/admin/accounts/user/{user.pk}/{action}/"


def test_in_local_mode_staff_sign_in_by_password(staff):
    client = Client()
    answer = client.post(
        "/admin/login/?next=/admin/", {"username": "STAFF@example.com", "password": "correct horse battery"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_people_are_found_by_address_name_and_id(office, alice, mallory):
    for sought in ("alice@example", "Alice", str(alice.pk)):
        page = office.get("/admin/accounts/user/", {"q": sought}).content.decode()
        assert "alice@example.com" in page
        assert "mallory@example.com" not in page


def test_lists_cost_the_same_for_many_people(office, alice, django_assert_max_num_queries):
    for number in range(20):
        User.objects.create_user(f"many{number}@example.com")
    with django_assert_max_num_queries(12):
        assert office.get("/admin/accounts/user/").status_code == 200


@pytest.mark.promise("P20")
def test_no_page_shows_a_secret(office, alice, sign_in):
    signed_in = sign_in()
    issued = api_keys.create(user=alice, name="Nightly", scopes=["read"])
    session_key = alice.usersession_set.get().session_key
    paths = [
        page_of(alice),
        "/admin/accounts/apikey/",
        f"/admin/accounts/apikey/{issued.api_key.pk}/change/",
        "/admin/accounts/notice/",
        "/admin/accounts/securityevent/",
        "/admin/auditlog/logentry/",
    ]
    for path in paths:
        answer = office.get(path)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert issued.secret not in page
        assert issued.secret[17:57] not in page
        assert session_key not in page
        assert signed_in.pair["refresh"] not in page


def test_blocking_takes_a_reason_and_is_audited(office, staff, alice, sign_in):
    signed_in = sign_in()
    offered = office.get(page_of(alice)).content.decode()
    assert f'{page_of(alice, "block")}"' in offered
    assert f'{page_of(alice, "unblock")}"' not in offered
    assert office.get(page_of(alice, "block")).status_code == 200
    alice.refresh_from_db()
    assert alice.is_active
    assert office.post(page_of(alice, "block"), {"reason": ""}).status_code == 200
    alice.refresh_from_db()
    assert alice.is_active
    assert office.post(page_of(alice, "block"), {"reason": "Stolen card"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_active, alice.block_reason) == (False, "Stolen card")
    assert signed_in.client.get("/api/v1/me").status_code == 401
    entry = LogEntry.objects.get_for_object(alice).get()
    assert entry.additional_data == {"event": "blocked", "reason": "Stolen card"}
    assert entry.actor == staff
    office.post(page_of(alice, "unblock"), {"reason": "Cleared up"})
    alice.refresh_from_db()
    assert (alice.is_active, alice.blocked_at, alice.block_reason) == (True, None, "")
    kinds = SecurityEvent.objects.filter(user=alice).values_list("kind", flat=True)
    assert {"blocked", "unblocked"} <= set(kinds)


def test_blocking_needs_the_csrf_token(staff, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff, backend=MODEL_BACKEND)
    assert client.post(page_of(alice, "block"), {"reason": "Forged"}).status_code == 403
    alice.refresh_from_db()
    assert alice.is_active


def test_staff_without_the_right_cannot_block(alice):
    helper = User.objects.create_user("helper@example.com", is_staff=True)
    client = Client()
    client.force_login(helper, backend=MODEL_BACKEND)
    for method in (client.get, client.post):
        assert method(page_of(alice, "block"), {"reason": "Because"}).status_code == 403
    helper.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert client.post(page_of(alice, "block"), {"reason": "Because"}).status_code == 403
    alice.refresh_from_db()
    assert alice.is_active


def test_staff_cannot_block_each_other_or_themselves(office, staff):
    helper = User.objects.create_user("helper@example.com", is_staff=True)
    helper.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = Client()
    client.force_login(helper, backend=MODEL_BACKEND)
    client.post(page_of(staff, "block"), {"reason": "Coup"})
    office.post(page_of(staff, "block"), {"reason": "Oops"})
    staff.refresh_from_db()
    assert staff.is_active


def test_support_staff_cannot_make_anybody_staff(alice):
    helper = User.objects.create_user("helper@example.com", is_staff=True)
    helper.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = Client()
    client.force_login(helper, backend=MODEL_BACKEND)
    client.post(page_of(alice), {"is_staff": "on", "is_superuser": "on"})
    client.post(page_of(helper), {"is_staff": "on", "is_superuser": "on"})
    for person in (alice, helper):
        person.refresh_from_db()
    assert (alice.is_staff, helper.is_superuser) == (False, False)


def test_a_change_of_rights_needs_a_reason_and_is_audited(office, staff, alice):
    support = Group.objects.create(name="support")
    wanted = {"is_staff": "on", "groups": [support.pk], **NO_INLINES}
    assert "Say why." in office.post(page_of(alice), wanted).content.decode()
    alice.refresh_from_db()
    assert alice.is_staff is False
    answer = office.post(page_of(alice), {**wanted, "reason": "Joins support"})
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert (alice.is_staff, alice.name, alice.email) == (True, "Alice", "alice@example.com")
    entry = LogEntry.objects.get_for_object(alice).get()
    assert entry.changes == {"is_staff": ["False", "True"], "groups": ["[]", "['support']"]}
    assert entry.additional_data["reason"] == "Joins support"
    assert (entry.actor, entry.object_repr) == (staff, str(alice.pk))


def test_people_are_neither_made_nor_deleted_here(office, alice):
    assert office.get("/admin/accounts/user/add/").status_code == 403
    assert office.post(page_of(alice, "delete"), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()
