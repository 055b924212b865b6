"""Catalogue files: one TOML file per model, read into types and checked as a whole. Needs no database.

What a file may say is described in `docs/catalogue.md`.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from generations.catalogue import input_schemas, price_coverage, result_types
from generations.catalogue.price_rules import Amount, Facts, FieldName, PriceRow, PriceRule, Text, Unpriced, walk
from generations.catalogue.tasks import Task

FOLDER = Path(__file__).parent / "entries"
SHARED = "_shared.toml"
MAX_FILE_BYTES = 256 * 1024
LARGEST_RESULT_MB = 2048


class InvalidFile(Exception):
    """A file cannot be used: its name, a JSON pointer into it, and why."""

    def __init__(self, name: str, pointer: str, reason: str) -> None:
        super().__init__(f"{name}: {pointer or '/'}: {reason}")
        self.name = name
        self.pointer = pointer
        self.reason = reason


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ResultsPart(_Part):
    """What comes back: `count` files, or as many as the field `count_field` says, each of one of the `types`."""

    kind: Literal["image", "video", "audio", "text"]
    types: Annotated[tuple[str, ...], Field(max_length=8)] = ()
    limit_mb: Annotated[int, Field(ge=1, le=LARGEST_RESULT_MB)]
    count: Annotated[int, Field(ge=1, le=20)] = 1
    count_field: FieldName | Literal[""] = ""

    @property
    def promised(self) -> tuple[str, ...]:
        """The media types that a result may have: those that are named, or the usual ones of the kind."""
        return self.types or result_types.USUAL[self.kind]

    def stored(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "types": list(self.promised),
            "count": self.count,
            "count_field": self.count_field,
            "limit_bytes": self.limit_mb * 1024 * 1024,
        }


class RoutePart(_Part):
    """One provider's offer. `cost` speaks the language of prices, in `currency`.

    `input_limits` is what of the form it serves, said like the `then` of a condition.
    """

    provider: Annotated[str, Field(pattern=r"^[a-z0-9]{2,20}$")]
    provider_model: Annotated[str, Field(min_length=1, max_length=100)]
    priority: Annotated[int, Field(ge=1, le=1000)] = 10
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3,8}$")] = "USD"
    cost: Amount | None = None
    input_limits: Mapping[str, Any] = Field(default_factory=dict)

    def stored_cost(self) -> dict[str, Any]:
        return self.cost.model_dump(mode="json") if self.cost is not None else {}


class ExamplePart(_Part):
    """An input that shows what the model can do; texts of it that differ by language stand in `texts`.

    Uploads are left out: the reader brings them.
    """

    title: Text
    input: Mapping[str, Any]
    texts: Mapping[FieldName, Text] = Field(default_factory=dict)


class ModelFile(_Part):
    """A model, as its file describes it."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    modality: Literal["image", "video", "music", "speech", "avatar", "text"]
    tasks: Annotated[tuple[Task, ...], Field(min_length=1, max_length=6)]
    position: Annotated[int, Field(ge=1, le=10_000)] = 100
    local_only: bool = False
    name: Text
    description: Text
    source: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    checked_on: date
    typical_seconds: Annotated[int, Field(ge=1, le=3600)]
    deadline_seconds: Annotated[int, Field(ge=30, le=7200)]
    results: ResultsPart
    input: dict[str, Any]
    price: PriceRule
    routes: Annotated[tuple[RoutePart, ...], Field(min_length=1)]
    examples: Annotated[tuple[ExamplePart, ...], Field(min_length=1, max_length=12)]

    @field_validator("input")
    @classmethod
    def _schema_is_ours(cls, schema: dict[str, Any]) -> dict[str, Any]:
        input_schemas.check(schema)
        return schema

    @model_validator(mode="after")
    def _deadline_leaves_time(self) -> Self:
        if self.deadline_seconds < 2 * self.typical_seconds:
            raise ValueError("deadline_seconds must be at least twice typical_seconds")
        names = [(route.provider, route.provider_model) for route in self.routes]
        if len(set(names)) != len(names):
            raise ValueError("two routes are the same")
        return self

    def terms(self) -> dict[str, Any]:
        """What a version fixes: whoever orders under it gets exactly this."""
        return {
            "input_schema": self.input,
            "price_rule": self.price.without_promises().model_dump(mode="json"),
            "results": self.results.stored(),
            "examples": [one.model_dump(mode="json") for one in self.examples],
            "typical_seconds": self.typical_seconds,
            "deadline_seconds": self.deadline_seconds,
        }

    def digest(self) -> str:
        """Differs when anything in the file does, comments and layout aside."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def example_input(example: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The input of a stored example, with its texts in that language."""
    texts = {name: text[language] for name, text in example["texts"].items()}
    return {**example["input"], **texts}


