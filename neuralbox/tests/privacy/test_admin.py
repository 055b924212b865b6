"""The back office of privacy, as its role uses it; the auditor sees all of it and changes nothing."""

import csv
import io

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from legal.models import (
    DeletionRequest,
    Disclosure,
    Document,
    DocumentVersion,
    LegalHold,
    RetentionRule,
    RetentionRun,
)
from legal.services import registers
from legal.tests.fixtures import REASON
from neuralbox.core import audit

pytestmark = pytest.mark.django_db


def member(name, role):
    person = User.objects.create_user(f"{name}@staff.example", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person


def browser_of(person):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def roles():
    call_command("create_roles", verbosity=0)


@pytest.fixture
def paul(roles):
    """In charge of privacy."""
    return member("paul", "privacy")


@pytest.fixture
def office(paul):
    return browser_of(paul)


def test_a_version_is_drafted_looked_at_and_published(office, terms):
    office.post("/admin/legal/document/terms/write/", {"reason": REASON})
    draft = DocumentVersion.objects.get(status="draft")
    page = f"/admin/legal/documentversion/{draft.pk}"
    form = {
        "title_ru": "Условия", "title_en": "Terms", "body_ru": "Новая строка.", "body_en": "**New** line.",
        "change_ru": "Строка", "change_en": "A line", "is_significant": "on",
        "effective_at_0": "2099-01-01", "effective_at_1": "00:00:00",
    }  # fmt: skip
    assert office.post(f"{page}/change/", form).status_code == 302
    preview = office.get(f"{page}/preview/").content.decode()
    assert "<strong>New</strong> line." in preview
    assert "<del>" in preview
    assert DocumentVersion.objects.get(pk=draft.pk).status == "draft"
    office.post(f"{page}/publish/", {"reason": REASON})
    published = DocumentVersion.objects.get(pk=draft.pk)
    assert (published.status, published.body_en) == ("published", "**New** line.")
    assert office.post(f"{page}/change/", form | {"body_en": "Other"}).status_code == 403
    assert "/publish/" not in office.get(f"{page}/change/").content.decode()
    assert office.post(f"{page}/delete/", {"post": "yes"}).status_code == 403


def test_a_deletion_request_is_entered_confirmed_and_watched(office, alice, paul):
    form = {"user": str(alice.pk), "way": "support", "reason": REASON}
    office.post("/admin/legal/deletionrequest/add/", form)
    row = DeletionRequest.objects.get()
    assert (row.status, row.entered_by, row.reason) == ("requested", paul, REASON)
    refused = office.post("/admin/legal/deletionrequest/add/", form, follow=True).content.decode()
    assert "going to be deleted already" in refused
    office.post(f"/admin/legal/deletionrequest/{row.pk}/confirm/", {"reason": REASON})
    row.refresh_from_db()
    assert row.status == "scheduled"
    DeletionRequest.objects.update(deadline=timezone.now())
    assert str(row.pk)[:8] in office.get("/admin/legal/deletionrequest/?deadline=late").content.decode()
    assert {entry.additional_data["event"] for entry in LogEntry.objects.get_for_object(row)} == {
        "deletion_requested", "deletion_confirmed",
    }  # fmt: skip


@pytest.mark.promise("P21")
def test_a_letter_about_a_child_has_a_button_that_deletes_the_account_at_once(office, alice, bob, paul):
    letter = registers.receive(kind="child", way="form", text="Alice is 12", contact=bob.email, user_id=bob.pk)
    page = f"/admin/legal/privacyrequest/{letter.pk}"
    assert f"{page}/delete-child/" in office.get(f"{page}/change/").content.decode()
    refused = office.post(f"{page}/delete-child/", {"account": "nobody@example.com", "reason": REASON})
    assert "no account with this e-mail" in refused.content.decode()
    office.post(f"{page}/delete-child/", {"account": f" {alice.email.upper()} ", "reason": REASON})
    request = DeletionRequest.objects.get()
    assert (request.user, request.way, request.status, request.entered_by) == (alice, "child", "scheduled", paul)
    assert request.erase_at <= timezone.now()
    letter.refresh_from_db()
    assert (letter.status, letter.answer, letter.closed_by) == ("done", REASON, paul)
    written = [(entry.additional_data["event"], entry.additional_data["reason"]) for entry in LogEntry.objects.all()]
    assert set(written) == {("deletion_requested", REASON), ("privacy_request_closed", REASON)}
    assert "/delete-child/" not in office.get(f"{page}/change/").content.decode()
    again = office.post(f"{page}/delete-child/", {"account": str(bob.pk), "reason": REASON}, follow=True)
    assert "present state does not allow" in again.content.decode()
    assert DeletionRequest.objects.count() == 1


@pytest.mark.promise("P21")
def test_only_who_may_delete_accounts_is_offered_it_and_only_where_a_child_may_be_meant(office, roles, alice):
    child, access = (registers.receive(kind=kind, way="mail", text="?") for kind in ("child", "access"))
    assert "/delete-child/" not in office.get(f"/admin/legal/privacyrequest/{access.pk}/change/").content.decode()
    support = browser_of(member("sonja", "support"))
    page = f"/admin/legal/privacyrequest/{child.pk}"
    shown = support.get(f"{page}/change/")
    assert shown.status_code == 200
    assert "/delete-child/" not in shown.content.decode()
    answer = support.post(f"{page}/delete-child/", {"account": alice.email, "reason": REASON})
    assert answer.status_code == 403
    assert not DeletionRequest.objects.exists()


def test_a_legal_hold_is_placed_and_lifted(office, alice, paul):
    office.post("/admin/legal/legalhold/add/", {"user": str(alice.pk), "ground": "Case 12"})
    hold = LegalHold.objects.get()
    assert (hold.ground, hold.placed_by) == ("Case 12", paul)
    office.post(f"/admin/legal/legalhold/{hold.pk}/lift/", {"reason": REASON})
    hold.refresh_from_db()
    assert hold.lifted_at is not None


def test_a_period_is_set_within_its_limits(office):
    page = "/admin/legal/retentionrule/set/generations.history/"
    assert "Generations" in office.get("/admin/legal/retentionrule/").content.decode()
    assert "From 30 to 1825 days" in office.post(page, {"days": "29", "reason": REASON}).content.decode()
    assert office.post(page, {"days": "90", "reason": REASON}).status_code == 302
    assert RetentionRule.objects.get().days == 90


def test_a_dry_run_is_asked_for_and_reported(office, paul):
    assert office.get("/admin/legal/retentionrun/dry-run/").status_code == 200
    assert not RetentionRun.objects.exists()
    shown = office.post("/admin/legal/retentionrun/dry-run/", follow=True).content.decode()
    run = RetentionRun.objects.get()
    assert (run.is_dry, run.started_by) == (True, paul)
    assert "generations.history" in shown


@pytest.mark.promise("P17")
def test_a_disclosure_is_entered_by_one_and_decided_by_another(office, alice, roles):
    form = {
        "authority": "Court", "letter": "12/34", "ground": "Order", "scope": "Sign-ins", "user": str(alice.pk),
        "received_at_0": "2026-11-20", "received_at_1": "10:00:00",
    }  # fmt: skip
    office.post("/admin/legal/disclosure/add/", form)
    demand = Disclosure.objects.get()
    page = f"/admin/legal/disclosure/{demand.pk}/give/"
    assert "Another person" in office.post(page, {"reason": "Sign-ins"}, follow=True).content.decode()
    browser_of(member("petra", "privacy")).post(page, {"reason": "Sign-ins of May"})
    demand.refresh_from_db()
    assert (demand.status, demand.given) == ("given", "Sign-ins of May")
    register = b"".join(office.get("/admin/legal/disclosure/export/").streaming_content).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(register)))["given"] == "Sign-ins of May"


