"""The six logins, end to end: the site speaks to imitations of the providers over HTTP."""

import json
import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import checks
from accounts.fakes import LOGINS, environment
from accounts.models import User
from accounts.tests.fixtures import Traveller, configure

pytestmark = pytest.mark.django_db

# What each provider tells of Alice, and what of it we keep.
KEPT = {
    "google": ("100000000000000583231", "alice@gmail.com"),
    "yandex": ("583231", None),
    "vk": ("583231", None),
    "github": ("583231", "alice@gmail.com"),
    "telegram": ("583231", None),
    "tiktok": ("open-583231", None),
}
each_login = pytest.mark.parametrize("login", LOGINS)


def query_of(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def kept_of(login, fakes):
    uid, email = KEPT[login]
    picture = "get-yapic/alice/islands-200" if login == "yandex" else "pictures/alice.png"
    found = {"name": "Alice Liddell", "email": email, "avatar": f"{fakes.url}/{login}/{picture}"}
    return uid, {field: value for field, value in found.items() if value}


def nobody_came_in(traveller):
    return not User.objects.exists() and "_auth_user_id" not in traveller.browser.session


# --- in and in again --------------------------------------------------------------------------------------
@each_login
@pytest.mark.promise("P1")
@pytest.mark.promise("P14")
def test_a_first_and_a_later_sign_in_keep_four_things(login, traveller, another_traveller, login_fakes):
    assert traveller.join(login) == "/login/complete"
    uid, kept = kept_of(login, login_fakes)
    user = User.objects.get()
    assert (user.name, user.email) == ("Alice Liddell", kept.get("email"))
    account = SocialAccount.objects.get()
    assert (account.provider, account.uid, account.extra_data) == (login, uid, kept)
    assert traveller.browser.post("/api/v1/auth/token").status_code == 200

    assert another_traveller.go(login) == "/login/complete"
    account.refresh_from_db()
    assert (account.uid, account.extra_data) == (uid, kept)
    assert User.objects.count() == 1
    assert not SocialToken.objects.exists()


@each_login
@pytest.mark.promise("P1")
def test_the_site_asks_for_the_least(login, traveller):
    asked = query_of(traveller.leave(login))
    scopes = set(asked["scope"].replace(",", " ").split())
    assert (
        scopes
        == {
            "google": {"openid", "profile", "email"},
            "yandex": {"login:info", "login:email", "login:avatar"},
            "vk": {"email"},
            "github": {"user:email"},
            "telegram": {"openid", "profile"},
            "tiktok": {"user.info.basic"},
        }[login]
    )
    assert len(asked["state"]) == 43
    assert (asked.get("code_challenge_method"), "code_challenge" in asked) == (
        (None, False) if login == "tiktok" else ("S256", True)
    )


@each_login
def test_nothing_secret_of_ours_is_in_the_address(login, traveller, login_fakes):
    address = traveller.leave(login)
    _client_id, secret = (environment("")[f"{login.upper()}_CLIENT_{part}"] for part in ("ID", "SECRET"))
    assert secret not in address
    assert traveller.browser.session.session_key not in address


# --- refusals and mischief --------------------------------------------------------------------------------
@each_login
def test_who_refuses_at_the_provider_is_told_so_and_nothing_is_kept(login, traveller):
    assert traveller.go(login, person="") == f"/login?error=cancelled&with={login}"
    assert nobody_came_in(traveller)
    assert "You refused at" in traveller.browser.get(f"/en/login?error=cancelled&with={login}").content.decode()


@each_login
def test_an_answer_works_once(login, traveller):
    back = traveller.decide(traveller.leave(login), person="alice")
    assert traveller.come_back(back) == "/login/welcome"
    assert traveller.come_back(back).startswith("/login?error=expired")
    assert not User.objects.exists()


@each_login
def test_an_answer_of_another_browser_signs_nobody_in(login, traveller, another_traveller):
    """Login CSRF: the attacker's answer in the victim's browser."""
    back = traveller.decide(traveller.leave(login), person="bob")
    another_traveller.leave(login)
    assert another_traveller.come_back(back).startswith("/login?error=expired")
    assert nobody_came_in(another_traveller)


def test_a_state_of_one_provider_is_none_of_another(traveller):
    state = query_of(traveller.leave("google"))["state"]
    query = urlencode({"state": state, "code": "x"})
    assert traveller.come_back(f"/accounts/github/login/callback/?{query}").startswith("/login?error=expired")


@pytest.mark.parametrize(
    "query", ["", "code=x", "state=x", "code=x&state=", "error=access_denied", "payload={", "payload=[1]"]
)
@each_login
def test_answers_without_a_beginning_are_refused(login, query, traveller):
    path = "/accounts/oidc/telegram/login/callback/" if login == "telegram" else f"/accounts/{login}/login/callback/"
    assert traveller.come_back(f"{path}?{query}").startswith("/login?error=expired")


def test_a_state_lives_ten_minutes(traveller):
    back = traveller.decide(traveller.leave("github"), person="alice")
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert traveller.come_back(back).startswith("/login?error=expired")


@each_login
def test_a_provider_that_answers_nonsense_is_a_failed_sign_in_not_a_failed_page(login, traveller, login_fakes):
    faults = ["error", "expired_code", "error_200", "not_json", "no_token", "missing_fields"]
    if login not in {"google", "telegram"}:  # Their profile is the ID token.
        faults += ["profile_error_200", "profile_500"]
    for fault in faults:
        login_fakes.fail(login, fault)
        wanted = "unavailable" if fault == "profile_500" else "failed"
        assert traveller.go(login) == f"/login?error={wanted}&with={login}", fault
    assert nobody_came_in(traveller)


@each_login
def test_a_provider_that_hangs_up_gives_a_friendly_page(login, traveller, login_fakes):
    login_fakes.fail(login, "hang_up")
    assert traveller.go(login) == f"/login?error=unavailable&with={login}"
    page = traveller.browser.get(f"/en/login?error=unavailable&with={login}")
    assert page.status_code == 200
    assert "does not answer just now" in page.content.decode()


def test_a_provider_that_cannot_be_reached_gives_a_friendly_page(traveller, settings, login_fakes):
    back = traveller.decide(traveller.leave("vk"), person="alice")
    settings.LOGIN_BASE_URLS = {**settings.LOGIN_BASE_URLS, "vk": "http://127.0.0.1:9/vk"}
    assert traveller.come_back(back) == "/login?error=unavailable&with=vk"


@pytest.mark.promise("P20")
def test_no_log_line_has_a_code_or_a_token(traveller, login_fakes, caplog):
    caplog.set_level(logging.DEBUG)
    back = traveller.decide(traveller.leave("google"), person="alice")
    traveller.come_back(back)
    login_fakes.fail("github", "error_200")
    traveller.go("github")
    secrets = [query_of(back)["code"], query_of(back)["state"], *login_fakes.parties["google"].tokens]
    assert len(secrets) == 3
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
    assert not [secret for secret in secrets if secret in ours]


# --- each provider's own ways -----------------------------------------------------------------------------
def test_vk_may_answer_with_one_parameter(traveller, login_fakes):
    login_fakes.fail("vk", "payload")
    back = traveller.decide(traveller.leave("vk"), person="alice")
    assert set(query_of(back)) == {"payload"}
    assert traveller.come_back(back) == "/login/welcome"


def test_vk_needs_no_secret(traveller, login_fakes, settings):
    found = {**environment(login_fakes.url), "VK_CLIENT_SECRET": ""}
    configured = configure(found.get)
    assert configured["LOGINS_MISSING"] == []
    settings.SOCIALACCOUNT_PROVIDERS = configured["SOCIALACCOUNT_PROVIDERS"]
    assert traveller.go("vk") == "/login/welcome"
    exchange = next(call for call in login_fakes.requests if call.path == "/vk/oauth2/auth")
    assert "client_secret" not in exchange.form


def test_google_without_an_id_token_is_the_same_person(traveller, another_traveller, login_fakes):
    traveller.join("google")
    login_fakes.fail("google", "no_id_token")
    assert another_traveller.go("google") == "/login/complete"
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("login", "changes"),
    [
        ("google", {"email_verified": False}),
        ("google", {"email_verified": "true"}),
        ("yandex", {"default_email": "alice@example.com"}),
        ("vk", {}),
    ],
)
def test_an_unproven_address_is_not_taken_at_all(login, changes, traveller, login_fakes):
    login_fakes.parties[login].changes.update(changes)
    traveller.join(login)
    assert User.objects.get().email is None
    assert "email" not in SocialAccount.objects.get().extra_data
    assert not EmailAddress.objects.exists()


