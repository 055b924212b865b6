"""Taking an input: what the form allows is completed with defaults, anything else is refused and never dropped."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jsonschema.exceptions import ValidationError

from generations.models import Upload
from generations.services.catalogue import Offer
from neuralbox.core.errors import FieldError, InvalidInput

LONGEST_TEXT = 100_000
# Where the words are that a person wrote, in the order of their weight for the history's search.
PROMPT_FIELDS = ("prompt", "script", "text", "lyrics")


@dataclass(frozen=True, slots=True)
class AcceptedInput:
    """An input that fits the form, with its defaults and the uploads that it names."""

    input: dict[str, Any]
    prompt: str
    uploads: tuple[Upload, ...] = ()


def accept(offer: Offer, raw: Any, *, user_id: UUID) -> AcceptedInput:
    """Check `raw` against the offer's form. Raises InvalidInput with a pointer under /input for every fault.

    One query when uploads are named, none otherwise.
    """
    if not isinstance(raw, dict):
        raise InvalidInput(errors=[FieldError("/input", _("Send an object with the model's settings."), "type")])
    given = _normalised(raw)
    if faults := sorted(offer.validator.iter_errors(given), key=lambda fault: list(map(str, fault.absolute_path))):
        raise InvalidInput(errors=[error for fault in faults for error in _field_errors(fault, offer.schema)])
    properties = offer.schema["properties"]
    complete = _with_defaults(_whole_numbers(given, properties), properties)
    _refuse_what_does_not_apply(complete, given, properties)
    _refuse_blank(complete, properties, offer.schema.get("required", []))
    uploads = _uploads(complete, properties, user_id)
    prompt = next((complete[name] for name in PROMPT_FIELDS if complete.get(name)), "")
    return AcceptedInput(complete, str(prompt), uploads)


def complete_without_uploads(offer: Offer, raw: Mapping[str, Any]) -> dict[str, Any]:
    """An example's input with its defaults, for showing what it would cost."""
    return _with_defaults(raw, offer.schema["properties"])


def _normalised(value: Any, pointer: str = "/input") -> Any:
    """Text in Unicode's composed form, so that equal texts are equal. Raises InvalidInput for what cannot be stored."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            detail = _("At most %(limit)d characters.") % {"limit": LONGEST_TEXT}
            raise InvalidInput(errors=[FieldError(pointer, detail, "maxLength")])
        if "\x00" in value:
            raise InvalidInput(errors=[FieldError(pointer, _("The text holds a null character."), "null_character")])
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {name: _normalised(inner, f"{pointer}/{name}") for name, inner in value.items()}
    if isinstance(value, list):
        return [_normalised(inner, f"{pointer}/{index}") for index, inner in enumerate(value)]
    return value


def _whole_numbers(given: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows one kind of number: 1.0 is a whole number, and is kept as 1."""
    whole = {name for name, field in properties.items() if field.get("type") == "integer"}
    return {name: int(value) if name in whole else value for name, value in given.items()}


