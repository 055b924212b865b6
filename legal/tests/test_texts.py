"""The documents of the product: complete in both languages, alike in structure, and true."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command

from legal import rendering, selectors
from legal.management.commands.load_documents import DOCUMENTS, texts
from neuralbox.core import personal_data


@pytest.mark.promise("P22")
@pytest.mark.django_db
def test_all_documents_are_published_at_the_first_start_and_left_alone_at_the_next(capsys):
    call_command("load_documents")
    call_command("load_documents")
    assert [one["slug"] for one in selectors.current_documents("en")] == list(DOCUMENTS)
    assert len(selectors.to_accept()) == 2
    assert len(capsys.readouterr().out.splitlines()) == len(DOCUMENTS)


@pytest.mark.parametrize("slug", DOCUMENTS)
def test_both_languages_say_the_same_things(slug):
    found = texts(slug)

    def structure(body):
        return re.findall(r"^(## |- |\| )", body, re.MULTILINE), re.findall(r"\{(\w+)\}", body)

    assert structure(found["body_ru"]) == structure(found["body_en"])
    assert found["title_ru"] != found["title_en"]
    for body in (found["body_ru"], found["body_en"]):
        assert "{" not in rendering.html(body)
    assert re.findall(r"\d+", found["body_ru"]) == re.findall(r"\d+", found["body_en"])


@pytest.mark.promise("P10")
@pytest.mark.promise("P11")
@pytest.mark.promise("P12")
def test_the_policy_says_the_periods_that_the_product_keeps():
    rules = personal_data.rules()
    policy = texts("privacy")["body_en"]
    assert rules["generations.history"].default == timedelta(days=365)
    assert "a year by default" in policy
    assert f"We warn you {rules['generations.history'].warned.days} days before" in policy
    assert f"{rules['generations.uploads'].default.days} days by default" in policy
    events = rules["accounts.security_events"]
    assert (round(events.shortest.days / 30), round(events.longest.days / 30)) == (6, 12)
    assert "6 to 12 months" in policy
    assert rules["billing.payer_details"].shortest >= timedelta(days=5 * 365)


@pytest.mark.promise("P1")
@pytest.mark.promise("P13")
@pytest.mark.promise("P15")
@pytest.mark.promise("P21")
@pytest.mark.promise("P23")
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_policy_names_everybody_who_receives_something(language):
    policy = texts("privacy")[f"body_{language}"]
    for name in ("Kie.ai", "PiAPI", "GoAPI", "Suno", "HeyGen", "Robokassa", "Stripe", "CryptoCloud", "NOWPayments",
                 "Google", "GitHub", "Telegram", "TikTok", "{support}", "16"):  # fmt: skip
        assert name in policy
