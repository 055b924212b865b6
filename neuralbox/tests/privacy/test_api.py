"""The API of privacy: what is held, exports with their links, consents, the deletion request."""

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from legal.models import DeletionRequest, Export
from legal.services import consents, exports
from neuralbox.tests.fixtures import FIREFOX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


@pytest.fixture
def client(alice, person_client_of):
    return person_client_of(alice)


@pytest.fixture
def signed_in(alice):
    """The tokens of a fresh sign-in."""
    browser = Client(HTTP_USER_AGENT=FIREFOX)
    browser.post("/login/dummy", {"email": alice.email, "name": alice.name})
    return browser.post("/api/v1/auth/token").json()


def finish(export_id):
    while exports.make_part(export_id):
        pass


@pytest.mark.promise("P18")
def test_an_export_is_asked_for_watched_and_downloaded(client, file_store):
    asked = client.post("/api/v1/me/exports")
    assert (asked.status_code, asked.json()["status"], asked.json()["download_url"]) == (202, "requested", None)
    assert client.post("/api/v1/me/exports").json()["code"] == "export_in_progress"
    finish(asked.json()["id"])
    ready = client.get(f"/api/v1/me/exports/{asked.json()['id']}").json()
    assert (ready["status"], ready["progress"], len(ready["parts"])) == ("ready", 1.0, 1)
    assert client.get("/api/v1/me/exports").json()[0]["id"] == ready["id"]
    stranger = Client()
    answer = stranger.get(ready["download_url"])
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="neuralbox-')
    content = answer.getvalue()
    assert len(content) == ready["parts"][0]["bytes"]
    assert "index.html" in zipfile.ZipFile(BytesIO(content)).namelist()

    part = stranger.get(ready["download_url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.getvalue()) == (206, content[:4])


@pytest.mark.promise("P18")
def test_the_link_lives_for_a_day_and_cannot_be_made_up(client, file_store):
    export_id = client.post("/api/v1/me/exports").json()["id"]
    finish(export_id)
    link = client.get(f"/api/v1/me/exports/{export_id}").json()["download_url"]
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert client.get(link).status_code == 410
    assert client.get(link[:-2] + "xx").status_code == 404
    Export.objects.update(status="expired")
    assert client.get(link).status_code == 410


def test_an_export_of_another_is_not_there(client, mallory, file_store):
    theirs = exports.request(user=mallory, language="en")
    assert client.get(f"/api/v1/me/exports/{theirs.pk}").status_code == 404


def test_programs_have_no_business_here(alice, api_client_of):
    program = api_client_of(alice)
    for path in ("me/exports", "me/deletion-request", "me/privacy", "me/consents"):
        assert program.get(f"/api/v1/{path}").json()["code"] == "people_only", path


@pytest.mark.promise("P20")
@pytest.mark.parametrize("path", ["me/exports", "me/deletion-request"])
def test_an_old_sign_in_can_neither_take_nor_destroy_everything(signed_in, path):
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        renewed = Client().post("/api/v1/auth/refresh", {"refresh": signed_in["refresh"]}, "application/json").json()
        late = APIClient(HTTP_AUTHORIZATION=f"Bearer {renewed['access']}")
        assert late.get("/api/v1/me/exports").status_code == 200
        refusal = late.post(f"/api/v1/{path}", {"confirm": "alice@example.com"}, format="json")
    assert (refusal.status_code, refusal.json()["code"]) == (403, "recent_sign_in_required")
    assert not Export.objects.exists()
    assert not DeletionRequest.objects.exists()


@pytest.mark.promise("P2")
@pytest.mark.promise("P3")
def test_the_overview_counts_what_is_held_and_says_why(client):
    shown = client.get("/api/v1/me/privacy").json()
    held = {one["name"]: one for one in shown["held"]}
    assert {"profile", "balance", "ledger", "security_events", "sessions"} <= set(held)
    assert all(one["purpose"] and one["count"] for one in held.values())
    assert held["security_events"]["first_at"] is not None
    assert shown["received"] == []
    assert shown["opened"] == []


def test_the_deletion_request_is_made_seen_and_cancelled(client, alice):
    assert client.get("/api/v1/me/deletion-request").status_code == 404
    wrong = client.post("/api/v1/me/deletion-request", {"confirm": "bob@example.com"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "not_confirmed")
    made = client.post("/api/v1/me/deletion-request", {"confirm": "alice@example.com"}, format="json")
    assert (made.status_code, made.json()["status"]) == (201, "scheduled")
    assert DeletionRequest.objects.get().user == alice


@pytest.mark.promise("P22")
def test_a_changed_document_is_agreed_to_again(client, alice, terms_that_changed):
    consents.record(alice.pk, [terms_that_changed.versions.get(number=1).pk], ip=None, way="sign_up")
    wanted = client.get("/api/v1/me/consents").json()["wanted"]
    assert [(one["document"], one["number"]) for one in wanted] == [("terms", 2)]
    answer = client.post("/api/v1/me/consents", {"versions": [wanted[0]["version_id"]]}, format="json")
    assert (answer.status_code, answer.json()["wanted"]) == (201, [])
    assert [one["number"] for one in answer.json()["given"]] == [2, 1]
    assert answer.json()["given"][0]["ip"] == "127.0.0.1"
