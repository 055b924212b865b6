"""Choosing among models in the studio: found in all kinds, their forms fetched, what does not go together shown."""

import pytest
from playwright.sync_api import expect

from neuralbox.tests.pages.conftest import PHONE

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)


def test_a_model_of_any_kind_is_found_by_its_purpose_and_its_form_is_fetched(stranger):
    page = stranger.open("/en/create/demo-image")
    page.locator("#picker > summary").click()
    page.get_by_label("Search the models").fill("speech from text")
    page.get_by_label("Search the models").press("Enter")
    expect(page.locator("#picker-name")).to_have_text("Demo speech")
    expect(page.locator('[data-field="voice"]')).to_be_visible()
    expect(page.locator('#kinds input[value="speech"]')).to_be_checked()
    expect(page.locator("#send-facts")).to_contain_text("Your prompt goes to This machine (demonstration)")
    expect(page.locator("#send-facts")).to_contain_text("not enough data")
    assert page.url.endswith("/en/create/demo-speech")
    assert stranger.complaints == []


def test_settings_that_do_not_go_together_are_held_apart_on_a_phone(reader_of):
    page = reader_of(viewport=PHONE).open("/en/create/demo-video")
    length = page.locator('[data-field="duration"] input[type="number"]')
    length.fill("8")
    page.locator('[data-field="resolution"] label', has_text="720p").click()
    expect(length).to_have_value("6")
    expect(length).to_have_attribute("max", "6")


def test_models_are_narrowed_in_place_and_the_address_follows(reader_of):
    page = reader_of(viewport=PHONE).open("/en/models")
    everything = page.locator(".model-card").count()
    page.get_by_label("Task").select_option("talking_photo")
    page.wait_for_url("**/en/models?task=talking_photo")
    expect(page.locator(".model-card")).not_to_have_count(everything)
    count = page.locator(".model-card").count()
    assert 0 < count < everything
    expect(page.get_by_label("Task")).to_have_value("talking_photo")
    expect(page.locator(".narrowing__count")).to_contain_text(f"{count} model")


def test_another_kind_takes_the_words_along_and_begins_with_settings_of_its_own(reader_of):
    """Four seconds are what a film begins with, and too few for music."""
    page = reader_of(viewport=PHONE).open("/en/create/demo-video")
    page.locator("#fields textarea").first.fill("A quiet piano")
    page.locator("#kinds label", has_text="Music").click()
    expect(page.locator('[data-field="duration"] input[type="number"]')).to_have_value("30")
    expect(page.locator("#fields textarea").first).to_have_value("A quiet piano")
    assert page.locator("#kinds :checked").evaluate(
        "one => one.parentElement.getBoundingClientRect().right <= innerWidth"
    )
