"""The pages of documents, of what changed, of promises; and what security people look for."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from legal.services import deletions, documents
from legal.tests.fixtures import REASON
from neuralbox.pages.templatetags import legal_pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_banner():
    legal_pages.forget()
    yield
    legal_pages.forget()


@pytest.fixture
def changed(terms, olga):
    """Terms whose second version comes in ten days."""
    version = documents.draft(document=terms, by=olga)
    version.body_en = "The first line.\n\nThe second line is about money."
    version.body_ru = "Первая строка.\n\nВторая строка о деньгах."
    version.change_en, version.change_ru = "Money instead of tokens", "Деньги вместо токенов"
    version.is_significant, version.effective_at = True, timezone.now() + timedelta(days=10)
    version.save()
    return documents.publish(version_id=version.pk, by=olga, reason=REASON)


def read(path, status=200):
    answer = Client().get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


@pytest.mark.promise("P22")
def test_the_version_in_force_is_shown_and_the_coming_one_is_announced(changed):
    shown = read("/en/legal/terms")
    assert "about tokens" in shown
    assert "about money" not in shown
    assert "A new version holds from" in shown
    assert "This version is not in force yet." in read("/en/legal/terms/2")
    assert "Вторая строка о деньгах." in read("/ru/legal/terms/2")


@pytest.mark.promise("P22")
def test_the_history_shows_every_version_and_what_changed_word_by_word(changed):
    shown = read("/en/legal/terms/history")
    assert "Money instead of tokens" in shown
    assert "<del>tokens</del><ins>money</ins>" in shown
    assert "<del>токенах</del><ins>деньгах</ins>" in read("/ru/legal/terms/history?from=1&to=2")
    assert "the same version" in read("/en/legal/terms/history?from=2&to=2")


@pytest.mark.promise("P22")
def test_every_page_has_a_banner_until_the_change_is_old(changed):
    assert "a new version holds from" in read("/en/status")
    legal_pages.forget()
    with time_machine.travel(timezone.now() + timedelta(days=11)):
        assert "a new version holds from" in read("/en/status")
    legal_pages.forget()
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        assert "a new version holds from" not in read("/en/status")


def test_without_a_change_there_is_no_banner(terms):
    assert "a new version holds from" not in read("/en/status")


@pytest.mark.parametrize(
    "path",
    ["nothing", "nothing/history", "terms/9", "terms/history?from=9", "terms/history?from=x", "terms/history?to=²"],
)
def test_what_is_not_there_is_not_found(terms, path):
    read(f"/en/legal/{path}", 404)


def test_a_draft_is_nobodys_business(terms, olga):
    documents.draft(document=terms, by=olga)
    read("/en/legal/terms/2", 404)


def test_the_page_of_promises_names_periods_and_recipients():
    shown = read("/en/promises")
    for text in ("P23", "Generations: prompts, inputs and results", "1 year", "30 days", "NeuralBox (this machine)"):
        assert text in shown, text


@pytest.mark.promise("P23")
@pytest.mark.parametrize("path", ["/en/", "/en/models", "/ru/legal/terms", "/en/nothing-here"])
def test_the_address_for_questions_is_on_every_page(terms, path):
    assert "mailto:support@neuralbox.ru" in Client().get(path).content.decode()


def test_security_people_find_where_to_write():
    lines = dict(line.split(": ", 1) for line in read("/.well-known/security.txt").splitlines())
    assert lines["Contact"] == "mailto:support@neuralbox.ru"
    assert lines["Expires"] > timezone.now().isoformat()


def test_the_page_of_the_letter_changes_nothing_until_its_button_is_pressed(alice):
    request = deletions.ask(user=alice, confirm="alice@example.com")
    link = f"/en/account/keep?token={deletions.letter_token(request.pk)}"
    assert "Keep the account?" in read(link)
    request.refresh_from_db()
    assert request.status == "scheduled"
    answer = Client(enforce_csrf_checks=True).post("/en/account/keep", {"token": deletions.letter_token(request.pk)})
    assert "The account stays" in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    request.refresh_from_db()
    assert request.status == "cancelled"
    read(link, 410)
    read("/en/account/keep?token=made-up", 410)
