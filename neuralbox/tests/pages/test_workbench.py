"""What people who make much use in the browser: presets, comparisons, and many results at once."""

import re
import zipfile

import pytest
import requests
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENCE = 60_000


def test_settings_are_kept_under_a_name_applied_removed_and_brought_back(member):
    page = member.open("/en/create/demo-image")
    size = page.locator("[data-field=size]")
    size.get_by_text("512 px").click()
    page.get_by_role("button", name="Keep these settings").click()
    page.get_by_label("Name of the preset").fill("Small and quick")
    page.get_by_role("button", name="Keep", exact=True).click()
    preset = page.get_by_role("button", name="Small and quick", exact=True)
    expect(preset).to_be_visible()

    page.reload()
    expect(size.get_by_label("512 px")).not_to_be_checked()
    preset.click()
    expect(size.get_by_label("512 px")).to_be_checked()

    page.get_by_role("button", name="Remove the preset “Small and quick”").click()
    expect(preset).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(preset).to_be_visible()
    assert member.complaints == []


def test_two_models_are_compared_the_best_is_chosen_and_the_address_shows_it_again(member):
    page = member.open("/en/compare?models=demo-image,z-image")
    columns = page.locator(".contender")
    expect(columns).to_have_count(2)
    page.get_by_label("Prompt").fill("A lighthouse at dawn, compared")
    expect(page.locator("#send-label")).to_have_text("Create with 2 models")
    expect(page.locator("#send-price")).to_have_text(re.compile(r"^\d+\stokens$"))
    page.locator("#send").click()
    best = columns.filter(has=page.get_by_role("heading", name="Z-Image"))
    best.get_by_role("button", name="This is the best").click(timeout=PATIENCE)
    expect(best).to_have_attribute("data-winner", "")
    expect(page.get_by_text("Z-Image is the best.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?of="))

    page.reload()
    expect(page.locator(".contender .job__media img")).to_have_count(2, timeout=PATIENCE)
    expect(page.get_by_label("Prompt")).to_have_value("A lighthouse at dawn, compared")
    page.goto(f"{member.site.url}/en/history?q=compared")
    expect(page.locator("#gallery [data-generation]")).to_have_count(1)
    assert member.complaints == []


def test_what_one_of_the_models_cannot_do_is_said_in_its_column(member):
    page = member.open("/en/compare?models=demo-image,z-image")
    notes = page.locator(".contender__notes")
    expect(notes).to_have_count(2)
    ratio = page.locator("[data-setting=aspect_ratio]")
    ratio.select_option(ratio.locator("option", has_text="2:3").inner_text())
    expect(notes.nth(0)).to_be_empty()
    expect(notes.nth(1)).to_contain_text("cannot be 2:3")
    assert member.complaints == []


def test_a_selection_is_downloaded_as_one_file_and_deleted(member, newcomer, live_site, tmp_path):
    key = {"Authorization": f"Bearer {live_site.api_key(newcomer)}"}
    for subject in ("heron", "otter"):
        order = {"model": "demo-image", "input": {"prompt": f"Selected {subject}"}}
        requests.post(f"{live_site.url}/api/v1/generations", json=order, headers=key, timeout=30).raise_for_status()
    page = member.open("/en/history?q=Selected")
    tiles = page.locator("#gallery [data-generation]")
    expect(tiles.locator("img")).to_have_count(2, timeout=PATIENCE)
    page.get_by_role("button", name="Select", exact=True).click()
    for tile in tiles.all():
        tile.locator("input").check()
    expect(page.locator("#selection-count")).to_have_text("2 selected")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download ZIP").click()
    download.value.save_as(tmp_path / "selected.zip")
    with zipfile.ZipFile(tmp_path / "selected.zip") as archive:
        assert archive.testzip() is None
        assert len([name for name in archive.namelist() if name.endswith((".png", ".webp", ".jpg"))]) == 2

    page.locator("#selection").get_by_role("button", name="Delete").click()
    dialog = page.locator("#sure-dialog")
    expect(dialog.get_by_text("Delete 2 results for good?")).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing fits these filters")).to_be_visible()
    assert member.complaints == []
