"""Both languages, both themes, and how the choice is kept."""

import pytest
from playwright.sync_api import expect

from neuralbox.tests.pages.conftest import Reader

pytestmark = pytest.mark.browser


def language_of(reader: Reader) -> str:
    return reader.page.evaluate("document.documentElement.lang")


@pytest.mark.parametrize(("locale", "language"), [("ru-RU", "ru"), ("en-GB", "en")])
def test_an_address_without_a_language_follows_the_browser(reader_of, locale, language):
    reader = reader_of(locale=locale)
    reader.open("/models")
    assert language_of(reader) == language


def test_an_address_with_a_language_wins_and_its_links_stay_in_it(reader_of):
    reader = reader_of(locale="ru-RU")
    page = reader.open("/en/")
    assert language_of(reader) == "en"
    page.get_by_role("link", name="Models", exact=True).first.click()
    page.wait_for_url("**/en/models")


def test_the_language_switch_is_remembered_for_addresses_without_one(reader_of):
    reader = reader_of(locale="ru-RU")
    page = reader.open("/models?kind=image")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en/models?kind=image")
    reader.open("/support")
    page.wait_for_url("**/en/support")


def test_the_profile_names_the_language_that_its_reader_sees(member):
    page = member.open("/en/profile")
    page.evaluate("localStorage.setItem('nb.language', 'ru')")
    page.reload()
    expect(page.locator("#me")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#me-language")).to_have_value("en")


def test_the_theme_is_there_before_the_first_paint_and_is_remembered(reader_of):
    reader = reader_of(theme="dark")
    page = reader.open("/en/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("button", name="Light").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    reader.open("/en/models")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_russian_plurals_follow_russian_rules(reader_of):
    page = reader_of(locale="ru-RU").open("/ru/")
    words = page.evaluate(
        """async (counts) => {
            const app = document.querySelector('script[src*="js/app"]').src;
            const { tokens } = await import(app.replace(/app[^/]*$/, "format.js"));
            return counts.map((count) => tokens(count).replace("\\u00a0", " "));
        }""",
        [1, 2, 5, 21],
    )
    assert words == ["1 токен", "2 токена", "5 токенов", "21 токен"]
