"""The back office of generations: what staff see, what they do, and what it leaves behind."""

import re

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.selectors import balance
from billing.tests.helpers import assert_ledger_is_clean
from generations.models import Asset, ContentAccess, Event, Generation, ProviderTask, WebhookDelivery
from generations.services import lifecycle, roles
from neuralbox.core.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

SECRET_PROMPT = "A lighthouse nobody shall know about"
REASON = "Ticket 4711"


def browser_of(user, **options):
    client = Client(headers={"Accept-Language": "en"}, **options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def sonya():
    """In support."""
    call_command("create_roles")
    user = User.objects.create_user("sonya@example.com", name="Sonya", is_staff=True)
    user.groups.add(Group.objects.get(name="support"))
    return user


@pytest.fixture
def generation(alice):
    """Of Alice's, under way, with an attempt that its provider knows."""
    order = {"prompt": SECRET_PROMPT, "size": "512"}
    started = lifecycle.start(lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input=order))
    found = Generation.objects.get(pk=started.id)
    task = ProviderTask.objects.create(
        generation=found, number=1, provider="offline", provider_model="image", status="running",
        external_id="task-at-provider", outputs=[{"url": "https://files.example/secret-output"}],
        prompt_sent_at=timezone.now(), next_poll_at=timezone.now() + timezone.timedelta(hours=1),
    )  # fmt: skip
    WebhookDelivery.objects.create(provider="offline", delivery_id="delivery-1", task=task, body="secret body")
    Asset.objects.create(
        generation=found, position=1, kind="image", mime="image/png", bytes=12, sha256="0" * 64,
        storage_key="results/secret-key.png",
    )  # fmt: skip
    return found


def page_of(generation, action="change"):
    return f"/admin/generations/generation/{generation.pk}/{action}/"


def entries_about(generation):
    return LogEntry.objects.filter(object_pk=str(generation.pk))


def test_the_page_tells_everything_but_the_content(sonya, generation):
    page = browser_of(sonya).get(page_of(generation)).content.decode()
    for told in ("alice@example.com", "demo-image", "task-at-provider", "delivery-1", "image/png", "hold:generation:"):
        assert told in page
    for content in (SECRET_PROMPT, "secret-output", "secret body", "secret-key"):
        assert content not in page
    assert not ContentAccess.objects.exists()


@pytest.mark.parametrize("page", ["providertask", "generation", "outgoingwebhook", "upload"])
def test_no_list_shows_content(sonya, generation, page):
    answer = browser_of(sonya).get(f"/admin/generations/{page}/")
    assert answer.status_code == 200
    assert SECRET_PROMPT not in answer.content.decode()
    assert "secret-output" not in answer.content.decode()


def test_content_opens_with_a_reason_and_its_owner_can_tell_who_looked(sonya, alice, generation):
    client = browser_of(sonya, REMOTE_ADDR="203.0.113.7")
    asked = client.get(page_of(generation, "content"))
    assert asked.status_code == 200
    assert SECRET_PROMPT not in asked.content.decode()
    refused = client.post(page_of(generation, "content"), {"reason": " "})
    assert SECRET_PROMPT not in refused.content.decode()
    assert not ContentAccess.objects.exists()
    opened = client.post(page_of(generation, "content"), {"reason": REASON})
    assert SECRET_PROMPT in opened.content.decode()
    assert "secret-key" in opened.content.decode() or "/files/" in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    opening = ContentAccess.objects.get()
    assert (opening.user, opening.generation_id, opening.staff, opening.reason) == (
        alice, generation.pk, sonya, REASON,
    )  # fmt: skip
    entry = entries_about(generation).get()
    assert (entry.actor, entry.remote_addr) == (sonya, "203.0.113.7")
    assert entry.additional_data == {"event": "content_opened", "reason": REASON, "owner": str(alice.pk)}
    assert SECRET_PROMPT not in client.get(page_of(generation)).content.decode()
    assert REASON in client.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()


