"""Buying in a browser: three taps on a phone, the gateway's page, and the truth from our own books."""

import re

import pytest
from playwright.sync_api import expect

from neuralbox.tests.pages.conftest import PHONE
from neuralbox.tests.pages.test_accessibility import findings
from neuralbox.tests.pages.test_widths import WIDER

pytestmark = pytest.mark.browser


@pytest.fixture
def bob_on_the_phone(reader_of, live_site):
    live_site.api_key("bob.phone@example.com")
    reader = reader_of(viewport=PHONE)
    reader.sign_in("bob.phone@example.com", "/en/wallet")
    return reader


@pytest.mark.promise("P15")
def test_three_taps_on_a_phone_buy_tokens_and_one_more_asks_for_them_back(bob_on_the_phone):
    page = bob_on_the_phone.page
    page.locator(".pick", has_text="200 tokens").click()
    page.locator(".pick", has_text="Sandbox").click()
    pay = page.get_by_role("button", name=re.compile(r"^Pay \$5\.99$"))
    pay.click()
    page.wait_for_url("**/sandbox/pay/**")
    page.locator("button[value=pay]").click()
    expect(page.locator("#state")).to_have_text(re.compile("Paid: 200\\s"), timeout=30_000)
    assert "/en/wallet/payments/" in page.url
    expect(page.locator("[data-balance=available]")).to_have_text(re.compile(r"^300\s"))
    page.get_by_role("button", name=re.compile("^Return \\$5\\.99 for 200")).click()
    expect(page.locator("#refunds .badge")).to_have_text("We are looking at it")
    expect(page.locator("[data-balance=held]")).to_have_text(re.compile("200"))
    assert findings(page) == []
    assert page.evaluate(WIDER) <= 0
    assert bob_on_the_phone.complaints == []


def test_what_is_not_usable_is_not_shown_and_a_refused_payment_says_so(bob_on_the_phone):
    page = bob_on_the_phone.page
    expect(page.locator(".pick", has_text="Stripe")).to_be_visible()
    expect(page.locator(".pick", has_text="T-Bank")).to_have_count(0)
    page.get_by_role("button", name="RUB").click()
    expect(page.locator(".pick", has_text="T-Bank")).to_be_visible()
    expect(page.locator(".pick", has_text="Stripe")).to_have_count(0)
    page.locator(".pick", has_text="Sandbox").click()
    page.locator("#pay").click()
    page.wait_for_url("**/sandbox/pay/**")
    page.locator("button[value=decline]").click()
    expect(page.locator("#state")).to_have_text(re.compile("did not go through"), timeout=30_000)
    expect(page.get_by_role("link", name="Try again")).to_be_visible()
    assert bob_on_the_phone.complaints == []
