"""Input schemas for readers: in one language, without what is not offered here."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

TRANSLATED = {"x-title": "title", "x-description": "description"}


def offered(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without fields that only local mode has, unless this is it."""
    if settings.LOCAL_MODE:
        return dict(schema)
    properties = {name: field for name, field in schema["properties"].items() if not field.get("x-local-only")}
    return {**schema, "properties": properties}


def in_language(schema: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The schema with plain titles, descriptions and `x-labels` in `language`."""
    shown = {name: value for name, value in schema.items() if name != "properties" and name not in TRANSLATED}
    for stored, name in TRANSLATED.items():
        if stored in schema:
            shown[name] = schema[stored][language]
    if "x-labels" in shown:
        shown["x-labels"] = {value: text[language] for value, text in schema["x-labels"].items()}
    if "properties" in schema:
        shown["properties"] = {name: in_language(field, language) for name, field in schema["properties"].items()}
    return shown


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema for validation: without texts and display hints."""
    kept = {name: value for name, value in schema.items() if name != "properties" and not name.startswith("x-")}
    if "properties" in schema:
        kept["properties"] = {name: plain(field) for name, field in schema["properties"].items()}
    return kept
