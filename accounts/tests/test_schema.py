"""The OpenAPI document describes the doors of accounts."""

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from accounts import api_urls


@pytest.fixture(scope="module")
def schema():
    document = SchemaGenerator(patterns=api_urls.urlpatterns).get_schema(request=None, public=True)
    validate_schema(document)
    return document


def test_every_door_is_described(schema):
    assert len(schema["paths"]) == len(api_urls.urlpatterns)
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), (path, method)
            assert operation.get("tags"), (path, method)


def test_both_ways_to_call_are_named(schema):
    schemes = schema["components"]["securitySchemes"]
    assert schemes["AccessToken"]["bearerFormat"] == "JWT"
    assert schemes["ApiKeyHeader"] == {**schemes["ApiKeyHeader"], "in": "header", "name": "X-API-Key"}
    ways = schema["paths"]["/me"]["get"]["security"]
    assert ways == [{"ApiKey": ["read"]}, {"ApiKeyHeader": ["read"]}, {"AccessToken": []}]
    assert schema["paths"]["/me"]["patch"]["security"] == [{"AccessToken": []}]
    assert schema["paths"]["/me/api-keys"]["post"]["security"] == [{"AccessToken": []}]


def test_every_answer_with_a_body_has_an_example(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                for media in answer.get("content", {}).values():
                    assert media.get("examples"), (path, method, status)