@pytest.mark.promise("P17")
def test_the_register_of_recipients_can_be_seen_and_taken_along(office):
    assert "NeuralBox (this machine)" in office.get("/admin/legal/disclosure/recipients/").content.decode()
    taken = b"".join(office.get("/admin/legal/disclosure/recipients/?format=csv").streaming_content)
    assert b"offline" in taken


def test_the_auditor_sees_everything_and_changes_nothing(roles, terms, alice, olga):
    auditor = browser_of(member("anna", "auditor"))
    for model in ("document", "documentversion", "consent", "export", "deletionrequest", "legalhold",
                  "privacyrequest", "disclosure", "retentionrule", "retentionrun", "retentionwarning"):  # fmt: skip
        assert auditor.get(f"/admin/legal/{model}/").status_code == 200, model
        assert auditor.get(f"/admin/legal/{model}/add/").status_code == 403, model
    version = terms.versions.get()
    assert auditor.post(f"/admin/legal/documentversion/{version.pk}/publish/", {"reason": REASON}).status_code == 403
    assert auditor.post(f"/admin/legal/document/{terms.pk}/write/", {"reason": REASON}).status_code == 403
    period = {"days": "90", "reason": REASON}
    assert auditor.post("/admin/legal/retentionrule/set/generations.history/", period).status_code == 403
    assert auditor.post("/admin/legal/retentionrun/dry-run/").status_code == 403
    assert not RetentionRun.objects.exists()
    assert Document.objects.get().versions.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.delete(),
        lambda entries: entries.update(action=0),
        lambda entries: entries.update(object_pk="1"),
        lambda entries: entries.update(timestamp=timezone.now()),
    ],
    ids=["deleted", "its kind", "its row", "its time"],
)
def test_the_database_itself_keeps_the_audit_trail(alice, olga, change):
    entry = audit.record(alice, by=olga, event="blocked", reason=REASON)
    with pytest.raises(DatabaseError, match="audit trail does not change"), transaction.atomic():
        change(LogEntry.objects.filter(pk=entry.pk))
    assert LogEntry.objects.get(pk=entry.pk).additional_data["reason"] == REASON


