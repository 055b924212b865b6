"""P19: what the site leaves in a browser, and whom its pages call."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from neuralbox.tests.pages.conftest import PRIVATE_PAGES, PUBLIC_PAGES, Reader
from neuralbox.tests.site import LiveSite

pytestmark = pytest.mark.browser

KEPT = "() => [Object.keys(localStorage).sort(), Object.keys(sessionStorage)]"
DATABASES = "async () => (await indexedDB.databases()).map((database) => database.name)"


class Walk:
    """Alice looks at every page once: what was in the browser's stores after each, and what her reader noted."""

    def __init__(self, reader: Reader, paths: list[str]) -> None:
        self.reader = reader
        self.kept = {}
        for path in paths:
            page = reader.open(f"/ru{path}")
            page.wait_for_timeout(300)
            self.kept[path] = (*page.evaluate(KEPT), page.evaluate(DATABASES))


@pytest.fixture(scope="module")
def walk(browser: Browser, live_site: LiveSite, pages_of_alice: list[str]) -> Iterator[Walk]:
    with browser.new_context(locale="en-US") as context:
        reader = Reader(context, live_site)
        reader.sign_in("alice@example.com")
        yield Walk(reader, [*PUBLIC_PAGES, *PRIVATE_PAGES, *pages_of_alice])


@pytest.mark.promise("P19")
def test_the_browser_keeps_the_sign_in_the_language_and_the_theme_and_nothing_else(walk):
    for path, stores in walk.kept.items():
        assert stores == (["nb.jwt", "nb.language", "nb.theme"], [], []), path
    assert {cookie["name"] for cookie in walk.reader.context.cookies()} <= {"csrftoken", "sessionid"}


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
def test_no_page_calls_anyone_but_the_site_itself(walk):
    assert walk.reader.hosts - {""} == {urlsplit(walk.reader.site.url).netloc}


def test_no_page_breaks_the_content_security_policy_or_fails_in_a_script(walk):
    assert walk.reader.complaints == []


def test_signing_out_takes_the_tokens_out_of_the_browser(member):
    page = member.open("/en/profile")
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/")
    assert page.evaluate("localStorage.getItem('nb.jwt')") is None
