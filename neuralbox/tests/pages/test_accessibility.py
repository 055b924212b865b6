"""Every page can be used with keyboard and screen reader, and says what it needs when there is no script."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from neuralbox.tests.pages.conftest import NO_PAGE, PRIVATE_PAGES, PUBLIC_PAGES

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}


def findings(page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {violation['id']}: {[node['target'] for node in violation['nodes']][:3]}"
        for violation in violations
        if violation["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_public_pages(reader_of, theme):
    reader = reader_of(theme=theme, locale="ru-RU", reduced_motion="reduce")
    found = []
    for path in (*PUBLIC_PAGES, NO_PAGE):
        found += findings(reader.open(f"/ru{path}"))
    assert found == []


def test_axe_finds_nothing_serious_on_a_persons_pages(reader_of, pages_of_alice):
    alice = reader_of()
    alice.sign_in("alice@example.com")
    found = []
    for path in (*PRIVATE_PAGES, *pages_of_alice, "/create"):
        page = alice.open(f"/en{path}")
        page.wait_for_timeout(500)
        found += findings(page)
    assert found == []


def test_the_first_stop_of_the_tab_key_leads_to_the_content(stranger):
    page = stranger.open("/en/models")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_slash_goes_to_the_prompt_and_a_question_mark_shows_the_keys(stranger):
    page = stranger.open("/en/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "ask"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#keyboard-help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keyboard-help").is_visible()


def test_public_pages_are_whole_without_javascript(reader_of):
    reader = reader_of(java_script_enabled=False)
    assert "Demo image" in reader.open("/en/models").inner_text("main")
    assert "What it takes" in reader.open("/en/models/demo-image").inner_text("main")
    assert reader.open("/en/").locator(".wall__item").count() > 8
    assert "insufficient_tokens" in reader.open("/en/developers/errors").inner_text("main")


def test_personal_pages_say_what_they_need_without_javascript(reader_of):
    reader = reader_of(java_script_enabled=False)
    for path in PRIVATE_PAGES:
        assert "switch JavaScript on" in reader.open(f"/en{path}").inner_text("main"), path
