"""P19: what the site leaves in a browser, and whom its pages call."""

from urllib.parse import urlsplit

import pytest

from neuralbox.tests.pages.conftest import PRIVATE_PAGES, PUBLIC_PAGES

pytestmark = pytest.mark.browser

KEPT = "() => [Object.keys(localStorage).sort(), Object.keys(sessionStorage)]"
DATABASES = "async () => (await indexedDB.databases()).map((database) => database.name)"


@pytest.mark.promise("P19")
def test_the_browser_keeps_the_sign_in_the_language_and_the_theme_and_nothing_else(alice_reading):
    for path in (*PUBLIC_PAGES, *PRIVATE_PAGES):
        page = alice_reading.open(f"/en{path}")
        page.wait_for_timeout(300)
        local, session = page.evaluate(KEPT)
        assert local == ["nb.jwt", "nb.language", "nb.theme"], path
        assert session == [], path
        assert page.evaluate(DATABASES) == [], path
    assert {cookie["name"] for cookie in alice_reading.context.cookies()} <= {"csrftoken", "sessionid"}


@pytest.mark.promise("P19")
def test_a_visitor_gets_no_cookie_and_leaves_no_trace(stranger):
    for path in PUBLIC_PAGES:
        if path == "/login":
            continue
        page = stranger.open(f"/ru{path}")
        local, session = page.evaluate(KEPT)
        assert (local, session) == ([], []), path
    assert stranger.context.cookies() == []


@pytest.mark.promise("P19")
def test_no_page_calls_anyone_but_the_site_itself(alice_reading):
    for path in (*PUBLIC_PAGES, *PRIVATE_PAGES):
        alice_reading.open(f"/en{path}").wait_for_timeout(300)
    ours = urlsplit(alice_reading.site.url).netloc
    assert alice_reading.hosts - {""} == {ours}


def test_no_page_breaks_the_content_security_policy_or_fails_in_a_script(alice_reading, reader_of):
    for path in (*PUBLIC_PAGES, *PRIVATE_PAGES):
        alice_reading.open(f"/ru{path}").wait_for_timeout(300)
    assert alice_reading.complaints == []


def test_signing_out_takes_the_tokens_out_of_the_browser(alice_reading):
    page = alice_reading.open("/en/profile")
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/")
    assert page.evaluate("localStorage.getItem('nb.jwt')") is None
