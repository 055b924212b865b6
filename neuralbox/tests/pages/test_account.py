"""Accounts in a real browser: six ways in, the statement, the bell, a security key, and looks of staff."""

import re

import psycopg
import pytest
from django.utils import translation
from playwright.sync_api import expect

from accounts.fakes import LOGINS
from accounts.fakes.people import BOB
from accounts.login_names import name_of
from accounts.models import EmailProof
from accounts.services import email_proofs
from neuralbox.tests.pages.test_accessibility import findings

pytestmark = pytest.mark.browser


def to_the_provider(reader, login, wanted="/en/notices"):
    page = reader.open(f"/en/login?next={wanted}")
    page.locator(f"form[action='/login/with/{login}'] button").click()
    page.wait_for_url(f"**/{login}/**")
    return page


@pytest.mark.promise("P21")
@pytest.mark.parametrize("login", LOGINS)
def test_each_login_is_a_way_in_by_its_button(login, stranger):
    """Carol has no address anywhere, so that her logins are several people. The second time nothing is asked."""
    page = to_the_provider(stranger, login, wanted="/en/profile")
    page.get_by_role("button", name="Sign in as Carol").click()
    page.wait_for_url("**/login/welcome")
    if login == "google":
        assert findings(page) == []
    stranger.agree()
    page.wait_for_url("**/en/profile")
    expect(page.locator("#unread")).to_have_text("1")
    expect(page.locator("#logins li")).to_have_count(1)
    with translation.override("en"):
        expect(page.locator("#logins li")).to_contain_text(name_of(login))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{stranger.site.url}/*")

    to_the_provider(stranger, login)
    page.get_by_role("button", name="Sign in as Carol").click()
    page.wait_for_url("**/en/notices")
    assert [one for one in stranger.complaints if "Content Security Policy" in one] == []


@pytest.mark.promise("P21")
def test_who_says_no_leaves_nothing_in_the_browser(stranger):
    page = to_the_provider(stranger, "github")
    page.get_by_role("button", name="Sign in as Bob").click()
    page.get_by_role("button", name="No, forget everything").click()
    expect(page.get_by_text("No account was made and nothing was kept.")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_refusal_at_the_provider_leads_to_another_way_in(stranger):
    page = to_the_provider(stranger, "telegram")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("alert")).to_contain_text("You refused at Telegram")
    expect(page.get_by_role("button", name="Continue with GitHub")).to_be_visible()


def test_the_bell_counts_as_it_happens(member):
    page = member.open("/en/devices")
    expect(page.locator("#unread")).to_have_text(re.compile(r"^\d+$"))
    before = int(page.locator("#unread").inner_text())
    made = page.evaluate(
        """async () => {
            const api = await import(document.querySelector("script[src*='/app.js']").src.replace("app.js", "api.js"));
            return (await api.post("/me/api-keys", { name: "bell", scopes: ["read"] })).id;
        }"""
    )
    assert made
    expect(page.locator("#unread")).to_have_text(str(before + 1), timeout=30_000)


def test_a_fresh_sign_in_takes_the_place_of_the_one_before(member, newcomer):
    page = member.open("/en/devices")
    page.locator("#devices li").first.wait_for()
    before = page.locator("#devices li").count()
    page = member.open("/en/login?again=1&next=/en/devices")
    expect(page.get_by_role("heading", name="Please sign in once more")).to_be_visible()
    page.get_by_label("E-mail").fill(newcomer)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/en/devices")
    page.locator("#devices li").first.wait_for()
    assert page.locator("#devices li").count() == before


def test_a_login_is_added_from_the_profile(member):
    page = member.open("/en/profile")
    page.locator("form[data-adds=tiktok] button").click()
    page.wait_for_url("**/tiktok/**")
    page.get_by_role("button", name="Sign in as Alice").click()
    expect(page.locator(".note--good")).to_contain_text("TikTok")
    expect(page.locator("#logins li", has_text="TikTok")).to_be_visible()


@pytest.mark.promise("P6")
def test_a_frozen_account_says_so_on_every_page_and_where_to_object(reader_of, live_site):
    reader = reader_of()
    page = to_the_provider(reader, "tiktok")
    page.get_by_role("button", name="Sign in as Bob").click()
    reader.agree()
    page.wait_for_url("**/en/notices")
    with psycopg.connect(live_site.database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE accounts_user SET frozen_at = now(), freeze_reason = 'A payment is disputed' WHERE id = "
            "(SELECT user_id FROM socialaccount_socialaccount WHERE provider = 'tiktok' AND uid = %s)",
            [f"open-{BOB.number}"],
        )
    page = reader.open("/en/create/demo-image")
    expect(page.locator(".banner--frozen")).to_contain_text("Reason: A payment is disputed")
    page.get_by_label("What to paint").fill("A lighthouse")
    expect(page.locator("#send-price")).to_have_text(re.compile("token"))
    page.locator("#send").click()
    expect(page.get_by_text("Your account is frozen. Reason: A payment is disputed.")).to_be_visible()
    page = reader.open("/en/history")
    page.locator(".banner--frozen a").click()
    expect(page.locator("#letter-topic")).to_have_value("appeal")
    assert findings(page) == []


