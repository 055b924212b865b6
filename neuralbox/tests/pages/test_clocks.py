"""Clocks that are wrong and laptops that slept: the person stays signed in, and one family of tokens goes on."""

import json
from datetime import UTC, datetime, timedelta

import jwt
import psycopg
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
CALL = """async () => {
    const api = await import(document.querySelector("script[src*='/app.js']").src.replace("app.js", "api.js"));
    return (await api.get("/me")).email;
}"""
BEGIN_A_CALL = f"() => {{ globalThis.answer = ({CALL})(); }}"


class Renewals:
    """How the server answered each renewal that this browser asked for."""

    def __init__(self, reader):
        self.statuses = []
        reader.context.on("response", self._note)

    def _note(self, response):
        if response.url.endswith("/api/v1/auth/refresh"):
            self.statuses.append(response.status)


def age_the_token(page, secret_key):
    """As if the access token in the browser had ended an hour ago, by the server's clock."""
    pair = json.loads(page.evaluate("localStorage.getItem('nb.jwt')"))
    claims = jwt.decode(pair["access"], options={"verify_signature": False})
    claims |= {"iat": claims["iat"] - 3600, "exp": claims["exp"] - 3600}
    pair["access"] = jwt.encode(claims, secret_key, algorithm="HS256")
    page.evaluate("pair => localStorage.setItem('nb.jwt', pair)", json.dumps(pair))


@pytest.mark.promise("P20")
@pytest.mark.parametrize("hours", [-1, 1], ids=["slow", "fast"])
def test_a_clock_that_is_an_hour_wrong_changes_nothing(hours, reader_of, newcomer):
    reader = reader_of()
    renewals = Renewals(reader)
    reader.context.clock.set_system_time(datetime.now(UTC) + timedelta(hours=hours))
    page = reader.sign_in(newcomer, "/en/devices")
    page.locator("#devices li").first.wait_for()
    page = reader.open("/en/profile")
    expect(page.locator("#me-email")).to_have_text(newcomer)
    assert renewals.statuses == []

    reader.context.clock.set_system_time(datetime.now(UTC))
    page = reader.open("/en/devices")
    expect(page.locator("#devices .badge--good")).to_have_count(1)
    assert renewals.statuses == [200]


@pytest.mark.promise("P20")
def test_two_tabs_of_a_laptop_that_slept_wake_signed_in(live_site, reader_of, newcomer, settings):
    reader = reader_of()
    renewals = Renewals(reader)
    reader.context.clock.install()
    first = reader.sign_in(newcomer, "/en/devices")
    second = reader.context.new_page()
    second.goto(f"{live_site.url}/en/profile")
    expect(second.locator("#me-email")).to_have_text(newcomer)
    assert renewals.statuses == []

    age_the_token(first, settings.SECRET_KEY)
    reader.context.clock.fast_forward("08:00:00")
    for tab in (first, second):
        tab.evaluate(BEGIN_A_CALL)
    for tab in (first, second):
        assert tab.evaluate("() => globalThis.answer") == newcomer
    # The clocks of the tabs are moved one after the other: for an instant one may see the other's token as too new.
    # And what one tab stores reaches the other's process a moment later: it may ask in vain, and then finds it.
    renewed = len(renewals.statuses)
    assert sorted(renewals.statuses) in ([200], [200, 200], [200, 409])

    first.reload()
    expect(first.locator("#devices .badge--good")).to_have_count(1)
    assert second.evaluate(CALL) == newcomer
    assert len(renewals.statuses) == renewed
    with psycopg.connect(live_site.database_url) as connection:
        reused = connection.execute("SELECT count(*) FROM accounts_securityevent WHERE kind = 'refresh_reused'")
        assert reused.fetchone() == (0,)


@pytest.mark.promise("P20")
def test_a_token_that_the_server_calls_ended_is_renewed_whatever_the_clock_says(member, newcomer, settings):
    """The laptop slept, and its clock has not yet heard of it: only the server's 401 tells."""
    renewals = Renewals(member)
    age_the_token(member.page, settings.SECRET_KEY)
    page = member.open("/en/profile")
    expect(page.locator("#me-email")).to_have_text(newcomer)
    assert renewals.statuses == [200]
