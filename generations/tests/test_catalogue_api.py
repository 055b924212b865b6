"""The catalogue over HTTP: for everybody, in both languages, from memory."""

import pytest
from rest_framework.test import APIClient

from generations import selectors_catalogue
from generations.models import Model, Route
from generations.services import catalogue as catalogue_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


@pytest.fixture
def stranger():
    return APIClient(HTTP_ACCEPT_LANGUAGE="en")


def listed(client, **query):
    answer = client.get("/api/v1/models", query)
    assert answer.status_code == 200
    return [model["slug"] for model in answer.json()["results"]]


def test_everybody_sees_the_models_without_a_query(stranger, django_assert_num_queries):
    listed(stranger)
    with django_assert_num_queries(0):
        assert listed(stranger)[:3] == ["demo-image", "demo-image-edit", "demo-video"]


def test_a_model_says_all_that_a_form_and_a_buyer_need(stranger):
    model = stranger.get("/api/v1/models/demo-image").json()
    assert set(model) == {
        *("slug", "name", "modality", "tasks", "description", "is_available", "input_schema", "pricing", "providers"),
        *("results", "typical_seconds", "deadline_seconds", "examples"),
    }
    size = model["input_schema"]["properties"]["size"]
    assert (size["title"], size["x-labels"]["512"], size["x-order"]) == ("Size", "512 px", 3)
    assert model["input_schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert model["pricing"]["summary"] == "from 2 tokens"
    assert model["pricing"]["rows"][1] == {"label": "1024 px", "tokens": 4}
    assert model["tasks"] == ["text_to_image"]
    (provider,) = model["providers"]
    assert (provider["slug"], provider["name"]) == ("offline", "This machine (demonstration)")
    assert set(provider) == {"slug", "name", "company", "country", "privacy_policy"}
    assert model["examples"][0]["input"]["prompt"].startswith("A lighthouse")


def test_the_same_in_russian(stranger):
    answer = stranger.get("/api/v1/models/demo-image", headers={"Accept-Language": "ru"})
    model = answer.json()
    assert model["name"] == "Демо: картинка"
    assert model["input_schema"]["properties"]["size"]["title"] == "Размер"
    assert model["pricing"]["summary"] == "от 2 токенов"
    assert model["examples"][0]["input"]["prompt"].startswith("Маяк")
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_list_is_narrowed_by_kind_and_words(stranger):
    assert listed(stranger, modality="video") == ["demo-video"]
    assert listed(stranger, modality="music,speech") == ["demo-music", "demo-speech"]
    assert listed(stranger, q="CITIES") == ["demo-image"]
    assert listed(stranger, q="no such thing") == []


def test_what_has_not_changed_is_not_sent_again(stranger):
    first = stranger.get("/api/v1/models")
    again = stranger.get("/api/v1/models", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    in_russian = stranger.get(
        "/api/v1/models", headers={"If-None-Match": first.headers["ETag"], "Accept-Language": "ru"}
    )
    assert in_russian.status_code == 200


def test_an_unknown_model_is_not_found(stranger):
    answer = stranger.get("/api/v1/models/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


def test_what_is_switched_off_is_not_listed_and_says_so(stranger):
    Model.objects.filter(slug="demo-text").update(is_enabled=False)
    catalogue_service.forget()
    assert "demo-text" not in listed(stranger)
    assert stranger.get("/api/v1/models/demo-text").json()["is_available"] is False


def test_a_model_without_a_provider_is_not_listed(stranger, settings):
    Route.objects.filter(model__slug="demo-text").update(is_enabled=False)
    catalogue_service.forget()
    assert "demo-text" not in listed(stranger)
    settings.OFFLINE_BASE_URL = ""
    assert listed(stranger) == []


def test_demonstrations_do_not_exist_in_production(stranger, settings):
    assert listed(stranger)
    settings.LOCAL_MODE = False
    assert listed(stranger) == []
    assert stranger.get("/api/v1/models/demo-image").status_code == 404


def test_pages_and_api_get_the_same(stranger):
    assert stranger.get("/api/v1/models").json()["results"] == selectors_catalogue.cards("en")