def test_who_has_no_address_adds_one_by_the_link_in_a_letter(stranger, live_site):
    page = to_the_provider(stranger, "yandex", wanted="/en/profile")
    page.get_by_role("button", name="Sign in as Alice").click()
    stranger.agree()
    page.wait_for_url("**/en/profile")
    expect(page.locator("#me-email")).to_contain_text("not given")
    page.get_by_role("button", name="Add one").click()
    page.locator("#new-email").fill("liddell@example.org")
    assert findings(page) == []
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("#me-pending")).to_contain_text("liddell@example.org")

    with psycopg.connect(live_site.database_url) as connection:
        asked = connection.execute("SELECT id FROM accounts_emailproof WHERE email = 'liddell@example.org'").fetchone()
    page = stranger.open(f"/en/profile/email#{email_proofs.token_of(EmailProof(pk=asked[0]))}")
    expect(page.get_by_role("heading", name="The address is confirmed")).to_be_visible()
    assert "#" not in page.url
    page.get_by_role("link", name="To the profile").click()
    expect(page.locator("#me-email")).to_have_text("liddell@example.org")
    assert stranger.complaints == []


def test_a_key_is_limited_by_hour_day_month_and_in_all(member):
    page = member.open("/en/keys")
    page.get_by_role("button", name="New key").click()
    page.locator("#key-name").fill("four limits")
    assert findings(page) == []
    for window, tokens in (("Per hour", 10), ("Per day", 200), ("Per month", 3000), ("In total", 1)):
        page.get_by_label(window).fill(str(tokens))
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#secret-text")).to_have_text(re.compile("^nb_live_"))
    said = [
        f"up to {one}" for one in ("10 tokens an hour", "200 tokens a day", "3,000 tokens a month", "1 token in all")
    ]
    row = page.locator("#keys li", has_text="four limits").first
    for limit in said:
        expect(row).to_contain_text(limit)
    row.get_by_role("link", name="four limits").click()
    for limit in said:
        expect(page.locator("#key-facts")).to_contain_text(limit)


def test_a_letter_to_support_is_received(stranger):
    page = stranger.open("/en/support?topic=appeal")
    page.get_by_label("What happened").fill("I was blocked and do not know why.")
    page.get_by_label("E-mail for the answer").fill("carol@example.com")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#letter-sent")).to_contain_text("A person answers by")


@pytest.mark.promise("P20")
def test_staff_enter_with_a_security_key(reader_of, live_site):
    reader = reader_of()
    page = reader.open("/admin/login/")
    password = (live_site.folder / "staff-password").read_text().strip()
    page.locator("[name=username]").fill("admin@example.com")
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/admin/$"))
    keys = reader.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}},
    )
    page = reader.open("/login/second-factor?manage=1")
    assert findings(page) == []
    page.get_by_label("Name").fill("The blue one")
    page.get_by_role("button", name="Use this key").click()
    expect(page.locator("#codes li")).to_have_count(10)

    reader.context.clear_cookies()
    page = reader.open("/admin/login/")
    page.locator("[name=username]").fill("admin@example.com")
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/admin/$"))
    page = reader.open("/login/second-factor?next=/admin/accounts/user/")
    page.get_by_role("button", name="Use the security key").click()
    page.wait_for_url("**/admin/accounts/user/")
    assert [one for one in reader.complaints if "Content Security Policy" in one and "/admin/" not in one] == []


def test_a_look_shows_a_persons_pages_and_its_own_end(reader_of, live_site, newcomer):
    token = live_site.manage("shell", "-v", "0", "-c", _BEGIN_A_LOOK.format(email=newcomer)).strip().splitlines()[-1]
    page = reader_of().open("/en/status")
    page.evaluate(
        "access => sessionStorage.setItem('nb.view', JSON.stringify("
        "{ access, until: Date.now() + 60000, name: 'Alice', back: '/admin/' }))",
        token,
    )
    page.goto(f"{live_site.url}/en/profile")
    expect(page.locator(".looking")).to_contain_text("You see the account of Alice, read-only")
    expect(page.locator("#me-email")).to_have_text(newcomer)
    page.locator("#me-name").fill("Mallory")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#me-said")).to_contain_text("nothing can be changed")
    assert page.evaluate("localStorage.getItem('nb.jwt')") is None


_BEGIN_A_LOOK = """
from accounts.models import User
from accounts.services import staff_views
staff = User.objects.get(email="admin@example.com")
user = User.objects.get(email="{email}")
print(staff_views.begin(user=user, reason="A test", by=staff).token)
"""
