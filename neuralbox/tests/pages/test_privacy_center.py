"""The privacy center in a real browser: a copy of everything, and the way out and back."""

import json
import zipfile

import psycopg
import pytest

pytestmark = pytest.mark.browser
PATIENCE = 60_000


@pytest.mark.promise("P18")
def test_a_copy_of_everything_is_made_and_taken_home(reader_of, live_site, tmp_path):
    live_site.api_key("copy@example.com")
    reader = reader_of(accept_downloads=True)
    page = reader.sign_in("copy@example.com", "/en/privacy-center")
    page.get_by_role("row", name="Security log").wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="Make a copy").click()
    link = page.get_by_role("link", name="Download")
    link.wait_for(timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as waiting:
        link.click()
    waiting.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as archive:
        assert archive.testzip() is None
        profile = json.loads(archive.read("data/profile.json"))
        archive.extractall(tmp_path / "copy")
    assert profile[0]["email"] == "copy@example.com"
    assert reader.complaints == []
    offline = reader_of(offline=True)
    offline.page.goto((tmp_path / "copy" / "index.html").as_uri())
    offline.page.get_by_role("row", name="Security log").get_by_role("link", name="open").click()
    assert "127.0.0.1" in offline.page.content()
    assert offline.complaints == []


@pytest.mark.promise("P18")
def test_the_account_goes_and_the_link_of_the_letter_brings_it_back(reader_of, live_site):
    live_site.api_key("gone@example.com")
    reader = reader_of()
    page = reader.sign_in("gone@example.com", "/en/privacy-center")
    page.get_by_label("Type your e-mail or your name to confirm").fill("somebody else")
    page.get_by_role("button", name="Delete the account").click()
    page.get_by_role("alert").get_by_text("to confirm").wait_for(timeout=PATIENCE)
    page.get_by_label("Type your e-mail or your name to confirm").fill("gone@example.com")
    page.get_by_role("button", name="Delete the account").click()
    page.wait_for_url("**/", timeout=PATIENCE)
    assert page.evaluate("localStorage.getItem('nb.jwt')") is None
    with psycopg.connect(live_site.database_url) as connection:
        link, is_active = connection.execute(
            """SELECT notice.link, person.is_active FROM accounts_notice AS notice
               JOIN accounts_user AS person ON person.id = notice.user_id
               WHERE person.email = 'gone@example.com' AND notice.kind = 'deletion_scheduled'"""
        ).fetchone()
    assert not is_active
    page = reader.open(f"/en{link}")
    page.get_by_role("button", name="Keep the account").click()
    page.get_by_role("heading", name="The account stays").wait_for(timeout=PATIENCE)
    page = reader.open(f"/en{link}")
    page.get_by_role("heading", name="This link does nothing any more").wait_for(timeout=PATIENCE)
    reader.sign_in("gone@example.com", "/en/wallet")
