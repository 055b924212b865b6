"""The pages as the server gives them."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from billing.services import products
from neuralbox.pages import catalogue, errors_table, samples, wording
from neuralbox.pages.token_prices import TokenPrices

GALLERY = Path(settings.BASE_DIR) / "static" / "gallery"


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 токен"), (2, "2 токена"), (5, "5 токенов"), (11, "11 токенов"), (21, "21 токен")]
)
def test_tokens_are_counted_as_in_russian(count, text):
    with translation.override("ru"):
        assert wording.tokens(count) == text.replace(" ", "\u00a0")


def test_a_wait_is_told_in_seconds_and_then_in_minutes():
    with translation.override("en"):
        assert wording.wait(4) == "about\u00a04\u00a0seconds"
        assert wording.wait(300) == "about\u00a05\u00a0minutes"


@pytest.mark.parametrize(
    ("language", "tokens", "text"),
    [("ru", 4, "2,40 ₽"), ("ru", 5, "3 ₽"), ("ru", 20_001, "12 001 ₽"), ("en", 4, "$0.03"), ("en", 2_000, "$16")],
)
def test_tokens_are_told_in_the_money_of_the_language(db, language, tokens, text):
    for currency, per_thousand in (("RUB", 600_00), ("USD", 8_00)):
        products.set_rate(
            currency=currency, per_thousand=per_thousand, minimum=1, maximum=10**9, reason="A price for tests.", by=None
        )
    with translation.override(language):
        assert TokenPrices().about(tokens).replace("\N{NO-BREAK SPACE}", " ") == text


def test_without_prices_in_money_nothing_is_said_of_it(db):
    assert TokenPrices().about(4) == ""


@pytest.mark.parametrize(("path", "bare"), [("/en", "/"), ("/ru/models", "/models"), ("/rustic", "/rustic")])
def test_only_a_whole_language_prefix_is_taken_off(path, bare):
    assert wording.without_prefix(path) == bare


def test_pages_have_an_address_with_and_without_a_language():
    with translation.override("en"):
        assert reverse("pages:models") == "/models"
        assert reverse("localized:models") == "/en/models"


def test_the_wall_shows_works_that_are_there_in_both_languages_and_stay_light():
    works = json.loads((GALLERY / "gallery.json").read_text())
    for work in works:
        assert work["prompt"].keys() == {"ru", "en"}
        assert (GALLERY / work["file"]).is_file()
        assert work["tokens"] > 0
    assert sum(file.stat().st_size for file in GALLERY.iterdir()) < 1_500_000


def test_each_error_code_has_one_row_and_a_name_that_can_be_an_anchor():
    codes = [row.code for row in errors_table.rows()]
    assert len(codes) == len(set(codes))
    assert {"insufficient_tokens", "invalid_input", "not_authenticated", "not_found"} <= set(codes)
    assert all(re.fullmatch(r"[a-z0-9_]+", code) for code in codes)


def test_the_python_sample_is_python_whatever_the_prompt_says():
    example = {"prompt": "He said: \"true\" 'null'", "with_audio": True, "seed": None}
    python = next(sample for sample in samples.of("m", example, site_url="https://x") if sample.code == "python")
    compile(python.text, "sample", "exec")
    assert repr(example["prompt"]) in python.text


def test_search_wants_every_word_in_name_purpose_description_slug_or_provider():
    with translation.override("en"):
        assert found(query="WAVES kie") == ["sea"]
        assert found(query="picture editing") == ["sea"]
        assert found(query="waves clouds") == []


CARDS = [
    {
        "slug": slug,
        "name": slug.title(),
        "description": description,
        "modality": modality,
        "tasks": tasks,
        "providers": [{"slug": provider.lower(), "name": provider}],
        "pricing": {"from_tokens": price},
    }
    for slug, description, modality, tasks, provider, price in [
        ("sea", "waves", "image", ["text_to_image", "image_edit"], "Kie.ai", 2),
        ("sky", "clouds", "video", ["text_to_video"], "PiAPI", 21),
    ]
]


def found(**wanted):
    return [card["slug"] for card in catalogue.matching(CARDS, catalogue.Wanted(**wanted))]


def test_models_are_narrowed_by_kind_task_provider_and_price():
    assert found(modality="video") == ["sky"]
    assert found(task="image_edit") == ["sea"]
    assert found(provider="piapi") == ["sky"]
    assert found(price="20") == ["sea"]
    assert found(price="anything else") == found() == ["sea", "sky"]


def test_the_page_after_the_sign_in_is_one_of_ours(client, db):
    client.get("/login", {"next": "//evil.example/x"})
    assert "wanted_page" not in client.session
    client.get("/login", {"next": "/en/wallet"})
    assert client.session["wanted_page"] == "/en/wallet"
    assert 'data-next="/en/wallet"' in client.get("/login/complete").content.decode()


def test_personal_pages_are_never_stored_by_a_cache(client, db):
    for path in ("/history", "/wallet", "/profile", "/login"):
        assert "no-store" in client.get(path)["Cache-Control"], path


def test_an_expired_form_asks_to_go_back_and_not_to_write_to_us(db):
    refused = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en").post("/login/dummy", {})
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "Go back and try once more" in page
    assert "should be open to you" not in page


def test_an_unknown_page_is_an_error_page_with_a_way_on(client, db):
    answer = client.get("/en/no-such-page")
    assert answer.status_code == 404
    assert "To the main page" in answer.content.decode()


def test_the_words_of_the_scripts_come_in_the_language_of_the_address(client, db):
    download = json.dumps("Скачать").encode()
    assert download in client.get("/ru/catalog.js").content
    assert download not in client.get("/en/catalog.js").content
