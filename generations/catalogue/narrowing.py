"""What is left of a form where only some of a model's routes can be used: what at least one of them takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from generations.catalogue.input_schemas import LANGUAGES, Schema

Change = Mapping[str, Any]
# Of each bound, what several routes leave together.
_WIDEST = {"maximum": max, "maxLength": max, "maxItems": max, "minimum": min, "minLength": min, "minItems": min}


def narrowed(schema: Schema, limits: Sequence[Schema]) -> Schema:
    """The schema with what the routes of these limits take; the same one when they take all of it.

    A field that none of them takes is gone. Combinations of fields that no single route takes are not seen here.
    """
    properties = {}
    for name, field in schema["properties"].items():
        changes = [one.get("properties", {}).get(name, {}) for one in limits]
        if any(change is not False for change in changes):
            properties[name] = _left(field, [change for change in changes if change is not False])
    required = set.intersection(*(set(one.get("required", ())) for one in limits)) if limits else set()
    needed = [name for name in properties if name in required or name in schema.get("required", ())]
    if properties == schema["properties"] and set(needed) == set(schema.get("required", ())):
        return schema
    return {**schema, "properties": properties, "required": needed}


def _left(field: Schema, changes: Sequence[Change]) -> Schema:
    left = dict(field)
    if all("enum" in change for change in changes):
        offered = {_exact(value) for change in changes for value in change["enum"]}
        own = field.get("enum") or _all_of(field) or [value for change in changes for value in change["enum"]]
        left["enum"] = [value for value in dict.fromkeys(own) if _exact(value) in offered]
        for labels in (f"x-labels_{language}" for language in LANGUAGES):
            if labels in field:
                names = {str(value) for value in left["enum"]}
                left[labels] = {value: label for value, label in field[labels].items() if value in names}
        if left["enum"] == field.get("enum") or (field["type"] == "boolean" and len(left["enum"]) > 1):
            left = dict(field)
    for bound, widest in _WIDEST.items():
        if changes and all(bound in change for change in changes):
            left[bound] = widest(change[bound] for change in changes)
    if "default" in left:
        left["default"] = _fitting(left, left["default"])
    return left


def _all_of(field: Schema) -> list[bool] | None:
    return [False, True] if field["type"] == "boolean" else None


def _exact(value: Any) -> tuple[type, Any]:
    """True is not 1 here."""
    return type(value), value


def _fitting(field: Schema, default: Any) -> Any:
    """The default, or what comes next to it of what is left."""
    if "enum" in field:
        return default if default in field["enum"] else field["enum"][0]
    if isinstance(default, int | float) and not isinstance(default, bool):
        return max(min(default, field.get("maximum", default)), field.get("minimum", default))
    return default