def test_an_address_that_the_client_claims_is_not_believed(sonya, generation):
    client = browser_of(sonya, REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.1")
    client.post(page_of(generation, "content"), {"reason": REASON})
    assert entries_about(generation).get().remote_addr == "203.0.113.7"


@pytest.mark.parametrize(
    ("action", "status", "event"),
    [("fail", "failed", "failed_by_staff"), ("cancel", "cancelled", "cancelled_by_staff")],
)
def test_support_ends_a_generation_and_the_tokens_return(sonya, alice, generation, action, status, event):
    client = browser_of(sonya)
    assert client.get(page_of(generation, action)).status_code == 200
    assert client.post(page_of(generation, action), {"reason": ""}).status_code == 200
    generation.refresh_from_db()
    assert generation.status == "queued"
    assert not entries_about(generation).exists()
    assert client.post(page_of(generation, action), {"reason": REASON}).status_code == 302
    generation.refresh_from_db()
    assert generation.status == status
    assert (balance(alice.pk).available, balance(alice.pk).held) == (1000, 0)
    assert_ledger_is_clean()
    entry = entries_about(generation).get()
    assert entry.additional_data == {"event": event, "reason": REASON, "owner": str(alice.pk)}
    assert (entry.actor, entry.changes) == (sonya, {"status": ["queued", status]})


def test_its_owner_reads_that_support_stopped_it(sonya, alice, generation, api_client_of):
    browser_of(sonya).post(page_of(generation, "fail"), {"reason": REASON})
    error = api_client_of(alice).get(f"/api/v1/generations/{generation.pk}").json()["error"]
    assert (error["code"], error["charged"]) == ("failed_by_staff", False)
    assert "support" in error["title"]


def test_what_has_ended_is_not_ended_again(sonya, alice, generation):
    client = browser_of(sonya)
    client.post(page_of(generation, "cancel"), {"reason": REASON})
    for action in ("fail", "cancel", "ask"):
        answer = client.post(page_of(generation, action), {"reason": REASON}, follow=True)
        assert answer.status_code == 200
    generation.refresh_from_db()
    assert generation.status == "cancelled"
    assert entries_about(generation).count() == 1
    assert page_of(generation, "fail") not in client.get(page_of(generation)).content.decode()


def test_support_has_the_provider_asked_at_once(sonya, generation):
    client = browser_of(sonya)
    due = generation.tasks.get().next_poll_at
    assert client.get(page_of(generation, "ask")).status_code == 200
    assert generation.tasks.get().next_poll_at == due
    client.post(page_of(generation, "ask"), {"reason": REASON})
    assert generation.tasks.get().next_poll_at <= timezone.now()
    assert entries_about(generation).get().additional_data["event"] == "provider_asked"


@pytest.mark.parametrize("sought", ["alice@exam", "task-at-provider", "{generation}", "{alice}"])
def test_a_generation_is_found_by(sonya, alice, mallory, generation, sought):
    other = lifecycle.start(
        lifecycle.Order(user_id=mallory.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
    )
    term = sought.format(generation=generation.pk, alice=alice.pk)
    page = browser_of(sonya).get("/admin/generations/generation/", {"q": term}).content.decode()
    assert str(generation.pk) in page
    assert str(other.id) not in page


def test_nobody_finds_generations_by_words_of_the_prompt(sonya, generation):
    page = browser_of(sonya).get("/admin/generations/generation/", {"q": "lighthouse"}).content.decode()
    assert str(generation.pk) not in page


def test_the_list_costs_the_same_for_many(sonya, alice, django_assert_max_num_queries):
    client = browser_of(sonya)
    for _number in range(12):
        lifecycle.start(
            lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
        )
    with django_assert_max_num_queries(12) as queries:
        assert client.get("/admin/generations/generation/").status_code == 200
    assert not [query for query in queries if re.search(r'COUNT\(\*\).*"generations_generation"', query["sql"])]


def test_the_page_of_a_person_tells_their_story(sonya, alice, generation, django_assert_max_num_queries):
    client = browser_of(sonya)
    client.post(page_of(generation, "cancel"), {"reason": REASON})
    client.get(f"/admin/accounts/user/{alice.pk}/change/")
    with django_assert_max_num_queries(45):
        page = client.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    for told in ("Available tokens", "1,000", "demo-image", "hold:generation:", "cancelled_by_staff", REASON):
        assert told in page
    links = set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/\?[^"]*)"', page))
    assert len(links) >= 7
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_all_generations_of_a_person_are_theirs_alone(sonya, alice, mallory, generation):
    other = lifecycle.start(
        lifecycle.Order(user_id=mallory.pk, model="demo-image", raw_input={"prompt": "A dog", "size": "512"})
    )
    page = browser_of(sonya).get("/admin/generations/generation/", {"user__exact": str(alice.pk)}).content.decode()
    assert str(generation.pk) in page
    assert str(other.id) not in page


def test_the_overview_counts_what_happened(sonya, alice, generation, django_assert_max_num_queries):
    from django.core.cache import cache

    begun = timezone.now() - timezone.timedelta(seconds=8)
    Generation.objects.filter(pk=generation.pk).update(
        status="succeeded", tokens_captured=3, created_at=begun, finished_at=begun + timezone.timedelta(seconds=4)
    )
    failed = lifecycle.start(lifecycle.Order(user_id=alice.pk, model="demo-video", raw_input={"prompt": "A dog"}))
    Generation.objects.filter(pk=failed.id).update(status="failed", finished_at=timezone.now())
    Job.objects.update(gave_up_at=timezone.now())
    cache.delete("back-office-figures")
    client = browser_of(sonya)
    with django_assert_max_num_queries(12):
        page = client.get("/admin/").content.decode()
    assert "1 succeeded, 1 failed, 0 cancelled, 0 in work" in page
    assert "50 %" in page
    assert "4.0 s" in page
    assert re.search(r"demo-image.*?100 %", page, re.DOTALL)
    assert SECRET_PROMPT not in page


def test_staff_without_a_role_see_no_figures(generation):
    bare = User.objects.create_user("bare@example.com", is_staff=True)
    page = browser_of(bare).get("/admin/").content.decode()
    assert "demo-image" not in page
    assert "/admin/generations/" not in page


def test_an_auditor_sees_every_table_and_changes_nothing(generation):
    call_command("create_roles")
    user = User.objects.create_user("audrey@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.AUDITOR))
    assert all(name.split(".")[1].startswith("view_") for name in user.get_all_permissions())
    client = browser_of(user)
    assert client.get(page_of(generation)).status_code == 200
    for action in ("content", "fail", "cancel", "ask"):
        assert client.post(page_of(generation, action), {"reason": REASON}).status_code == 403
    generation.refresh_from_db()
    assert generation.status == "queued"
    assert not ContentAccess.objects.exists()


def test_roles_are_brought_back_to_what_the_code_says():
    call_command("create_roles")
    support = Group.objects.get(name="support")
    before = set(support.permissions.values_list("codename", flat=True))
    assert "view_content" in before
    support.permissions.clear()
    call_command("create_roles")
    assert set(support.permissions.values_list("codename", flat=True)) == before
    assert set(Group.objects.values_list("name", flat=True)) == {*roles.ROLES, roles.AUDITOR}


def test_events_are_told_by_their_status(sonya, generation):
    Event.objects.create(user=generation.user, generation=generation, kind="status", payload={"status": "running"})
    assert "running" in browser_of(sonya).get(page_of(generation)).content.decode()