def test_github_without_addresses_is_a_person_without_one(traveller, login_fakes):
    login_fakes.fail("github", "no_emails")
    traveller.join("github")
    assert User.objects.get().email is None


def test_yandex_addresses_of_its_own_are_proven(traveller):
    traveller.join("yandex", person="bob")
    assert User.objects.get().email == "bob@yandex.ru"


def test_telegram_speaks_basic_and_names_people_by_their_number(traveller, login_fakes):
    traveller.join("telegram")
    exchange = next(call for call in login_fakes.requests if call.path == "/telegram/token")
    assert exchange.basic == ("telegram-client", "telegram-secret")
    assert "client_secret" not in exchange.form
    assert SocialAccount.objects.get().uid == "583231"


def test_telegram_without_an_id_token_is_a_failed_sign_in(traveller, login_fakes):
    login_fakes.fail("telegram", "no_id_token")
    assert traveller.go("telegram") == "/login?error=failed&with=telegram"


@pytest.mark.parametrize("claims", [{"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}])
@pytest.mark.parametrize("login", ["google", "telegram"])
def test_an_id_token_for_somebody_else_is_refused(login, claims, traveller, login_fakes, monkeypatch):
    key = login_fakes.parties[login].key
    signed = key.sign
    monkeypatch.setattr(key, "sign", lambda given: signed({**given, **claims}))
    assert traveller.go(login) == f"/login?error=failed&with={login}"


def test_the_imitations_publish_the_keys_that_they_sign_with(login_fakes):
    for login, path in (("telegram", "/.well-known/jwks.json"), ("google", "/oauth2/v1/certs")):
        key = login_fakes.parties[login].key
        published = requests.get(f"{login_fakes.url}/{login}{path}", timeout=10).json()
        token = key.sign({"sub": "x"})
        if login == "telegram":
            public = jwt.PyJWK(published["keys"][0]).key
        else:
            from cryptography.x509 import load_pem_x509_certificate

            public = load_pem_x509_certificate(published[key.kid].encode()).public_key()
        assert jwt.decode(token, public, algorithms=["RS256"]) == {"sub": "x"}


@pytest.mark.parametrize("login", ["tiktok", "vk", "google", "github", "yandex", "telegram"])
def test_an_id_that_is_no_text_and_no_number_is_refused(login, traveller, login_fakes):
    field = {"tiktok": "open_id", "vk": "user", "google": "sub"}.get(login, "id")
    login_fakes.parties[login].changes[field] = {"nested": ["x" * 300]}
    assert traveller.go(login) == f"/login?error=failed&with={login}"
    assert nobody_came_in(traveller)


# --- the doors themselves ---------------------------------------------------------------------------------
def test_leaving_needs_a_form_of_ours(login_fakes, db):
    assert Client(enforce_csrf_checks=True).post("/login/with/google").status_code == 403
    assert Client().get("/login/with/google").status_code == 405


def test_only_configured_logins_are_offered(settings, db):
    for login in (*LOGINS, "dummy", "openid_connect", "nonsense"):
        assert Client().post(f"/login/with/{login}").status_code == 404
    assert "/login/with/" not in Client().get("/en/login").content.decode()
    assert Client().get("/accounts/google/login/callback/?code=x&state=x").status_code == 404


def test_the_login_page_offers_what_is_configured(login_fakes, settings, db):
    page = Client().get("/en/login").content.decode()
    for login, name in zip(LOGINS, ("Google", "Yandex ID", "VK ID", "GitHub", "Telegram", "TikTok"), strict=True):
        assert f'action="/login/with/{login}"' in page
        assert f"Continue with {name}" in page
    assert "Войти через Яндекс ID" in Client().get("/ru/login").content.decode()
    found = {**environment(login_fakes.url), "LOGIN_DISABLED": "google, tiktok"}
    configured = configure(found.get)
    settings.SOCIALACCOUNT_PROVIDERS = configured["SOCIALACCOUNT_PROVIDERS"]
    page = Client().get("/en/login").content.decode()
    assert "/login/with/google" not in page
    assert "/login/with/github" in page


def test_too_many_attempts_are_turned_away_politely(login_fakes, settings, db):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign_in": "2/60"}
    browser = Client(REMOTE_ADDR="198.51.100.77")
    answers = [browser.post("/login/with/google") for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert answers[-1]["Location"] == "/login?error=too_many"


@pytest.mark.promise("P20")
def test_signing_in_gives_the_browser_another_session(traveller):
    """Session fixation: a session known before the sign-in is worth nothing after it."""
    traveller.leave("google")
    before = traveller.browser.session.session_key
    traveller.join("google")
    after = traveller.browser.session.session_key
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_fresh_sign_in_asks_the_provider_to_look_again(traveller):
    asked = {login: query_of(traveller.leave(login, again="1")) for login in LOGINS}
    assert asked["google"]["prompt"] == "select_account"
    assert asked["vk"]["prompt"] == "login"
    assert asked["yandex"]["force_confirm"] == "yes"
    assert asked["tiktok"]["disable_auto_auth"] == "1"


def test_state_and_session_of_a_stranger_are_short(traveller):
    traveller.leave("google")
    session = Session.objects.get()
    assert session.expire_date - timezone.now() < timedelta(hours=1, minutes=1)
    traveller.join("google")
    kept = Session.objects.get(session_key=traveller.browser.session.session_key)
    assert kept.expire_date - timezone.now() > timedelta(days=29)


def test_half_a_configuration_is_named():
    found = {"GOOGLE_CLIENT_ID": "x", "TIKTOK_CLIENT_SECRET": "x", "VK_CLIENT_ID": "x", "LOGIN_DISABLED": "facebook"}
    configured = configure(found.get)
    assert configured["LOGINS_MISSING"] == ["GOOGLE_CLIENT_SECRET", "TIKTOK_CLIENT_ID"]
    assert configured["LOGINS_UNKNOWN"] == ["facebook"]
    assert json.dumps(configured["SOCIALACCOUNT_PROVIDERS"]["google"]["APPS"]) == "[]"


def test_the_checks_refuse_half_logins_and_imitations(settings):
    assert checks.logins_are_configured_whole(None) == checks.logins_are_the_real_ones(None) == []
    settings.LOGINS_MISSING, settings.LOGINS_UNKNOWN = ["GOOGLE_CLIENT_SECRET"], ["facebook"]
    settings.LOGIN_BASE_URLS = {"vk": "http://127.0.0.1:9/vk", "google": ""}
    found = [error.id for error in checks.logins_are_configured_whole(None)]
    assert found == ["accounts.E003", "accounts.E004"]
    assert checks.logins_are_the_real_ones(None) == []
    settings.LOCAL_MODE = False
    assert [error.id for error in checks.logins_are_the_real_ones(None)] == ["accounts.E005"]


def test_open_redirects_are_not_to_be_had(traveller):
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        traveller.browser.get("/login", {"next": wanted})
        assert "evil" not in traveller.browser.get("/login/complete").content.decode()
    assert isinstance(traveller, Traveller)
    assert traveller.join("google", next="https://evil.example/") == "/login/complete"