def test_the_audit_trail_is_searched_and_taken_along(alice, olga):
    audit.record(alice, by=olga, event="blocked", reason=REASON)
    office = browser_of(olga)
    found = office.get("/admin/auditlog/logentry/", {"q": "blocked"})
    assert found.status_code == 200
    rows = list(
        csv.DictReader(
            io.StringIO(b"".join(office.get("/admin/auditlog/logentry/export/").streaming_content).decode("utf-8-sig"))
        )
    )
    assert (rows[-1]["event"], rows[-1]["reason"], rows[-1]["actor"]) == ("blocked", REASON, str(olga.pk))


def test_the_audit_trail_speaks_the_language_of_its_reader(alice, olga):
    entry = audit.record(alice, by=olga, event="rights_changed", reason=REASON, changes={"is_staff": ("False", "True")})
    client = browser_of(olga)
    for page in ("", f"{entry.pk}/change/"):
        shown = client.get(f"/admin/auditlog/logentry/{page}", headers={"Accept-Language": "ru"}).content.decode()
        for english in ("Resource", "Created", "Changes", "log entr", "actor", "remote address", ">From<", ">Field<"):
            assert english not in shown, english
        assert f"/admin/accounts/user/{alice.pk}/change/" in shown


def test_the_audit_trail_is_narrowed_to_one_table_by_its_name(alice, olga):
    audit.record(alice, by=olga, event="blocked", reason=REASON)
    client, page = browser_of(olga), "/admin/auditlog/logentry/"
    tables = {name: ContentType.objects.get_for_model(model).pk for name, model in
              {"user": User, "document": Document}.items()}  # fmt: skip
    assert REASON in client.get(page, {"table": tables["user"]}).content.decode()
    assert REASON not in client.get(page, {"table": tables["document"]}).content.decode()
    assert client.get(page, {"table": "nonsense"}).status_code == 200
