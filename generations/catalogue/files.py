"""Catalogue files: one TOML file per model, read and checked."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import ValidationError

from generations.catalogue.terms import Example, PriceExample, PriceRule, Results, RouteFile, Strict, Text

FOLDER = Path(__file__).parent / "models"
# A pattern can take for ever to match, and a reference can lead outside: neither is allowed in a form.
FORBIDDEN_KEYWORDS = frozenset({"pattern", "patternProperties", "$ref", "$dynamicRef", "format"})
DEEPEST = 8


class InvalidCatalogueFile(Exception):
    """Names the file, the place in it and the reason."""


class ModelFile(Strict):
    """One model as its file describes it. `input` is a JSON Schema whose texts are given in both languages."""

    slug: str
    modality: Literal["image", "video", "music", "speech", "avatar", "text"]
    name: Text
    description: Text
    position: int = 100
    local_only: bool = False
    typical_seconds: int
    deadline_seconds: int
    source: str = ""
    checked_on: date
    results: Results
    input: Mapping[str, Any]
    price: PriceRule
    price_examples: tuple[PriceExample, ...]
    examples: tuple[Example, ...]
    routes: tuple[RouteFile, ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    path: Path
    digest: str
    model: ModelFile


def read_all(folder: Path = FOLDER) -> Iterator[ReadFile]:
    """Every model file in the folder, in the order of their names. Raises InvalidCatalogueFile."""
    for path in sorted(folder.glob("*.toml")):
        yield read(path)


def read(path: Path) -> ReadFile:
    """Read and check one file. Raises InvalidCatalogueFile."""
    raw = path.read_bytes()
    try:
        model = ModelFile.model_validate(tomllib.loads(raw.decode()))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise InvalidCatalogueFile(f"{path.name}: {error}") from error
    if model.slug != path.stem:
        raise InvalidCatalogueFile(f"{path.name}: slug: must be the file's name")
    try:
        check_schema(model.input)
    except ValueError as error:
        raise InvalidCatalogueFile(f"{path.name}: input: {error}") from error
    return ReadFile(path, hashlib.sha256(raw).hexdigest(), model)


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises ValueError for a schema that a form may not have."""
    if len(json.dumps(schema, ensure_ascii=False)) > 100_000:
        raise ValueError("the schema is too large")
    _look_through(schema, depth=0)
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        raise ValueError(f"{error.json_path}: {error.message}") from error
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        raise ValueError("the input must be an object without additional properties")


def _look_through(node: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("the schema is nested too deeply")
    if isinstance(node, Mapping):
        if forbidden := FORBIDDEN_KEYWORDS & node.keys():
            raise ValueError(f"{sorted(forbidden)[0]} is not allowed")
        for inner in node.values():
            _look_through(inner, depth + 1)
    elif isinstance(node, list):
        for inner in node:
            _look_through(inner, depth + 1)
