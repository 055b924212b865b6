"""A person creates with a model of each AI provider, and sees the result. The providers are imitated."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# A model, what is said to it, and how its result is shown. Suno's is asked for at Kie.ai first.
ONE_OF_EACH = {
    "kie": ("z-image", "A lighthouse at dawn", "img"),
    "piapi": ("flux-schnell", "A lighthouse at dawn", "img"),
    "goapi": ("midjourney", "A lighthouse at dawn", "img"),
    "suno": ("suno-lyrics", "The first snow in the city", ".sheet-text"),
    "heygen": ("heygen-speech", "Good evening. The museum closes in half an hour.", "audio"),
}


@pytest.mark.parametrize("provider", ONE_OF_EACH)
def test_a_person_creates_with_each_provider_and_sees_the_result(member, live_site, provider):
    slug, words, shown = ONE_OF_EACH[provider]
    if provider == "suno":
        live_site.providers.fail_next("fail", path="/kie/api/v1/lyrics")
    page = member.open(f"/en/create/{slug}")
    page.locator(".field--prompt .input").fill(words)
    voice = page.locator("[role=combobox]")
    if voice.count():
        voice.click()
        page.locator("[role=option]").first.click()
    expect(page.locator("#send-price")).to_have_text(re.compile(r"^\d+\stokens?$"), timeout=30_000)
    page.locator("#send").click()
    expect(page.locator(f"#jobs .job__media {shown}").first).to_be_visible(timeout=60_000)
    page.locator("#jobs").get_by_role("link", name="Open").first.click()
    page.wait_for_url("**/g/*")
    expect(page.locator("#facts")).to_contain_text(
        page.evaluate("slug => JSON.parse(document.getElementById('providers').textContent)[slug]", provider)
    )
    assert member.complaints == []
