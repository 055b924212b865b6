"""Staff get into the back office with a second factor of this very session, and with nothing less."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client

from accounts import checks, sealed
from accounts.errors import LastSecondFactor, NotBlockable
from accounts.models import SecurityEvent, User
from accounts.services import second_factors
from accounts.visitors import Visitor

pytestmark = pytest.mark.django_db
PAGE = "/login/second-factor"
PASSWORD = "correct horse battery"
HERE = Visitor("203.0.113.7", "Firefox")


@pytest.fixture(autouse=True)
def enforced(settings):
    settings.STAFF_NEED_SECOND_FACTOR = True
    cache.clear()


@pytest.fixture
def staff():
    return User.objects.create_superuser("staff@example.com", PASSWORD, name="Staff")


def browser():
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def signed_in(staff):
    """Staff who have given their password and no more."""
    client = browser()
    client.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    return client


def code_of(secret, steps_ago=0):
    """What the app shows, or showed so many half minutes ago."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 - steps_ago))


def set_up(client):
    """Sets an app up on the page; its secret and the recovery codes."""
    page = client.get(PAGE).content.decode()
    secret = re.search(r'<code class="wraps">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")
    answer = client.post(PAGE, {"step": "add-app", "code": code_of(secret), "next": "/admin/"})
    assert answer.status_code == 200, answer.content.decode()
    return secret, re.findall(r"<li><code>(\d{8})</code>", answer.content.decode())


@pytest.mark.promise("P20")
def test_a_password_alone_opens_nothing_but_the_set_up(signed_in):
    assert signed_in.get("/admin/accounts/user/")["Location"] == "/admin/login/?next=/admin/accounts/user/"
    assert signed_in.get("/admin/login/?next=/admin/accounts/user/")["Location"] == (
        f"{PAGE}?next=%2Fadmin%2Faccounts%2Fuser%2F"
    )
    page = signed_in.get(PAGE).content.decode()
    assert "Set up a second factor" in page


@pytest.mark.promise("P20")
def test_who_sets_up_an_app_is_in_and_gets_ten_recovery_codes(staff, signed_in):
    _secret, codes = set_up(signed_in)
    assert len(set(codes)) == 10
    assert signed_in.get("/admin/accounts/user/").status_code == 200
    assert SecurityEvent.objects.filter(user=staff, kind=SecurityEvent.Kind.SECOND_FACTOR_ADDED).count() == 1
    shown_again = signed_in.get(f"{PAGE}?manage=1").content.decode()
    assert not [code for code in codes if code in shown_again]
    assert "10 are left" in shown_again


@pytest.mark.promise("P20")
def test_the_factor_counts_for_one_session(staff, signed_in):
    secret, _codes = set_up(signed_in)
    cache.clear()
    another = browser()
    another.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    assert another.get("/admin/").status_code == 302
    before = another.session.session_key
    answer = another.post(PAGE, {"step": "check", "code": code_of(secret), "next": "/admin/accounts/user/"})
    assert answer["Location"] == "/admin/accounts/user/"
    assert another.session.session_key != before
    assert another.get("/admin/").status_code == 200
    assert browser().get("/admin/").status_code == 302


def test_a_sign_in_at_a_provider_needs_the_factor_too(staff, signed_in):
    set_up(signed_in)
    elsewhere = browser()
    assert elsewhere.post("/login/dummy", {"email": staff.email})["Location"] == "/login/complete"
    assert elsewhere.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert elsewhere.get("/admin/login/?next=/admin/")["Location"].startswith(PAGE)


def test_a_code_works_once(staff, signed_in):
    secret, _codes = set_up(signed_in)
    cache.clear()
    code = code_of(secret)
    answers = []
    for _number in range(2):
        client = browser()
        client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
        answers.append(client.post(PAGE, {"step": "check", "code": code}).status_code)
    assert answers == [302, 403]


@time_machine.travel("2026-11-24T10:00:15Z", tick=False)
def test_a_code_counts_a_moment_longer_than_it_is_shown_and_still_once(staff):
    """The library's own mark of a used code is gone after half a minute, the code counts for longer."""
    secret = totp.generate_totp_secret()
    second_factors.add_app(user=staff, secret=secret, code=code_of(secret), visitor=HERE)
    late = code_of(secret, steps_ago=1)
    assert second_factors.check_code(user=staff, code=late).type == "totp"
    cache.delete(f"allauth.mfa.totp.used?user={staff.pk}&code={late}")
    for refused in (late, code_of(secret, steps_ago=2)):
        with pytest.raises(second_factors.WrongCode):
            second_factors.check_code(user=staff, code=refused)


def test_a_recovery_code_works_once(staff, signed_in):
    _secret, codes = set_up(signed_in)
    answers = []
    for _number in range(2):
        client = browser()
        client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
        answers.append(client.post(PAGE, {"step": "check", "code": f"{codes[3][:4]} {codes[3][4:]}"}).status_code)
    assert answers == [302, 403]
    assert second_factors.unused_recovery_codes(staff) == 9


def test_new_recovery_codes_end_the_old_ones(staff, signed_in):
    _secret, codes = set_up(signed_in)
    page = signed_in.post(PAGE, {"step": "renew-codes"}).content.decode()
    assert set(re.findall(r"<li><code>(\d{8})</code>", page)).isdisjoint(codes)
    with pytest.raises(second_factors.WrongCode):
        second_factors.check_code(user=staff, code=codes[0])


@pytest.mark.promise("P20")
def test_codes_cannot_be_tried_through(staff, signed_in, settings):
    secret, _codes = set_up(signed_in)
    cache.clear()
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "second_factor": "3/300"}
    client = browser()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    for number in range(3):
        assert client.post(PAGE, {"step": "check", "code": f"{number:06}"}).status_code == 403
    assert client.post(PAGE, {"step": "check", "code": code_of(secret)}).status_code == 403


