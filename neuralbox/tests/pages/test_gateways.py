"""A person buys through each payment system on a phone and gets the money back; finance decides in the back office.

The payment systems are imitated, with pages and notifications of their own.
"""

import re

import pytest
from playwright.sync_api import expect

from neuralbox.tests.pages.conftest import PHONE, Reader

pytestmark = pytest.mark.browser

# In which language (roubles in Russian, dollars in English), how the money comes back, and whether it makes receipts.
EACH = {
    "tbank": ("ru", "by itself", True),
    "yookassa": ("ru", "by itself", True),
    "robokassa": ("ru", "when asked again", True),
    "stripe": ("en", "by itself", False),
    "cryptocloud": ("en", "by hand", False),
    "nowpayments": ("en", "by hand", False),
    "sandbox": ("en", "by itself", True),
}
WORDS = {
    "en": {
        "requested": "We are looking at it",
        "sent": "Sent, the payment system is working on it",
        "returned": "Returned",
        "end": "The payment was returned",
        "untold": "sends it by e-mail",
    },
    "ru": {
        "requested": "Рассматриваем",
        "sent": "Отправлен, дело за платёжной системой",
        "returned": "Возвращено",
        "end": "Платёж возвращён",
        "untold": "пришлёт по почте",
    },
}
A_TIME = r"\d\d:\d\d"
SOON = 60_000
PROOF = "0x5f3c7a9be1"


@pytest.fixture(scope="module")
def buyer(browser, live_site):
    """Buys on a phone. Her refunds leave her with what she had, so that she can go on with the next payment system."""
    live_site.api_key("nina@example.com")
    context = browser.new_context(locale="en-US", viewport=PHONE, has_touch=True)
    reader = Reader(context, live_site)
    reader.sign_in("nina@example.com", "/en/wallet")
    yield reader
    context.close()


@pytest.fixture(scope="module")
def finance(browser, live_site):
    """A member of staff at the finance desk."""
    context = browser.new_context(locale="en-US")
    reader = Reader(context, live_site)
    page = reader.open("/admin/login/")
    page.locator("[name=username]").fill("admin@example.com")
    page.locator("[name=password]").fill((live_site.folder / "staff-password").read_text().strip())
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/admin/$"))
    yield reader
    context.close()


def find(finance, what, number):
    page = finance.open(f"/admin/billing/{what}/?q={number}")
    page.locator("#result_list th a[href*='/change/']").click()
    return page


def decide(page, action, reason):
    page.get_by_role("link", name=action).first.click()
    page.locator("[name=reason]").fill(reason)
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/change/")


@pytest.mark.promise("P15")
@pytest.mark.parametrize("slug", EACH)
def test_three_taps_buy_and_the_unused_money_comes_back(buyer, finance, live_site, slug):
    language, way_back, makes_receipt = EACH[slug]
    page = buyer.open(f"/{language}/wallet")
    page.locator(".pick:has([value=base])").tap()
    page.locator(f".pick:has([value={slug}])").tap()
    page.locator("#pay").tap()
    page.wait_for_url(lambda url: not url.startswith(live_site.url))
    page.locator("button[value=pay]").tap()

    page.wait_for_url(re.compile("/wallet"))
    if "/payments/" not in page.url:
        page.locator("#payments a").first.tap()
    expect(page.locator("#state.pay-state--good")).to_have_text(re.compile(r"\b525\s"), timeout=SOON)
    number = page.locator("#facts dd").nth(3).inner_text()
    if slug == "robokassa":
        # It tells of its receipts when it is asked.
        decide(find(finance, "payment", number), "Ask the gateway now", "The customer waits")
    receipts = page.locator("#receipts li")
    if makes_receipt:
        expect(receipts).to_have_text(re.compile(A_TIME), timeout=SOON)
    else:
        expect(page.locator("#receipts-section")).to_be_hidden()

    page.locator("#refund-reason").fill("Bought by mistake")
    page.locator("#refund-button").tap()
    refund = page.locator("#refunds li")
    expect(refund.locator(".badge")).to_have_text(WORDS[language]["requested"])
    desk = find(finance, "refund", number)
    decide(desk, "Approve", "Nothing was used")
    if way_back == "by hand":
        decide(desk, "Paid out by hand", PROOF)
    elif way_back == "when asked again":
        expect(refund.locator(".badge")).to_have_text(WORDS[language]["sent"], timeout=SOON)
        for _ in range(2):  # Robokassa is slow: at the first question it is still at work
            decide(desk, "Ask the gateway now", "The customer waits")
    expect(refund.locator(".badge")).to_have_text(WORDS[language]["returned"], timeout=SOON)
    expect(page.locator("#state")).to_have_text(WORDS[language]["end"])
    if way_back == "by hand":
        expect(refund).to_contain_text(PROOF)
    if makes_receipt:
        expect(receipts).to_have_count(2, timeout=SOON)
        expect(receipts.last).to_have_text(re.compile(rf"{A_TIME}|{WORDS[language]['untold']}"), timeout=SOON)
    expect(page.locator("[data-balance=held]")).to_have_text(re.compile(r"^0\b"))
    assert buyer.complaints == []
