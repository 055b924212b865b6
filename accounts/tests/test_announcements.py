"""News of legal reach people: in the site, by letter, in their language; and access follows them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts import notice_texts
from accounts.models import Notice, User
from accounts.services import api_keys, blocks, mails
from legal.models import DeletionRequest
from legal.services import deletions
from legal.signals import document_changed, export_ready, retention_warned

pytestmark = pytest.mark.django_db
SOON = datetime(2027, 3, 1, tzinfo=UTC)


def said(notice, language="en"):
    with translation.override(language):
        return notice_texts.body_of(notice)


def the_notice(user, kind):
    return Notice.objects.get(user=user, kind=kind)


@pytest.mark.promise("P22")
def test_a_changed_document_is_told_once_per_version_in_each_language(alice, mallory):
    User.objects.filter(pk=mallory.pk).update(language="ru")
    version, titles = uuid4(), {"ru": "Политика", "en": "Policy"}
    for _time in range(2):
        document_changed.send(
            sender=None, user_ids=[alice.pk, mallory.pk], document="privacy", version_id=version, titles=titles,
            effective_at=SOON, needs_acceptance=False,
        )  # fmt: skip
    assert "“Policy” has a new version, in force from March 1, 2027" in said(the_notice(alice, "document_changed"))
    assert "«Политика»" in said(the_notice(mallory, "document_changed"), "ru")
    assert the_notice(alice, "document_changed").link == "/legal/privacy/history"


@pytest.mark.promise("P18")
def test_a_ready_export_is_told(alice):
    export_ready.send(sender=None, user_id=alice.pk, export_id=uuid4(), expires_at=SOON)
    assert said(the_notice(alice, "export_ready")) == "The archive can be downloaded until March 1, 2027."


@pytest.mark.promise("P10")
def test_a_coming_purge_is_told_once_a_day(alice):
    for _time in range(2):
        retention_warned.send(sender=None, user_id=alice.pk, kind="generations", count=3, purge_at=SOON)
    notice = the_notice(alice, "retention_warning")
    assert said(notice) == "3 old results will be deleted on March 1, 2027. Save what you need."


@pytest.mark.promise("P18")
def test_a_deletion_ends_access_and_its_letter_keeps_the_account(alice, sign_in):
    here = sign_in()
    key = api_keys.create(user=alice, name="k", scopes=["read"]).secret
    with_key = {"Authorization": f"Bearer {key}"}
    assert Client().get("/api/v1/me", headers=with_key).status_code == 200
    deletions.ask(user=alice, confirm="alice@example.com")
    assert here.client.get("/api/v1/me").status_code == 401
    assert Client().get("/api/v1/me", headers=with_key).status_code == 401
    notice = the_notice(alice, "deletion_scheduled")
    assert mails.send_notice(notice.pk)
    letter = mail.outbox[-1]
    assert "/account/keep?token=" in letter.body

    returned = Client().post("/login/dummy", {"email": alice.email})
    assert returned["Location"].startswith("/account/keep?token=")
    token = returned["Location"].partition("=")[2]
    assert Client().post("/account/keep", {"token": token}).status_code == 200
    alice.refresh_from_db()
    assert alice.is_active
    assert Client().get("/api/v1/me", headers=with_key).status_code == 200
    assert mails.send_notice(the_notice(alice, "deletion_cancelled").pk)


def test_a_block_outlives_a_cancelled_deletion_and_a_deletion_a_lifted_block(alice, mallory):
    User.objects.filter(pk=mallory.pk).update(is_staff=True, is_superuser=True)
    request = deletions.ask(user=alice, confirm="alice@example.com")
    blocks.block(user=alice, reason="Abuse", by=mallory)
    blocks.unblock(user=alice, reason="Cleared", by=mallory)
    alice.refresh_from_db()
    assert not alice.is_active
    blocks.block(user=alice, reason="Abuse", by=mallory)
    deletions.cancel(user=alice)
    alice.refresh_from_db()
    assert not alice.is_active
    assert Client().post("/login/dummy", {"email": alice.email})["Location"] == "/login?error=blocked"
    assert request.pk


@pytest.mark.promise("P18")
def test_the_last_letter_goes_out_before_the_address_is_gone(alice):
    request = deletions.ask(user=alice, confirm="alice@example.com")
    DeletionRequest.objects.update(erase_at=timezone.now() - timedelta(minutes=1))
    assert deletions.erase(request.pk)
    assert [letter.subject for letter in mail.outbox] == ["Your account is being deleted"]
    assert not Notice.objects.filter(user=alice).exists()


@pytest.mark.promise("P6")
def test_who_is_blocked_is_told_why_by_letter(alice, mallory):
    User.objects.filter(pk=mallory.pk).update(is_staff=True)
    blocks.block(user=alice, reason="Stolen card.", by=mallory)
    notice = the_notice(alice, "account_blocked")
    assert mails.send_notice(notice.pk)
    letter = mail.outbox[-1]
    assert "Stolen card." in letter.body
    assert "/support?topic=appeal" in letter.body
    blocks.unblock(user=alice, reason="A mistake", by=mallory)
    assert mails.send_notice(the_notice(alice, "account_unblocked").pk)
