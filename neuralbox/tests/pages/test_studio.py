"""The main job in a browser: a price on the button, a picture on the stage, tokens that are right."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def order(page, prompt: str) -> None:
    page.get_by_label("What to paint").fill(prompt)
    expect(page.locator("#send-price")).to_have_text(re.compile(r"^\d+\stokens?$"))
    page.locator("#send").click()


def available(page) -> int:
    text = page.locator("[data-balance=available]").inner_text()
    return int(re.sub(r"\D", "", text))


def test_a_person_makes_a_picture_and_pays_the_price_on_the_button(member):
    page = member.open("/en/create/demo-image")
    expect(page.locator("[data-balance=available]")).to_have_text(re.compile("token"))
    before = available(page)
    order(page, "A lighthouse at dawn")
    picture = page.locator("#jobs .frame img")
    expect(picture).to_be_visible(timeout=30_000)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    expect(page.locator("[data-balance=available]")).to_have_text(re.compile(rf"^{before - 4:,}\s"))
    assert member.complaints == []


def test_what_fails_says_so_and_gives_the_tokens_back(member):
    page = member.open("/en/create/demo-image")
    expect(page.locator("[data-balance=available]")).to_have_text(re.compile("token"))
    before = available(page)
    page.get_by_text("Try endings").click()
    page.locator("[data-field=outcome] select").select_option("fail")
    order(page, "This will not work out")
    expect(page.locator("#jobs .note--bad")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-balance=available]")).to_have_text(re.compile(rf"^{before:,}\s"))


def test_an_empty_prompt_is_said_beside_its_field(member):
    page = member.open("/en/create/demo-image")
    page.locator("#send").click()
    expect(page.locator("[data-field=prompt] .field__error")).to_be_visible()
    assert page.evaluate("document.activeElement.matches('[data-field=prompt] textarea')")
    assert page.locator("#jobs .job").count() == 0


def test_a_strangers_words_are_kept_through_the_sign_in(stranger):
    page = stranger.open("/en/")
    page.locator("#ask").fill("A quiet harbour")
    page.get_by_role("button", name="To the studio").click()
    page.wait_for_url("**/create**")
    expect(page.locator("[data-field=prompt] textarea")).to_have_value("A quiet harbour")
    page.locator("#send").click()
    page.wait_for_url("**/login**")
    page.get_by_label("E-mail").fill("carol@example.com")
    page.get_by_role("button", name="Sign in").click()
    stranger.agree()
    page.wait_for_url("**/create/demo-image**")
    expect(page.locator("[data-field=prompt] textarea")).to_have_value("A quiet harbour")


def test_markup_in_a_prompt_stays_text(member):
    page = member.open("/en/create/demo-image")
    order(page, "<img src=x onerror=alert(1)> sea")
    expect(page.locator("#jobs .job__foot")).to_be_visible(timeout=30_000)
    page.goto(member.site.url + "/en/history?q=onerror")
    tile = page.locator("#gallery .tile__link").first
    tile.wait_for()
    assert page.locator("img[src=x]").count() == 0
    tile.click()
    expect(page.locator("#prompt")).to_have_text("<img src=x onerror=alert(1)> sea")


# What a phone's browser has: a door to other apps.
HANDS_FILES_OVER = """
navigator.canShare = () => true;
navigator.share = async ({ files: [file] }) => { window.handedOver = [file.name, file.type, file.size > 1000]; };
"""


def test_a_result_is_shared_hidden_shown_again_and_deleted(member):
    member.page.add_init_script(HANDS_FILES_OVER)
    page = member.open("/en/create/demo-image")
    order(page, "A heron in the reeds")
    page.locator("#jobs").get_by_role("link", name="Open").first.click(timeout=30_000)
    page.get_by_role("button", name="Share").click()
    name, kind, is_whole = page.wait_for_function("window.handedOver").json_value()
    assert re.fullmatch(r"demo-image-[0-9a-f]{8}\.png", name)
    assert (kind, is_whole) == ("image/png", True)
    page.get_by_role("button", name="Hide from the history").click()
    expect(page.get_by_role("button", name="Show in the history")).to_be_visible()
    page.get_by_role("button", name="Show in the history").click()
    expect(page.get_by_role("button", name="Hide from the history")).to_be_visible()
    page.get_by_role("button", name="Delete").first.click()
    page.locator("#delete-dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/history")
    page.goto(member.site.url + "/en/history?q=heron")
    expect(page.get_by_text("Nothing fits these filters")).to_be_visible()


def test_a_key_is_made_shown_once_and_revoked(member):
    page = member.open("/en/keys")
    page.get_by_role("button", name="New key").click()
    page.locator("#key-name").fill("night job")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#secret-text")).to_have_text(re.compile("^nb_live_"))
    page.get_by_role("button", name="I have kept it").click()
    row = page.locator("#keys li", has_text="night job").first
    row.get_by_role("button", name="Revoke").click()
    page.locator("#sure-dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("#keys li", has_text="night job").first.get_by_text("Revoked", exact=True)).to_be_visible()
    page.reload()
    assert "nb_live_" not in page.locator("main").inner_text()
