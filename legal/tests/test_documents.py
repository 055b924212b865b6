"""Documents: versions that never change, differences that can be read, and people who are told and asked (P22)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from legal import rendering, selectors
from legal.errors import AlreadyPublished, ConsentRequired
from legal.models import Consent, DocumentVersion
from legal.services import consents, documents
from legal.signals import document_changed
from legal.tests.fixtures import REASON
from neuralbox.core.errors import InvalidInput, NotFound
from neuralbox.core.models import Job

pytestmark = pytest.mark.django_db


def next_version(terms, by, **changes):
    version = documents.draft(document=terms, by=by)
    for name, value in changes.items():
        setattr(version, name, value)
    version.save()
    return version


@pytest.fixture
def told():
    """What was announced, as the signal gave it."""
    heard = []

    def listen(**news):
        heard.append(news)

    document_changed.connect(listen)
    yield heard
    document_changed.disconnect(listen)


@pytest.mark.promise("P22")
@pytest.mark.parametrize(
    "change",
    [
        lambda published: published.update(body_ru="Другое"),
        lambda published: published.update(is_significant=True),
        lambda published: published.update(status="draft"),
        lambda published: published.delete(),
    ],
    ids=["its text", "a mark", "back to a draft", "deleted"],
)
def test_the_database_itself_keeps_a_published_version(terms, change):
    published = DocumentVersion.objects.filter(document=terms)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        change(published)
    assert published.get().body_ru.startswith("Первая")


def test_a_draft_begins_with_the_text_in_force_and_there_is_one_at_a_time(terms, olga):
    draft = documents.draft(document=terms, by=olga)
    assert (draft.number, draft.body_en) == (2, DocumentVersion.objects.get(number=1).body_en)
    assert documents.draft(document=terms, by=olga) == draft
    assert selectors.in_force("terms").number == 1


@pytest.mark.promise("P22")
def test_a_significant_change_is_announced_to_everybody_before_it_begins(terms, olga, alice, bob, told):
    version = next_version(
        terms, olga, is_significant=True, needs_acceptance=True, change_ru="Цены", change_en="Prices"
    )
    documents.publish(version_id=version.pk, by=olga, reason=REASON)
    (job,) = Job.objects.filter(name="legal.announce_document")
    assert job.args == [str(version.pk)]
    assert documents.announce(version.pk) == 3
    assert {person for news in told for person in news["user_ids"]} == {olga.pk, alice.pk, bob.pk}
    assert told[0]["titles"] == {"ru": "Условия", "en": "Terms"}
    assert documents.announce(version.pk) == 0
    assert [one.number for one in selectors.upcoming()] == [2]
    assert selectors.in_force("terms").number == 1
    assert selectors.in_force("terms", at=version.effective_at).number == 2


@pytest.mark.promise("P22")
def test_people_have_a_week_to_read_a_significant_change(terms, olga):
    version = next_version(
        terms, olga, is_significant=True, change_ru="Цены", change_en="Prices",
        effective_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refusal:
        documents.publish(version_id=version.pk, by=olga, reason=REASON)
    assert [error.code for error in refusal.value.errors] == ["too_early"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"effective_at": timezone.now() - timedelta(days=200)}, "too_early"),
        ({"is_significant": True}, "required"),
        ({"needs_acceptance": True}, "required"),
    ],
    ids=["begins before the one in force", "does not say what changed", "people are asked and were not told"],
)
def test_a_mistaken_version_is_not_published(terms, olga, changes, code):
    version = next_version(terms, olga, **changes)
    with pytest.raises(InvalidInput) as refusal:
        documents.publish(version_id=version.pk, by=olga, reason=REASON)
    assert refusal.value.errors[0].code == code
    version.refresh_from_db()
    assert version.status == "draft"


def test_a_version_is_published_once_and_with_a_reason(terms, olga):
    version = next_version(terms, olga)
    with pytest.raises(InvalidInput):
        documents.publish(version_id=version.pk, by=olga, reason=" ")
    documents.publish(version_id=version.pk, by=olga, reason=REASON)
    with pytest.raises(AlreadyPublished):
        documents.publish(version_id=version.pk, by=olga, reason=REASON)


@pytest.mark.promise("P22")
@pytest.mark.promise("P6")
def test_a_consent_says_who_agreed_to_which_version_when_and_from_where(terms, alice):
    wanted = selectors.to_accept()
    first = consents.record(alice.pk, wanted, ip="203.0.113.7", way="sign_up", language="en")[0]
    assert (first.version.number, first.ip, first.way, first.language) == (1, "203.0.113.7", "sign_up", "en")
    consents.record(alice.pk, wanted, ip="198.51.100.1", way="again")
    assert Consent.objects.get().ip == "203.0.113.7"
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Consent.objects.update(ip=None)


def test_nobody_agrees_to_a_draft(terms, olga, alice):
    draft = documents.draft(document=terms, by=olga)
    with pytest.raises(NotFound):
        consents.record(alice.pk, [draft.pk], ip=None, way="again")


@pytest.mark.promise("P22")
def test_who_agreed_to_an_older_version_is_asked_again_when_that_is_needed(alice, terms_that_changed):
    first, second = selectors.published("terms").order_by("number")
    assert [version.number for version in selectors.unaccepted(alice.pk)] == [2]
    consents.record(alice.pk, [first.pk], ip=None, way="sign_up")
    assert [version.number for version in selectors.unaccepted(alice.pk)] == [2]
    with pytest.raises(ConsentRequired) as refusal:
        consents.demand(alice.pk)
    assert [(one["document"], one["number"]) for one in refusal.value.extra["documents"]] == [("terms", 2)]
    consents.record(alice.pk, [second.pk], ip=None, way="again")
    assert selectors.unaccepted(alice.pk) == []
    consents.demand(alice.pk)


@pytest.mark.promise("P22")
def test_nobody_is_stopped_by_a_change_that_needs_no_agreement(terms, olga, alice):
    consents.record(alice.pk, selectors.to_accept(), ip=None, way="sign_up")
    small = next_version(terms, olga, effective_at=timezone.now() - timedelta(hours=2))
    documents.publish(version_id=small.pk, by=olga, reason=REASON)
    assert selectors.unaccepted(alice.pk) == []
    consents.demand(alice.pk)


@pytest.mark.promise("P22")
def test_nobody_is_stopped_before_a_change_begins_and_who_agreed_early_never(terms, olga, alice, bob):
    version = next_version(
        terms, olga, is_significant=True, needs_acceptance=True, change_ru="Цены", change_en="Prices",
        effective_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    with time_machine.travel(timezone.now() - timedelta(days=9)):
        documents.publish(version_id=version.pk, by=olga, reason=REASON)
    consents.demand(alice.pk)
    assert selectors.unaccepted(alice.pk, ahead=True)[-1] == version
    consents.record(alice.pk, [version.pk], ip=None, way="again")
    assert selectors.unaccepted(alice.pk, ahead=True) == []
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert selectors.unaccepted(alice.pk) == []
        assert [one.number for one in selectors.unaccepted(bob.pk)] == [2]


def test_a_first_version_stops_nobody(terms, alice):
    consents.demand(alice.pk)


def test_a_text_of_the_product_is_published_first_and_drafted_later(db):
    texts = {"title_ru": "А", "title_en": "A", "body_ru": "Раз", "body_en": "One"}
    assert documents.load(slug="offer", position=3, is_accepted=False, texts=texts).status == "published"
    assert documents.load(slug="offer", position=3, is_accepted=False, texts=texts) is None
    changed = documents.load(slug="offer", position=3, is_accepted=False, texts=texts | {"body_en": "Two"})
    assert (changed.status, changed.number) == ("draft", 2)
    assert documents.load(slug="offer", position=3, is_accepted=False, texts=texts | {"body_en": "Three"}) is None
    assert selectors.in_force("offer").body_en == "One"


def test_the_current_documents_come_in_their_order_and_language(terms):
    found = selectors.current_documents("ru")
    assert [(one["slug"], one["title"], one["is_accepted"], one["url"]) for one in found] == [
        ("terms", "Условия", True, "/legal/terms")
    ]


@pytest.mark.promise("P22")
def test_a_difference_shows_words_not_lines():
    shown = rendering.difference("We keep it for 30 days.\n\nSame.", "We keep it for 60 days.\n\nSame.\n\nNew line.")
    assert shown == (
        '<p class="changed">We keep it for <del>30</del><ins>60</ins> days.</p>\n'
        "<p>Same.</p>\n"
        '<p class="changed"><ins>New line.</ins></p>'
    )


def test_a_line_that_is_all_new_is_shown_whole():
    shown = rendering.difference("Cats sleep all day", "Payment by card only, no refunds")
    assert shown == '<p class="changed"><del>Cats sleep all day</del> <ins>Payment by card only, no refunds</ins></p>'


def test_what_staff_write_cannot_become_markup():
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) **bold**"
    assert "<script" not in rendering.html(evil)
    assert 'href="javascript' not in rendering.html(evil)
    assert "<strong>bold</strong>" in rendering.html(evil)
    assert "<script" not in rendering.difference("a", evil)


def test_a_document_names_the_operator_of_this_installation(settings):
    settings.LEGAL_OPERATOR = "Example & Sons"
    shown = rendering.html("Run by {operator}, {support}.")
    assert shown == (
        '<p>Run by Example &amp; Sons, <a href="mailto:support@neuralbox.ru">support@neuralbox.ru</a>.</p>\n'
    )


def test_a_difference_is_read_without_the_marks_of_markdown():
    shown = rendering.difference(
        "## Money\n\n- **All** of it\n\n| a | b |\n| --- | --- |", "## Money\n\n- **Half** of it"
    )
    assert "<p>Money</p>" in shown
    assert '<p class="changed">• <del>All</del><ins>Half</ins> of it</p>' in shown
    assert "---" not in shown