def _with_defaults(given: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    complete = dict(given)
    for name, field in properties.items():
        if name not in complete and "default" in field and _is_used(field, {**_defaults(properties), **given}):
            complete[name] = field["default"]
    return complete


def _defaults(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: field["default"] for name, field in properties.items() if "default" in field}


def _is_used(field: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """A field may depend on others: `x-when` names their values, or `null` for one that must be absent."""
    when: Mapping[str, Any] = field.get("x-when", {})
    return all(
        given.get(name) in (allowed if isinstance(allowed, list) else [allowed]) for name, allowed in when.items()
    )


def _refuse_what_does_not_apply(
    complete: Mapping[str, Any], given: Mapping[str, Any], properties: Mapping[str, Any]
) -> None:
    errors = [
        FieldError(f"/input/{name}", _("Not used with these settings: leave it out."), "not_applicable")
        for name in given
        if not _is_used(properties[name], complete)
    ]
    if errors:
        raise InvalidInput(errors=errors)


def _refuse_blank(complete: Mapping[str, Any], properties: Mapping[str, Any], required: list[str]) -> None:
    errors = [
        FieldError(f"/input/{name}", _("Please write something here."), "blank")
        for name in required
        if properties[name].get("type") == "string" and not str(complete.get(name, "")).strip()
    ]
    if errors:
        raise InvalidInput(errors=errors)


def _uploads(complete: Mapping[str, Any], properties: Mapping[str, Any], user_id: UUID) -> tuple[Upload, ...]:
    named = {name: value["upload"] for name, value in complete.items() if "x-accept" in properties[name] and value}
    if not named:
        return ()
    errors, wanted = [], {}
    for name, text in named.items():
        try:
            wanted[name] = UUID(text)
        except ValueError:
            errors.append(FieldError(f"/input/{name}/upload", _("This is not the id of an upload."), "invalid_id"))
    found = {upload.pk: upload for upload in Upload.objects.filter(user_id=user_id, pk__in=wanted.values())}
    for name, upload_id in wanted.items():
        upload = found.get(upload_id)
        if upload is None:
            detail = _("You have no such upload.")
            errors.append(FieldError(f"/input/{name}/upload", detail, "unknown_upload"))
        elif fault := _unfit(upload, properties[name]):
            errors.append(FieldError(f"/input/{name}/upload", *fault))
        else:
            complete[name]["upload"] = str(upload_id)
    if errors:
        raise InvalidInput(errors=errors)
    return tuple(found.values())


def _unfit(upload: Upload, field: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why an upload cannot be used in a field: a text and a code."""
    accepted = field["x-accept"]
    kinds = [accepted] if isinstance(accepted, str) else list(accepted)
    if upload.kind not in kinds:
        return _("This file is of another kind: %(kind)s.") % {"kind": upload.get_kind_display()}, "wrong_kind"
    limit = field.get("x-max-bytes")
    if limit and upload.bytes > limit:
        return _("At most %(limit)d MB here.") % {"limit": limit // 1_000_000}, "too_large"
    smallest = field.get("x-min-side")
    if smallest and min(upload.width or 0, upload.height or 0) < smallest:
        return _("Both sides must have at least %(limit)d pixels.") % {"limit": smallest}, "too_small"
    longest = field.get("x-max-seconds")
    if longest and (upload.seconds or 0) > longest:
        return _("At most %(limit)d seconds here.") % {"limit": longest}, "too_long"
    return None


def _pointer(path: list[Any]) -> str:
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in path]
    return "/".join(["/input", *steps])


def _field_errors(fault: ValidationError, schema: Mapping[str, Any]) -> list[FieldError]:
    """A fault of the schema check in words, in the caller's language."""
    path = list(fault.absolute_path)
    pointer, limit = _pointer(path), fault.validator_value
    match fault.validator:
        case "required":
            missing = [name for name in limit if name not in fault.instance]
            return [FieldError(f"{pointer}/{name}", _("This field is required."), "required") for name in missing]
        case "additionalProperties":
            known = sorted(fault.schema.get("properties", {}))
            unknown = [name for name in fault.instance if name not in known]
            detail = _("This field is not known here.")
            return [FieldError(_pointer([*path, name]), detail, "unknown_field", allowed=known) for name in unknown]
        case "enum":
            return [FieldError(pointer, _("Choose one of the allowed values."), "enum", allowed=limit)]
        case "const":
            return [FieldError(pointer, _("Choose one of the allowed values."), "enum", allowed=[limit])]
        case "type":
            return [FieldError(pointer, _("Expected: %(type)s.") % {"type": _type_name(limit)}, "type")]
        case "minimum" | "exclusiveMinimum":
            return [
                FieldError(pointer, _("At least %(limit)s.") % {"limit": limit}, "minimum", limits={"minimum": limit})
            ]
        case "maximum" | "exclusiveMaximum":
            return [
                FieldError(pointer, _("At most %(limit)s.") % {"limit": limit}, "maximum", limits={"maximum": limit})
            ]
        case "multipleOf":
            detail = _("Must be a multiple of %(step)s.") % {"step": limit}
            return [FieldError(pointer, detail, "multipleOf", limits={"multipleOf": limit})]
        case "minLength":
            detail = ngettext("At least %(limit)d character.", "At least %(limit)d characters.", limit)
            return [FieldError(pointer, detail % {"limit": limit}, "minLength", limits={"minLength": limit})]
        case "maxLength":
            detail = ngettext("At most %(limit)d character.", "At most %(limit)d characters.", limit)
            return [FieldError(pointer, detail % {"limit": limit}, "maxLength", limits={"maxLength": limit})]
        case _:
            return [FieldError(pointer, _("This value is not allowed here."), str(fault.validator))]


def _type_name(expected: Any) -> str:
    names = {
        "string": _("text"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "object": _("an object"),
        "array": _("a list"),
    }
    return names.get(expected, str(expected))
