"""The input schemas of models: which part of JSON Schema 2020-12 is allowed, checks, languages, validators.

One schema drives the form, the check of the API, its documentation and the price. Texts stand in it in both languages
(`title_ru`, `title_en`, …) and are rendered for one reader. The subset is described in `docs/catalogue.md`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

Schema = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LANGUAGES = ("ru", "en")
MAX_SCHEMA_BYTES = 64 * 1024
MAX_DEPTH = 5
MAX_PROPERTIES = 40
MAX_CHARACTERS = 50_000
ANY_ID = "00000000-0000-7000-8000-000000000000"
CONTROLS = (
    *("prompt", "text", "choice", "ratio", "number", "slider", "switch", "seed"),
    *("upload", "result", "rows", "group"),
)

_NOTES = {"default", "x-order", "x-control", "x-advanced", "x-local-only", "x-unit"} | {
    f"{name}_{language}" for name in ("title", "description", "x-labels", "x-placeholder") for language in LANGUAGES
}
_BY_TYPE = {
    "string": {"enum", "minLength", "maxLength", "x-choices"},
    "integer": {"enum", "minimum", "maximum", "multipleOf"},
    "number": {"minimum", "maximum", "multipleOf"},
    "boolean": set(),
    "array": {"items", "minItems", "maxItems", "uniqueItems", "x-max-characters", "x-max-seconds", "x-adds-up"},
    "object": {
        *("properties", "required", "additionalProperties", "x-from", "x-within-days", "x-made-with"),
        *("x-accept", "x-accept-types", "x-max-bytes", "x-min-side", "x-max-side", "x-min-seconds", "x-max-seconds"),
    },
}
_NEEDED = {"integer": ("minimum", "maximum"), "number": ("minimum", "maximum"), "array": ("items", "maxItems")}
_CONDITION_KEYWORDS = {"const", "enum"}
_NARROWING = {"enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}


class InvalidSchema(ValueError):
    """The schema is outside of what we allow. `pointer` says where."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'}: {reason}")
        self.pointer = pointer
        self.reason = reason