@pytest.mark.promise("P20")
def test_secrets_are_sealed_where_they_lie(staff, signed_in):
    secret, codes = set_up(signed_in)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not [code for code in codes if code in stored]
    assert sealed.unseal(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_an_older_secret_key_still_opens_what_it_sealed(settings):
    packed = sealed.seal("a secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of fifty characters and more, so it is long"
    assert sealed.unseal(packed) == "a secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealed.SealBroken):
        sealed.unseal(packed)


@pytest.mark.parametrize("step", ["add-app", "add-key", "renew-codes", "remove"])
def test_who_has_a_factor_changes_none_without_it(step, staff, signed_in):
    set_up(signed_in)
    client = browser()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    factor = Authenticator.objects.get(type="totp").pk
    answer = client.post(PAGE, {"step": step, "factor": factor, "code": "000000", "answer": "{}", "name": "x"})
    assert answer.status_code == 403
    assert Authenticator.objects.filter(type="totp", pk=factor).exists()
    assert client.get("/admin/").status_code == 302


def test_the_only_factor_stays(staff, signed_in):
    set_up(signed_in)
    factor = Authenticator.objects.get(type="totp")
    assert signed_in.post(PAGE, {"step": "remove", "factor": factor.pk}).status_code == 409
    with pytest.raises(LastSecondFactor):
        second_factors.remove(user=staff, factor_id=factor.pk, visitor=HERE)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "nonsense", '{"id": "x", "response": {}}'])
def test_a_made_up_signature_is_no_key(answer, staff, signed_in):
    signed_in.post(PAGE, {"step": "key-options"})
    assert signed_in.post(PAGE, {"step": "add-key", "name": "x", "answer": answer}).status_code == 403
    set_up(signed_in)
    client = browser()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    assert client.post(PAGE, {"step": "check-key", "answer": answer}).status_code == 403
    assert client.get("/admin/").status_code == 302


def test_the_page_is_for_staff(alice, sign_in):
    assert browser().get(PAGE)["Location"] == "/admin/login/"
    client = browser()
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE)["Location"] == "/admin/login/"
    assert client.post(PAGE, {"step": "add-app", "code": "1"})["Location"] == "/admin/login/"
    assert client.get("/admin/login/").status_code == 403


def test_the_form_needs_the_csrf_token(staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    assert client.post(PAGE, {"step": "check", "code": "000000"}).status_code == 403


def test_outside_of_local_mode_there_is_no_password_form(settings, staff):
    settings.LOCAL_MODE = False
    for method in (browser().get, browser().post):
        answer = method("/admin/login/", {"username": staff.email, "password": PASSWORD})
        assert answer["Location"] == "/login?next=%2Fadmin%2F"
    page = browser()
    page.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    assert "Local mode" not in page.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("", "/admin/"),
        ("/admin/accounts/user/", "/admin/accounts/user/"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example", "/admin/"),
        ("/admin/login/", "/admin/"),
    ],
)
def test_after_the_sign_in_comes_a_page_of_ours(wanted, page, staff, signed_in):
    set_up(signed_in)
    assert signed_in.get("/admin/login/", {"next": wanted} if wanted else {})["Location"] == page


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/login/?next=https://evil.example/"])
def test_the_password_form_leads_to_the_back_office_too(address, staff, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    answer = browser().post(address, {"username": staff.email, "password": PASSWORD})
    assert answer["Location"] == "/admin/"


def test_another_superuser_takes_lost_factors_away(staff, signed_in):
    set_up(signed_in)
    boss = User.objects.create_superuser("boss@example.com")
    assert second_factors.reset(user=staff, reason="Phone stolen", by=boss)
    assert not Authenticator.objects.filter(user=staff).exists()
    entry = LogEntry.objects.get_for_object(staff).get()
    assert entry.additional_data == {"event": "second_factor_reset", "reason": "Phone stolen"}
    for by in (staff, User.objects.create_user("helper@example.com", is_staff=True)):
        with pytest.raises(NotBlockable):
            second_factors.reset(user=staff, reason="Because", by=by)


def test_lost_factors_are_taken_away_on_the_page_of_the_person(staff):
    helper = User.objects.create_user("helper@example.com", is_staff=True)
    helper.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    second_factors.renew_recovery_codes(user=helper)
    boss = browser()
    boss.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    set_up(boss)
    address = f"/admin/accounts/user/{helper.pk}/reset-second-factor/"
    assert boss.post(address, {"reason": "Phone stolen"}).status_code == 302
    assert not Authenticator.objects.filter(user=helper).exists()


def test_the_checks_refuse_a_back_office_without_second_factor(settings):
    settings.STAFF_NEED_SECOND_FACTOR = settings.LOCAL_MODE = False
    assert "accounts.E006" in [error.id for error in checks.no_local_mode_in_production(None)]
