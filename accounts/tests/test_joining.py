"""People join: after a statement, in one piece, and with a gift for people only."""

from datetime import timedelta

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.errors import EmailTaken
from accounts.models import Notice, SecurityEvent, User
from accounts.services import sign_ins, users
from accounts.services.users import Statement
from accounts.signals import user_joined
from accounts.visitors import Visitor
from legal.models import Consent, Document, DocumentVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def documents():
    """Terms and policy in force: the ids of their versions."""
    ids = []
    for position, slug in enumerate(("terms", "privacy")):
        document, _made = Document.objects.update_or_create(
            slug=slug, defaults={"position": position, "is_accepted": True}
        )
        version = DocumentVersion.objects.filter(document=document, status="published").order_by("-number").first()
        version = version or DocumentVersion.objects.create(
            document=document, number=1, status="published", title_ru=slug, title_en=slug.title(), body_ru="Текст",
            body_en="Text", effective_at=timezone.now() - timedelta(days=1), published_at=timezone.now(),
        )  # fmt: skip
        ids.append(version.pk)
    return ids


# --- the statement ----------------------------------------------------------------------------------------
@pytest.mark.promise("P21")
@pytest.mark.promise("P6")
def test_age_and_documents_are_stated_before_the_account_is_made(documents, traveller):
    assert traveller.go("google") == "/login/welcome"
    page = traveller.browser.get("/en/login/welcome").content.decode()
    for shown in ("I am 16 or older", "Terms", "Alice Liddell", "alice@gmail.com", "version 1"):
        assert shown in page
    assert not User.objects.exists()
    assert traveller.agree() == "/login/complete"
    user = User.objects.get()
    assert timezone.now() - user.age_stated_at < timedelta(minutes=5)
    consents = Consent.objects.filter(user=user)
    assert {consent.version_id for consent in consents} == set(documents)
    assert {(consent.way, consent.ip) for consent in consents} == {("sign_up", "127.0.0.1")}


@pytest.mark.promise("P21")
@pytest.mark.promise("P6")
@pytest.mark.parametrize("missing", ["age", "accepted"])
def test_without_either_there_is_no_account(documents, traveller, missing):
    traveller.go("google")
    stated = {"age": "on", "accepted": "on", "versions": ",".join(map(str, documents))}
    del stated[missing]
    assert traveller.browser.post("/login/welcome", stated).status_code == 422
    assert not User.objects.exists()


def test_nobody_accepts_what_they_could_not_have_read(documents, traveller):
    traveller.go("google")
    answer = traveller.browser.post("/en/login/welcome", {"age": "on", "accepted": "on", "versions": str(documents[0])})
    assert answer.status_code == 422
    assert "have just changed" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.promise("P21")
def test_a_refusal_leaves_no_data_behind(documents, traveller):
    traveller.go("google")
    assert Session.objects.exists()
    answer = traveller.browser.post("/login/welcome", {"refuse": "1"})
    assert answer["Location"] == "/login?error=refused"
    for model in (User, SocialAccount, Session, SecurityEvent, Notice, Consent):
        assert not model.objects.exists(), model
    assert traveller.browser.get("/login/welcome")["Location"].startswith("/login?error=expired")


def test_who_neither_agrees_nor_refuses_is_forgotten_within_half_an_hour(traveller):
    traveller.go("google")
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert traveller.browser.get("/login/welcome").status_code == 302
        sign_ins.forget_old()
        assert not Session.objects.exists()


def test_the_statement_is_asked_once(traveller, another_traveller):
    traveller.join("github")
    assert another_traveller.go("github") == "/login/complete"


def test_a_second_click_on_agreeing_makes_no_second_account(traveller, another_traveller):
    traveller.go("github")
    another_traveller.go("github")
    assert traveller.agree() == another_traveller.agree() == "/login/complete"
    assert User.objects.count() == 1


def test_the_statement_page_is_for_who_arrives(traveller):
    assert traveller.browser.get("/login/welcome")["Location"] == "/login?error=expired"
    assert traveller.browser.post("/login/welcome", {"age": "on"})["Location"] == "/login?error=expired"


# --- the account ------------------------------------------------------------------------------------------
def test_joining_welcomes_the_person():
    user = users.join(email=" Alice@Example.com ", name="Alice", language="en")
    assert user.email == "alice@example.com"
    assert not user.has_usable_password()
    assert [notice.kind for notice in user.notices.all()] == [Notice.Kind.WELCOME]


def test_people_without_an_address_can_join():
    first, second = users.join(name="One"), users.join(name="Two")
    assert first.email is None
    assert second.email is None


def test_one_address_is_one_person():
    users.join(email="alice@example.com")
    with pytest.raises(EmailTaken):
        users.join(email="ALICE@example.com")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_leaves_no_half_made_person():
    def break_down(user_id, **rest):
        raise RuntimeError("no wallet")

    user_joined.connect(break_down)
    try:
        with pytest.raises(RuntimeError):
            users.join(email="alice@example.com")
    finally:
        user_joined.disconnect(break_down)
    assert not User.objects.exists()


def test_an_unknown_language_becomes_russian():
    assert users.join(name="X", language="fr").language == User.Language.RU


# --- the gift ---------------------------------------------------------------------------------------------
@pytest.fixture
def gifts():
    """Whether each person who joined got welcome tokens, in order."""
    given = []

    def note(user_id, gift, **rest):
        given.append(gift)

    user_joined.connect(note)
    yield given
    user_joined.disconnect(note)


def arrive(ip, browser="Firefox"):
    users.join(statement=Statement(Visitor(ip, browser), []))


@pytest.mark.promise("P6")
def test_one_browser_gets_few_gifts_a_day(gifts, settings):
    settings.GIFTS_PER_BROWSER_A_DAY, settings.GIFTS_PER_ADDRESS_A_DAY = 2, 10
    for _number in range(3):
        arrive("203.0.113.7")
    arrive("203.0.113.7", "Safari")
    arrive("203.0.113.8")
    assert gifts == [True, True, False, True, True]
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        arrive("203.0.113.7")
    assert gifts[-1] is True


@pytest.mark.promise("P6")
def test_one_address_gets_few_gifts_a_day_whatever_the_browser(gifts, settings):
    settings.GIFTS_PER_BROWSER_A_DAY, settings.GIFTS_PER_ADDRESS_A_DAY = 9, 2
    for number in range(3):
        arrive("203.0.113.7", f"Browser {number}")
    for number in range(3):
        arrive(f"2001:db8::{number}", f"Browser {number}")
    arrive("2001:db8:1::1")
    assert gifts == [True, True, False, True, True, False, True]
