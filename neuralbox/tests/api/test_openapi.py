"""The OpenAPI document: valid, whole, and true of what the API does."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json()


def operations(document):
    for address, item in document["paths"].items():
        for method, operation in item.items():
            yield method, address, operation


def test_the_document_is_valid(document):
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_operation_says_what_it_does_and_what_it_answers(document):
    unclear = []
    for method, address, operation in operations(document):
        succeeds = any(status[0] in "23" for status in operation["responses"])
        if not (operation.get("summary") and operation.get("tags") and succeeds and "4XX" in operation["responses"]):
            unclear.append(f"{method.upper()} {address}")
    assert unclear == []


def test_every_answer_names_its_headers_and_every_refusal_that_may_come(document):
    unclear = []
    for method, address, operation in operations(document):
        answers = operation["responses"]
        wanted = {"429"} | ({"404"} if "{" in address else set())
        security = operation.get("security", [])
        if security and {} not in security:
            wanted |= {"401", "403"}
        named = all("X-Request-ID" in answer["headers"] for answer in answers.values() if "$ref" not in answer)
        if not (wanted <= answers.keys() and named):
            unclear.append(f"{method.upper()} {address}")
    assert unclear == []
    too_many = document["components"]["responses"]["Refused429"]
    assert {"X-Request-ID", "RateLimit", "RateLimit-Policy", "Retry-After"} == too_many["headers"].keys()


def test_every_json_body_has_an_example(document):
    bare = []
    for method, address, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and not body.get("examples"):
            bare.append(f"{method.upper()} {address}")
    assert bare == []


@pytest.mark.browser
def test_the_readable_docs_open_without_errors_or_calls_to_others(live_server, browser):
    page = browser.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_role("heading", name="NeuralBox API").wait_for()
    page.locator(".opblock").first.wait_for()
    assert said == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
    page.close()
