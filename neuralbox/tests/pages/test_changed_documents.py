"""A changed document in a browser: who owes agreement is asked where they buy and order, and goes on from there."""

import re

import psycopg
import pytest
from playwright.sync_api import expect

from neuralbox.tests.pages.conftest import PHONE
from neuralbox.tests.pages.test_accessibility import findings
from neuralbox.tests.pages.test_widths import WIDER

pytestmark = pytest.mark.browser

# A second version like the first one of the terms. In force for a month: no banner announces it on other pages.
SECOND_VERSION = """
    INSERT INTO legal_documentversion
    SELECT (jsonb_populate_record(first, jsonb_build_object(
        'id', gen_random_uuid(), 'document_id', 'house', 'number', 2, 'title_en', 'House rules',
        'change_en', 'Shoes stay outside.', 'is_significant', true, 'needs_acceptance', true,
        'effective_at', now() - interval '30 days'
    ))).*
    FROM legal_documentversion AS first WHERE document_id = 'terms' AND number = 1
"""
# Published versions stay, says a trigger. This one has to leave no debt to the tests that come after.
GONE = """
    ALTER TABLE legal_documentversion DISABLE TRIGGER legal_keep_published;
    DELETE FROM legal_consent WHERE version_id IN (SELECT id FROM legal_documentversion WHERE document_id = 'house');
    DELETE FROM legal_documentversion WHERE document_id = 'house';
    DELETE FROM legal_document WHERE slug = 'house';
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE legal_documentversion ENABLE TRIGGER legal_keep_published;
"""


@pytest.fixture
def changed_rules(live_site):
    """A document that everybody owes agreement to, as long as the test runs."""
    with psycopg.connect(live_site.database_url) as connection:
        connection.execute("INSERT INTO legal_document (slug, position, is_accepted) VALUES ('house', 90, true)")
        connection.execute(SECOND_VERSION)
    yield
    with psycopg.connect(live_site.database_url) as connection:
        connection.execute(GONE)


def refusal_of(page, path, click):
    """What the site answers to a click that it refuses."""
    with page.expect_response(f"**/api/v1/{path}") as answer:
        click()
    problem = answer.value.json()
    return answer.value.status, problem["code"], problem["charged"]


@pytest.mark.promise("P22")
@pytest.mark.usefixtures("changed_rules")
def test_who_owes_agreement_is_asked_before_buying_and_ordering_and_goes_on_after_agreeing(
    reader_of, live_site, newcomer
):
    page = reader_of(viewport=PHONE).sign_in(newcomer, "/en/wallet")
    asked = page.get_by_role("dialog", name="Our documents have changed")
    page.locator(".pick", has_text="Sandbox").click()
    assert refusal_of(page, "payments", page.locator("#pay").click) == (403, "consent_required", False)
    expect(asked.get_by_role("link", name="House rules")).to_have_attribute("href", "/en/legal/house/history?to=2")
    expect(asked).to_contain_text("Shoes stay outside.")
    assert findings(page) == []
    assert page.evaluate(WIDER) <= 0
    asked.get_by_role("button", name="Not now").click()
    expect(asked).to_be_hidden()

    page.goto(f"{live_site.url}/en/create/demo-image")
    page.get_by_label("What to paint").fill("A lighthouse at dusk")
    expect(page.locator("#send-price")).to_have_text(re.compile(r"^\d+\stokens?$"))
    assert refusal_of(page, "generations", page.locator("#send").click) == (403, "consent_required", False)
    asked.get_by_role("button", name="Agree").click()
    expect(asked).to_be_hidden()
    page.locator("#send").click()
    expect(page.locator("#jobs .job")).to_be_visible()