def read_all(folder: Path = FOLDER, pattern: str = "[!_]*.toml") -> list[ModelFile]:
    """The files of the folder, checked, by position. Raises InvalidFile for the first that cannot be used."""
    shared = read_shared(folder)
    found: dict[str, ModelFile] = {}
    for path in sorted(folder.glob(pattern)):
        one = checked(path.name, _parsed(path), shared)
        if one.slug != path.stem:
            raise InvalidFile(path.name, "/slug", f"must be {path.stem}, as the file is called")
        found[one.slug] = one
    return sorted(found.values(), key=lambda one: (one.position, one.slug))


def _parsed(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    if len(content) > MAX_FILE_BYTES:
        raise InvalidFile(path.name, "", f"larger than {MAX_FILE_BYTES} bytes")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise InvalidFile(path.name, "", f"is not TOML: {error}") from error


def read_shared(folder: Path = FOLDER) -> Mapping[str, Any]:
    """What the files of the folder have in common: `fields` by name, and `tokens_per_usd`."""
    path = folder / SHARED
    return _parsed(path) if path.exists() else {}


def checked(name: str, parsed: Mapping[str, Any], shared: Mapping[str, Any] | None = None) -> ModelFile:
    """The model that the parsed file describes, with the shared fields that it names. Raises InvalidFile."""
    try:
        one = ModelFile.model_validate(_completed(name, parsed, shared or {}))
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "".join(f"/{input_schemas.escaped(part)}" for part in first["loc"])
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, input_schemas.InvalidSchema):
            raise InvalidFile(name, pointer + cause.pointer, cause.reason) from error
        raise InvalidFile(name, pointer, first["msg"]) from error
    for pointer, reason in _contradictions(one):
        raise InvalidFile(name, pointer, reason)
    return one


