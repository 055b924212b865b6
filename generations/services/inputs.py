"""The one way in for what users give a model: checked against its schema, completed, in one normal form.

What is unknown, or not supported by the model, is refused with what would be accepted; nothing is dropped silently.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from generations.catalogue import input_schemas
from generations.catalogue.input_schemas import Schema, escaped, is_result, is_upload
from generations.catalogue.offers import Offer
from generations.catalogue.price_rules import Facts, FileFacts
from generations.models import Upload
from generations.services import catalogue, input_references, input_refusals, input_uploads
from neuralbox.core.errors import FieldError, InvalidInput

MAX_CHARACTERS = 200_000
MAX_VALUES = 2_000
MAX_DEPTH = 8
ROOT = "/input"
WORDS = ("prompt", "script", "lyrics", "style")


@dataclass(frozen=True, slots=True)
class AcceptedInput:
    """An input that the offer allows, complete with defaults. `prompt` is what history shows and searches.

    `facts` is what prices are computed from.
    """

    input: Mapping[str, Any]
    prompt: str
    uploads: tuple[Upload, ...]
    facts: Facts


def accept(offer: Offer, raw: Any, *, user_id: UUID) -> AcceptedInput:
    """Check and complete an input. One query when it names uploads or an earlier result, none otherwise.

    Raises InvalidInput with one error per wrong field, its JSON pointer below `/input`, and the allowed values;
    ChoicesUnavailable when it names one of a list that its provider does not give.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput(errors=[FieldError(ROOT, _("Give an object with the fields of the model."), "wrong_type")])
    _refuse_oversize(raw)
    form = catalogue.here(offer).schema
    full = input_schemas.with_defaults(form, _normalised(form, raw))
    if errors := input_refusals.errors_here(offer, full):
        raise InvalidInput(errors=errors)
    full = _whole_numbers(form, full)
    input_references.check_providers(offer, full)
    input_references.check(offer, full, user_id=user_id)
    wanted = list(_uploads_in(offer.schema, full))
    found = input_uploads.find(wanted, user_id=user_id)
    for one in wanted:
        one.value["upload"] = str(found[one.pointer].pk)
    files = _facts_of_files(wanted, found)
    _refuse_too_long_together(offer.schema, files)
    return AcceptedInput(
        input=full, prompt=_words_of(full), uploads=tuple(dict.fromkeys(found.values())), facts=Facts(full, files)
    )


def accept_settings(offer: Offer, raw: Any) -> dict[str, Any]:
    """Check some fields of an input, each for itself, to be kept for later orders; in one normal form.

    Raises InvalidInput as `accept` does, also for files and results: those come anew with each order.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput(errors=[FieldError(ROOT, _("Give an object with the fields of the model."), "wrong_type")])
    _refuse_oversize(raw)
    given = _normalised(offer.schema, raw)
    errors = [
        FieldError(f"{ROOT}/{escaped(name)}", _("Files are not kept: they come anew with each order."), "not_kept")
        for name in given
        if _is_of_files(offer.schema["properties"].get(name, {}))
    ]
    mine = {f"{ROOT}/{escaped(name)}" for name in given}
    # A missing field is no error here; an unknown one always is, even under a name too long to be repeated.
    errors += [
        one
        for one in input_refusals.errors_here(offer, input_schemas.with_defaults(offer.schema, given))
        if one.code == "unknown_field" or "/".join(one.pointer.split("/")[:3]) in mine
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return _whole_numbers(offer.schema, given)


def _is_of_files(field: Schema) -> bool:
    return is_upload(field) or is_result(field) or is_upload(field.get("items", {}))


def _words_of(full: Mapping[str, Any]) -> str:
    """What the person wrote, for the history."""
    if "dialogue" in full:
        return "\n".join(line["text"] for line in full["dialogue"])
    return next((str(full[name]) for name in WORDS if name in full), "")


def _refuse_too_long_together(schema: Schema, files: Mapping[str, FileFacts]) -> None:
    """Several files of one field may have a length that they share."""
    for name, facts in files.items():
        field = schema["properties"][name]
        limit = field.get("x-max-seconds")
        if field["type"] == "array" and limit and (facts.seconds or 0) > limit:
            detail = _("Together they may last at most %(limit)s s.") % {"limit": limit}
            error = FieldError(f"{ROOT}/{name}", detail, "too_long_together", limits={"max_seconds": limit})
            raise InvalidInput(errors=[error])


def _refuse_oversize(raw: Mapping[str, Any]) -> None:
    """Bound the work before anything looks at the content: characters, values and depth in all."""
    characters = values = 0
    waiting: list[tuple[Any, int]] = [(raw, 1)]
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if isinstance(value, str):
            characters += len(value)
            if "\x00" in value:
                raise InvalidInput(errors=[FieldError(ROOT, _("Null characters cannot be stored."), "null_character")])
        elif isinstance(value, Mapping):
            characters += sum(len(str(name)) for name in value)
            waiting += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]
        if characters > MAX_CHARACTERS or values > MAX_VALUES or depth > MAX_DEPTH:
            limits = {"max_characters": MAX_CHARACTERS, "max_values": MAX_VALUES, "max_depth": MAX_DEPTH}
            raise InvalidInput(errors=[FieldError(ROOT, _("The input is too large."), "too_large", limits=limits)])


def _normalised(schema: Schema, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Free texts composed (NFC), with plain line ends and without spaces around them."""
    properties = schema["properties"]
    return {name: _normal_value(properties.get(name, {}), value) for name, value in raw.items()}


def _normal_value(field: Schema, value: Any) -> Any:
    if isinstance(value, str) and field.get("type") == "string" and "enum" not in field:
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if isinstance(value, list) and field.get("type") == "array":
        return [_normal_value(field["items"], inner) for inner in value]
    if isinstance(value, dict):
        return dict(value)
    return value


def _whole_numbers(schema: Schema, full: Mapping[str, Any]) -> dict[str, Any]:
    """`4.0` is a whole number in JSON Schema: it is accepted, and kept as `4`. So is a `2.0` where fractions may be."""
    return {
        name: int(value)
        if isinstance(value, float) and value.is_integer() and schema["properties"][name]["type"] == "integer"
        else value
        for name, value in full.items()
    }


def _uploads_in(schema: Schema, full: Mapping[str, Any]) -> Iterator[input_uploads.Wanted]:
    """The uploads that the input names, with the fields that say what is taken there."""
    for name, value in full.items():
        field = schema["properties"][name]
        if is_upload(field):
            yield input_uploads.Wanted(f"{ROOT}/{name}", name, field, value)
        elif field["type"] == "array" and is_upload(field["items"]):
            for place, one in enumerate(value):
                yield input_uploads.Wanted(f"{ROOT}/{name}/{place}", name, field["items"], one)


def _facts_of_files(wanted: list[input_uploads.Wanted], found: Mapping[str, Upload]) -> dict[str, FileFacts]:
    """The measures by field. Where a field takes several files, the price sees their lengths added up."""
    facts: dict[str, FileFacts] = {}
    for one in wanted:
        upload = found[one.pointer]
        before = facts.get(one.name, FileFacts())
        lengths = [seconds for seconds in (before.seconds, upload.seconds) if seconds is not None]
        facts[one.name] = FileFacts(sum(lengths) if lengths else None, upload.width, upload.height)
    return facts