def _exact_multiple(_validator: Any, divisor: float, instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    """`multipleOf` in decimal: 1.15 is a multiple of 0.05, whatever binary fractions say."""
    if not isinstance(instance, int | float) or isinstance(instance, bool):
        return
    if not isfinite(instance) or Fraction(str(instance)) % Fraction(str(divisor)):
        yield ValidationError(f"{instance} is not a multiple of {divisor}")


InputValidator = extend(Draft202012Validator, {"multipleOf": _exact_multiple})


def escaped(part: Any) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def check(schema: Any) -> None:
    """Raises InvalidSchema unless the schema is valid, in our subset, bounded everywhere, and in both languages."""
    if not isinstance(schema, dict):
        raise InvalidSchema("", "must be an object")
    if len(json.dumps(schema)) > MAX_SCHEMA_BYTES:
        raise InvalidSchema("", f"larger than {MAX_SCHEMA_BYTES} bytes")
    _check_object(schema, "", depth=0, extra={"allOf", "$schema"})
    _check_keywords(json.dumps({**schema, "properties": {}}), "")
    for name, field in schema["properties"].items():
        _check_keywords(json.dumps(field), f"/properties/{escaped(name)}")
    for number, condition in enumerate(schema.get("allOf", ())):
        _check_condition(condition, f"/allOf/{number}", schema["properties"])
    for name, field in schema["properties"].items():
        if "default" in field and (wrong := next(InputValidator(field).iter_errors(field["default"]), None)):
            raise InvalidSchema(f"/properties/{name}/default", wrong.message)


@lru_cache(maxsize=2048)
def _check_keywords(schema: str, pointer: str) -> None:
    """Whether the values of keywords are what JSON Schema says, a negative length for one. Many models share fields."""
    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        way = "".join(f"/{escaped(part)}" for part in error.absolute_path)
        raise InvalidSchema(pointer + way, error.message) from error


def _check_object(schema: Schema, pointer: str, *, depth: int, extra: set[str]) -> None:
    if depth > MAX_DEPTH:
        raise InvalidSchema(pointer, f"deeper than {MAX_DEPTH}")
    _refuse_unknown(schema, {"type", *_BY_TYPE["object"], *_NOTES, *extra}, pointer)
    if schema.get("type") != "object":
        raise InvalidSchema(f"{pointer}/type", "must be object")
    if schema.get("additionalProperties") is not False:
        raise InvalidSchema(f"{pointer}/additionalProperties", "must be false")
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not 1 <= len(properties) <= MAX_PROPERTIES:
        raise InvalidSchema(f"{pointer}/properties", f"must hold 1 to {MAX_PROPERTIES} fields")
    if missing := [name for name in schema.get("required", ()) if name not in properties]:
        raise InvalidSchema(f"{pointer}/required", f"unknown field {missing[0]}")
    is_reference = is_upload(schema) or is_result(schema)
    for name, field in properties.items():
        _check_field(field, f"{pointer}/properties/{escaped(name)}", depth=depth + 1, in_reference=is_reference)


def _check_field(field: Any, pointer: str, *, depth: int, in_reference: bool = False) -> None:
    kind = field.get("type") if isinstance(field, dict) else None
    if kind not in _BY_TYPE:
        raise InvalidSchema(pointer, f"`type` must be one of {', '.join(_BY_TYPE)}")
    if not in_reference:
        _check_texts(field, pointer)
    if kind == "object":
        _check_object(field, pointer, depth=depth, extra=set())
        if is_upload(field):
            _check_upload(field, pointer)
        if is_result(field):
            _check_result(field, pointer)
        return
    _refuse_unknown(field, {"type", *_BY_TYPE[kind], *_NOTES}, pointer)
    if "enum" not in field:
        needed = ("maxLength",) if kind == "string" else _NEEDED.get(kind, ())
        for keyword in needed:
            if keyword not in field:
                raise InvalidSchema(pointer, f"needs `{keyword}`")
        if field.get("maxLength", 0) > MAX_CHARACTERS:
            raise InvalidSchema(f"{pointer}/maxLength", f"more than {MAX_CHARACTERS}")
    if kind == "array":
        if depth > MAX_DEPTH:
            raise InvalidSchema(pointer, f"deeper than {MAX_DEPTH}")
        _check_field(field["items"], f"{pointer}/items", depth=depth + 1)
        _check_list(field, pointer)
    if "x-choices" in field:
        _check_choices(field["x-choices"], pointer)


def _refuse_unknown(schema: Schema, allowed: set[str], pointer: str) -> None:
    if unknown := sorted(set(schema) - allowed):
        raise InvalidSchema(f"{pointer}/{escaped(unknown[0])}", "this keyword is not allowed here")


def _check_texts(field: Schema, pointer: str) -> None:
    for name in ("title", "description", "x-placeholder"):
        present = [language for language in LANGUAGES if str(field.get(f"{name}_{language}", "")).strip()]
        if len(present) == 1 or (name == "title" and not present):
            raise InvalidSchema(pointer, f"`{name}` must be given in {' and '.join(LANGUAGES)}")
    if "x-control" in field and field["x-control"] not in CONTROLS:
        raise InvalidSchema(f"{pointer}/x-control", f"must be one of {', '.join(CONTROLS)}")
    if "enum" in field:
        for language in LANGUAGES:
            if set(field.get(f"x-labels_{language}", ())) != {str(value) for value in field["enum"]}:
                raise InvalidSchema(f"{pointer}/x-labels_{language}", "must name every value of `enum`, and no other")


def is_upload(field: Schema) -> bool:
    """Whether the field takes one of the user's uploads, as `{"upload": "<id>"}`."""
    return field.get("x-control") == "upload"


def _check_upload(field: Schema, pointer: str) -> None:
    if set(field["properties"]) != {"upload"} or field.get("required") != ["upload"]:
        raise InvalidSchema(pointer, "an upload is an object with the one required member `upload`")
    types = field.get("x-accept-types")
    if not types or "x-max-bytes" not in field:
        raise InvalidSchema(pointer, "an upload needs `x-accept`, `x-accept-types` and `x-max-bytes`")
    if sorted(field.get("x-accept", ())) != sorted({mime.split("/")[0] for mime in types}):
        raise InvalidSchema(f"{pointer}/x-accept", "must name the kinds of `x-accept-types`")


def is_result(field: Schema) -> bool:
    """Whether the field takes one of the user's earlier results, as `{"asset": "<id>"}`."""
    return field.get("x-control") == "result"


def _check_result(field: Schema, pointer: str) -> None:
    if set(field["properties"]) != {"asset"} or field.get("required") != ["asset"]:
        raise InvalidSchema(pointer, "a result is an object with the one required member `asset`")
    if not field.get("x-from") or "x-within-days" not in field:
        raise InvalidSchema(pointer, "a result needs `x-from`, the models that make it, and `x-within-days`")
    made_with = field.get("x-made-with", {})
    if not isinstance(made_with, dict) or not all(isinstance(values, list) and values for values in made_with.values()):
        raise InvalidSchema(f"{pointer}/x-made-with", "lists the values that settings of the earlier order may have")


def _check_list(field: Schema, pointer: str) -> None:
    members = field["items"].get("properties", {})
    if "x-max-characters" in field and "text" not in members:
        raise InvalidSchema(f"{pointer}/x-max-characters", "counts the member `text` of the items")
    if "x-adds-up" in field and set(field["x-adds-up"]) != {"member", "to"}:
        raise InvalidSchema(f"{pointer}/x-adds-up", "names a `member` of the items and the field that it adds up `to`")


def _check_choices(choices: Any, pointer: str) -> None:
    if not isinstance(choices, dict) or set(choices) != {"provider", "setting"}:
        raise InvalidSchema(f"{pointer}/x-choices", "names a `provider` and its `setting`")


def _check_condition(condition: Any, pointer: str, properties: Schema) -> None:
    """A condition looks at the presence and values of fields, and then hides, narrows or requires others."""
    if not isinstance(condition, dict) or "if" not in condition or not set(condition) & {"then", "else"}:
        raise InvalidSchema(pointer, "must have `if` and `then` or `else`")
    _refuse_unknown(condition, {"if", "then", "else"}, pointer)
    question = condition["if"]
    _refuse_unknown(question, {"properties", "required"}, f"{pointer}/if")
    asked = question.get("properties", {})
    if not question.get("required") or set(asked) - set(question["required"]):
        raise InvalidSchema(f"{pointer}/if", "must require every field that it looks at")
    for name, test in asked.items():
        if not isinstance(test, dict) or len(test) != 1 or set(test) - _CONDITION_KEYWORDS:
            raise InvalidSchema(f"{pointer}/if/properties/{name}", "must be one `const` or `enum`")
    if unknown := sorted({*question["required"], *asked} - set(properties)):
        raise InvalidSchema(pointer, f"unknown field {unknown[0]}")
    for branch in ("then", "else"):
        check_branch(condition.get(branch, {}), f"{pointer}/{branch}", properties)


def check_branch(branch: Any, pointer: str, properties: Schema) -> None:
    """What a condition's `then` may say, and a route's limits: fields that are required, forbidden or narrowed."""
    if not isinstance(branch, dict):
        raise InvalidSchema(pointer, "must be an object")
    _refuse_unknown(branch, {"properties", "required"}, pointer)
    changes = branch.get("properties", {})
    for name, change in changes.items():
        if change is not False and (not isinstance(change, dict) or set(change) - _NARROWING):
            raise InvalidSchema(f"{pointer}/properties/{name}", "must be false, or narrow the field")
    if unknown := sorted({*changes, *branch.get("required", ())} - set(properties)):
        raise InvalidSchema(pointer, f"unknown field {unknown[0]}")


def for_mode(schema: Schema, *, local: bool) -> dict[str, Any]:
    """The schema that counts here, its fields in order: those marked `x-local-only` exist in local mode alone."""
    in_order = sorted(schema["properties"].items(), key=lambda item: item[1].get("x-order", MAX_PROPERTIES))
    properties = {name: field for name, field in in_order if local or not field.get("x-local-only")}
    return {**schema, "properties": properties}


def with_references(schema: Schema, given: Mapping[str, Any], names: Iterable[str] = ()) -> dict[str, Any]:
    """The input with something in every required field that only its user can fill, to check the rest of it.

    That is an upload, an earlier result, or a choice that a provider lists; `names` are fields to fill as well.
    """
    properties = schema["properties"]
    full = dict(given)
    _refer(full, properties, {*names, *schema.get("required", ())})
    _refer(full, properties, needed(schema, full))
    return full


def _refer(full: dict[str, Any], properties: Schema, names: set[str]) -> None:
    for name in names - set(full):
        field = properties[name]
        if is_upload(field):
            full[name] = {"upload": ANY_ID}
        elif is_result(field):
            full[name] = {"asset": ANY_ID}
        elif is_upload(field.get("items", {})):
            full[name] = [{"upload": ANY_ID}]
        elif "x-choices" in field:
            full[name] = ANY_ID


def without_requirements(schema: Schema) -> dict[str, Any]:
    """The same schema for inputs that are not complete: nothing is required, everything else holds."""
    conditions = [
        {
            branch: {name: value for name, value in content.items() if branch == "if" or name != "required"}
            for branch, content in condition.items()
        }
        for condition in schema.get("allOf", ())
    ]
    shown = {name: value for name, value in schema.items() if name not in {"required", "allOf"}}
    return {**shown, "allOf": conditions} if conditions else shown


def localized(schema: Any, language: str) -> Any:
    """The schema with its texts in one language: `title_ru` becomes `title`, `x-labels_ru` becomes `x-labels`."""
    if isinstance(schema, list):
        return [localized(one, language) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shown: dict[str, Any] = {}
    for name, value in schema.items():
        stem, _, suffix = name.rpartition("_")
        if suffix not in LANGUAGES or name not in _NOTES:
            shown[name] = localized(value, language)
        elif suffix == language:
            shown[stem] = value
    return shown


def with_defaults(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """The input with the defaults of the fields that were not given, where no condition forbids them."""
    full = dict(given)
    for name, field in schema["properties"].items():
        if name not in full and "default" in field:
            full[name] = field["default"]
    for condition in schema.get("allOf", ()):
        for name, change in effect(condition, full).get("properties", {}).items():
            if change is False and name not in given:
                full.pop(name, None)
    return full


def effect(condition: Schema, given: Mapping[str, Any]) -> Schema:
    """What a condition asks of this input: its `then` or its `else`."""
    question = condition["if"]
    holds = all(name in given for name in question["required"]) and all(
        _passes(test, given[name]) for name, test in question.get("properties", {}).items()
    )
    branch: Schema = condition.get("then" if holds else "else", {})
    return branch


def _passes(test: Schema, value: Any) -> bool:
    allowed: Sequence[Any] = [test["const"]] if "const" in test else test["enum"]
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed)


def takes(branch: Schema, given: Mapping[str, Any]) -> bool:
    """Whether the input is within a branch: nothing forbidden is given, nothing required is missing, all is narrow."""
    return all(name in given for name in branch.get("required", ())) and all(
        change is not False and _fits(change, given[name])
        for name, change in branch.get("properties", {}).items()
        if name in given
    )


def _fits(change: Schema, value: Any) -> bool:
    match value:
        case str():
            size, low, high = len(value), change.get("minLength"), change.get("maxLength")
        case list():
            size, low, high = len(value), change.get("minItems"), change.get("maxItems")
        case _:
            size, low, high = value, change.get("minimum"), change.get("maximum")
    return (
        ("enum" not in change or _passes(change, value))
        and (low is None or size >= low)
        and (high is None or size <= high)
    )


def needed(schema: Schema, given: Mapping[str, Any]) -> set[str]:
    """The fields that conditions require of this input, besides those that are always required."""
    effects = (effect(condition, given) for condition in schema.get("allOf", ()))
    return {name for one in effects for name in one.get("required", ())}


def satisfies_conditions(schema: Schema, given: Mapping[str, Any]) -> bool:
    """Whether no condition objects. Much faster than a validator, for values that their own fields allow."""
    return all(
        takes({"properties": effect(condition, given).get("properties", {})}, given)
        for condition in schema.get("allOf", ())
    )


def shown_value(field: Schema, value: Any, language: str) -> str:
    """How a form shows this value of the field."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return str(field.get(f"x-labels_{language}", {}).get(text, text))