def _completed(name: str, parsed: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """The file with everything written out that it says in short: fields, their order, price and costs."""
    file = {key: value for key, value in parsed.items() if key not in {"shared_fields", "cost"}}
    if isinstance(file.get("input"), dict) and isinstance(file["input"].get("properties"), dict):
        named = {field: {"shared": field} for field in parsed.get("shared_fields", ())}
        properties = _written_out(name, {**file["input"]["properties"], **named}, shared.get("fields", {}))
        form = {"type": "object", "additionalProperties": False}
        file["input"] = {**form, **file["input"], "properties": properties}
    if "cost" in parsed:
        file = _priced_by_cost(file, parsed["cost"], shared.get("tokens_per_usd"))
    return file


def _written_out(name: str, fields: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in full, with their order: the database does not keep that of an object, so `x-order` does."""
    properties = {}
    for place, (field, content) in enumerate(fields.items(), start=1):
        if isinstance(content, dict) and "shared" in content:
            if content["shared"] not in shared:
                raise InvalidFile(name, "/shared_fields", f"there is no shared field {content['shared']}")
            content = _overridden(shared[content["shared"]], content)
        properties[field] = {"x-order": place, **_with_rows_in_order(content)} if isinstance(content, dict) else content
    return properties


def _with_rows_in_order(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The field; where it is a list of rows, with the order of what stands in a row."""
    items = field.get("items")
    if not isinstance(items, dict) or not isinstance(items.get("properties"), dict) or "upload" in items["properties"]:
        return field
    members = items["properties"]
    ordered = {name: {"x-order": place, **member} for place, (name, member) in enumerate(members.items(), start=1)}
    return {**field, "items": {**items, "properties": ordered}}


def _overridden(field: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A shared field with what the model says otherwise. Only the labels of its own values are kept."""
    full = {**field, **{key: value for key, value in changes.items() if key != "shared"}}
    if full.get("type") == "array" and "item" in changes:
        full["items"] = {**field["items"], **full.pop("item")}
    for language in input_schemas.LANGUAGES if "enum" in changes else ():
        labels = {**field.get(f"x-labels_{language}", {}), **changes.get(f"x-labels_{language}", {})}
        full[f"x-labels_{language}"] = {str(value): labels.get(str(value), str(value)) for value in full["enum"]}
    return full


def _priced_by_cost(file: dict[str, Any], cost: Any, tokens_per_usd: Any) -> dict[str, Any]:
    """A price that is the cost at the first route's provider, in USD, times what a dollar of cost sells for."""
    price = {key: value for key, value in file.get("price", {}).items() if key not in {"label", "tokens_per_usd"}}
    rate = file.get("price", {}).get("tokens_per_usd", tokens_per_usd)
    factors = [cost, {"kind": "fixed", "amount": rate}]
    product = {"kind": "product", "factors": factors}
    price["amount"] = {"kind": "labelled", "label": file.get("price", {}).get("label"), "amount": product}
    routes = file.get("routes") or [{}]
    first = routes[0].get("provider")
    completed = [{"cost": cost, **route} if route.get("provider") == first else route for route in routes]
    return {**file, "price": price, "routes": completed}


def _contradictions(one: ModelFile) -> Iterator[tuple[str, str]]:
    """Where parts of the file do not fit together: prices, costs, examples, the number of results."""
    schema = one.input
    if one.results.count_field and schema["properties"].get(one.results.count_field, {}).get("type") != "integer":
        yield "/results/count_field", "must name a whole number of the input"
    if strange := set(one.results.promised) - set(result_types.of_kind(one.results.kind)):
        yield "/results/types", f"{min(strange)} is no type of that kind that we can check"
    if missing := result_types.unpromised(schema, one.results.promised):
        yield "/results/types", f"the form offers {missing[0]}, which is not promised"
    try:
        price_coverage.check(schema, one.price)
    except price_coverage.NotCovered as error:
        yield "/price", str(error)
    yield from _wrong_routes(one)
    for place, row in enumerate(one.price.rows):
        yield from _wrong_row(one, row, f"/price/rows/{place}")
    for place, example in enumerate(one.examples):
        for language in input_schemas.LANGUAGES:
            given = input_schemas.with_references(schema, example_input(example.model_dump(mode="json"), language))
            yield from _wrong_input(schema, given, f"/examples/{place}/input")


def _wrong_routes(one: ModelFile) -> Iterator[tuple[str, str]]:
    properties = one.input["properties"]
    # What the price is made of was priced for every input already.
    proven = list(walk(one.price.amount))
    for place, route in enumerate(one.routes):
        try:
            input_schemas.check_branch(dict(route.input_limits), f"/routes/{place}/input_limits", properties)
            if route.cost not in proven:
                price_coverage.check_cost(one.input, route.cost, route.input_limits)
        except input_schemas.InvalidSchema as error:
            yield error.pointer, error.reason
            return
        except price_coverage.NotCovered as error:
            yield f"/routes/{place}/cost", str(error)
    try:
        price_coverage.check_routes(one.input, [route.input_limits for route in one.routes])
    except price_coverage.NotCovered as error:
        yield "/routes", str(error)


def listed_facts(schema: Mapping[str, Any], row: PriceRow) -> Facts:
    """What a line of the price list is computed from: its input with defaults, and files of the measures it names."""
    given = input_schemas.with_references({**schema, "required": ()}, row.input, row.files)
    return Facts(input_schemas.with_defaults(schema, given), row.files)


def _wrong_row(one: ModelFile, row: PriceRow, pointer: str) -> Iterator[tuple[str, str]]:
    if row.tokens is None:
        yield f"{pointer}/tokens", "must say what this input costs"
    facts = listed_facts(one.input, row)
    yield from _wrong_input(input_schemas.without_requirements(one.input), facts.input, f"{pointer}/input")
    try:
        found = one.price.tokens(facts)
    except Unpriced as error:
        yield pointer, str(error)
    else:
        if found != row.tokens:
            yield f"{pointer}/tokens", f"the rule gives {found}"


def _wrong_input(schema: Mapping[str, Any], given: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, str]]:
    full = json.loads(json.dumps(input_schemas.with_defaults(schema, given)))
    for error in input_schemas.InputValidator(schema).iter_errors(full):
        yield pointer + "".join(f"/{input_schemas.escaped(part)}" for part in error.absolute_path), error.message
