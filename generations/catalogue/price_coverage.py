"""Proof that a price rule prices whatever its form allows: every combination of choices and number boundaries."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from generations.catalogue import input_schemas
from generations.catalogue.input_schemas import Schema
from generations.catalogue.price_rules import Facts, FileFacts, PriceRule, Unpriced, fields_of

MAX_COMBINATIONS = 20_000
NO_LIMITS: Schema = {}
_ABSENT = object()


class NotCovered(ValueError):
    """The form allows an input that the rule does not price."""


def check(schema: Schema, rule: PriceRule) -> int:
    """Price all combinations of the fields that the rule looks at. Returns how many. Raises NotCovered."""
    priced = 0
    for facts in combinations(schema, rule.fields()):
        try:
            rule.tokens(facts)
        except Unpriced as error:
            raise NotCovered(f"{dict(facts.input)!r} has no price: {error}") from error
        priced += 1
    return priced


def check_cost(schema: Schema, cost: Any, limits: Schema) -> None:
    """The same for what a provider charges for inputs within `limits`; None is a cost not known. Raises NotCovered."""
    if cost is None:
        return
    for facts in combinations(schema, fields_of(cost), limits):
        try:
            cost.evaluate(facts)
        except Unpriced as error:
            raise NotCovered(f"{dict(facts.input)!r} has no cost: {error}") from error


def check_routes(schema: Schema, limits: Sequence[Schema]) -> None:
    """Every input that the form allows must be within the limits of some route. Raises NotCovered."""
    if not all(limits):
        return
    named = {name for one in limits for name in (*one.get("properties", {}), *one.get("required", ()))}
    for facts in combinations(schema, named):
        if not any(input_schemas.takes(one, facts.input) for one in limits):
            raise NotCovered(f"no route takes {dict(facts.input)!r}")


def combinations(schema: Schema, names: set[str], limits: Schema = NO_LIMITS) -> Iterator[Facts]:
    """Every allowed combination of the values of `names` and of the fields that conditions look at, within `limits`.

    Enumerations count in full; of numbers, texts and files the smallest, the largest and what is next to them.
    """
    properties = schema["properties"]
    if unknown := sorted(names - set(properties)):
        raise NotCovered(f"the rule looks at {unknown[0]}, which the form does not have")
    chosen = sorted(names | _conditional_fields(schema))
    choices = [_choices(schema, name, limits, is_measured=name in names) for name in chosen]
    if prod(map(len, choices)) > MAX_COMBINATIONS:
        raise NotCovered(f"more than {MAX_COMBINATIONS} combinations")
    required = _required(schema)
    for row in product(*choices):
        given = {name: value for name, (value, _file) in zip(chosen, row, strict=True) if value is not _ABSENT}
        files = {name: file for name, (_value, file) in zip(chosen, row, strict=True) if file is not None}
        full = input_schemas.with_defaults(schema, {**required, **given})
        missing = input_schemas.needed(schema, full).intersection(chosen).difference(full)
        if input_schemas.satisfies_conditions(schema, full) and not missing:
            yield Facts(full, files)


def _choices(schema: Schema, name: str, limits: Schema, *, is_measured: bool) -> list[tuple[Any, FileFacts | None]]:
    """The values of one field within the limits. Of a file that is not measured only the presence matters."""
    field = schema["properties"][name]
    is_required = name in {*schema.get("required", ()), *limits.get("required", ())}
    found = values(field, optional=not is_required)
    if not is_measured and (input_schemas.is_upload(field) or input_schemas.is_upload(field.get("items", {}))):
        found = [*found[:1], *(one for one in found[1:] if one[0] is _ABSENT)]
    of_field = {"properties": {name: limits.get("properties", {}).get(name, {})}}
    return [(value, file) for value, file in found if value is _ABSENT or input_schemas.takes(of_field, {name: value})]


def _conditional_fields(schema: Schema) -> set[str]:
    return {name for condition in schema.get("allOf", ()) for name in condition["if"]["required"]}


def _required(schema: Schema) -> Mapping[str, Any]:
    """Something allowed in every required field, so that conditions on them can be asked."""
    return {
        name: value
        for name in schema.get("required", ())
        for value, _file in values(schema["properties"][name], optional=False)[:1]
    }


def values(field: Schema, *, optional: bool = False) -> list[tuple[Any, FileFacts | None]]:
    """All values of a choice, the ends and their neighbours of anything else, each with the measures of its file."""
    found: list[tuple[Any, FileFacts | None]]
    if input_schemas.is_upload(field):
        found = [({"upload": input_schemas.ANY_ID}, facts) for facts in _files(field)]
    elif input_schemas.is_result(field):
        found = [({"asset": input_schemas.ANY_ID}, None)]
    elif field["type"] == "array":
        found = _lists(field)
    elif "enum" in field:
        found = [(value, None) for value in field["enum"]]
    else:
        found = [(value, None) for value in _boundaries(field)]
    if optional and "default" not in field:
        found.append((_ABSENT, None))
    return found


def _boundaries(field: Schema) -> list[Any]:
    match field["type"]:
        case "boolean":
            return [False, True]
        case "string":
            low, high = field.get("minLength", 0), field["maxLength"]
            return ["x" * length for length in sorted({low, min(low + 1, high), high})]
        case "integer":
            low, high, step = field["minimum"], field["maximum"], field.get("multipleOf", 1)
            return sorted({low, min(low + step, high), max(high - step, low), high})
        case "number":
            return [field["minimum"], field["maximum"]]
    members = {name: _boundaries(member) for name, member in field["properties"].items() if "enum" not in member}
    return [{name: values[end] for name, values in members.items()} for end in (0, -1)]


def _lists(field: Schema) -> list[tuple[Any, FileFacts | None]]:
    """The shortest and the longest list, of each kind of file where it is one of files."""
    lengths = sorted({field.get("minItems", 0), field["maxItems"]})
    items = values(field["items"], optional=False)
    return [([item] * length, file if length else None) for item, file in items for length in lengths]


def _files(field: Schema) -> list[FileFacts]:
    """Files at the limits of what the field takes. Pictures have no length, sounds no sides."""
    kinds = set(field["x-accept"])
    sides = (field.get("x-min-side", 1), field.get("x-max-side", 12_000)) if kinds & {"image", "video"} else (None,)
    lengths = (
        (field.get("x-min-seconds", 0.04), field.get("x-max-seconds", 3600)) if kinds & {"audio", "video"} else (None,)
    )
    return [FileFacts(seconds, side, side) for side in sides for seconds in lengths]
