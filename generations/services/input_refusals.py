"""Why an input is refused, field by field, in the caller's words instead of a validator's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from jsonschema.exceptions import ValidationError

from generations.catalogue import input_schemas
from generations.catalogue.input_schemas import Schema, escaped
from generations.catalogue.offers import Offer
from generations.services import catalogue
from neuralbox.core.errors import FieldError

MAX_ERRORS = 20
_LONGEST_NAME = 60
# When one field breaks several rules, the first of these is told.
_ORDER = ("additionalProperties", "type", "enum", "required")


def errors_here(offer: Offer, full: Mapping[str, Any]) -> list[FieldError]:
    """As `errors_of`, for the providers that are connected here. What only others take is `not_offered_here`."""
    narrow = catalogue.here(offer)
    errors = errors_of(narrow, full)
    if not errors or narrow is offer:
        return errors
    everywhere = {one.pointer for one in errors_of(offer, full)}
    return [one if one.pointer in everywhere else _only_elsewhere(narrow, one) for one in errors]


def _only_elsewhere(narrow: Offer, error: FieldError) -> FieldError:
    if error.code == "required":
        return error
    if error.code == "unknown_field":
        detail = _("The providers that are connected here do not offer this field. They offer: %(known)s.")
        return replace(
            error, code="not_offered_here", detail=detail % {"known": ", ".join(narrow.schema["properties"])}
        )
    return replace(error, code="not_offered_here")


def errors_of(offer: Offer, full: Mapping[str, Any]) -> list[FieldError]:
    """One error per wrong field of the completed input, in the order of the form; empty when it is right."""
    # What a condition forbids has no keyword and no path; it is told apart.
    errors = (error for error in offer.validator.iter_errors(full) if error.validator is not None)
    broken = sorted(islice(errors, 200), key=_importance)
    told = {one.pointer: one for one in _forbidden(offer.schema, full)}
    for error in broken:
        for one in _told(error):
            told.setdefault(one.pointer, one)
    if not told:
        told = {one.pointer: one for one in _wrong_sums(offer.schema, full)}
    return sorted(told.values(), key=lambda one: _place(offer.schema, one.pointer))[:MAX_ERRORS]


def _importance(error: ValidationError) -> int:
    return _ORDER.index(error.validator) if error.validator in _ORDER else len(_ORDER)


def _place(schema: Schema, pointer: str) -> int:
    name = pointer.split("/")[2] if pointer.count("/") > 1 else ""
    names = list(schema["properties"])
    return names.index(name) if name in names else len(names)


def _told(error: ValidationError) -> list[FieldError]:
    pointer = "/input" + "".join(f"/{escaped(part)}" for part in error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_fields(pointer, error)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [FieldError(f"{pointer}/{name}", _("This field is required."), "required") for name in missing]
    explain = _EXPLANATIONS.get(str(error.validator))
    if explain is None:
        return [FieldError(pointer, _("This value is not accepted."), "invalid")]
    return [explain(pointer, error)]


def _unknown_fields(pointer: str, error: ValidationError) -> list[FieldError]:
    known = list(error.schema["properties"])
    detail = _("This field is not known here. Known fields: %(known)s.") % {"known": ", ".join(known)}
    unknown = sorted(name for name in error.instance if name not in error.schema["properties"])
    return [
        FieldError(f"{pointer}/{escaped(name[:_LONGEST_NAME])}", detail, "unknown_field", allowed=known)
        for name in unknown[:MAX_ERRORS]
    ]


def _forbidden(schema: Schema, full: Mapping[str, Any]) -> Iterator[FieldError]:
    """The fields that a condition forbids, each with the fields because of which it does."""
    language = "ru" if (get_language() or "").startswith("ru") else "en"
    properties = schema["properties"]
    for condition in schema.get("allOf", ()):
        for name, change in input_schemas.effect(condition, full).get("properties", {}).items():
            if change is False and name in full:
                others = [
                    str(properties[other][f"title_{language}"])
                    for other in condition["if"]["required"]
                    if other in properties
                ]
                detail = _("This field cannot be combined with the present value of: %(fields)s.")
                yield FieldError(
                    f"/input/{escaped(name)}", detail % {"fields": ", ".join(others)}, "not_allowed_together"
                )


def _wrong_sums(schema: Schema, full: Mapping[str, Any]) -> Iterator[FieldError]:
    """Lists whose rows have too many characters together, or do not add up to what another field says."""
    for name, field in schema["properties"].items():
        rows = full.get(name)
        if field["type"] != "array" or not isinstance(rows, list):
            continue
        limit = field.get("x-max-characters")
        length = sum(len(row["text"]) for row in rows) if limit else 0
        if limit and length > limit:
            limits = {"max_length": limit, "length": length}
            detail = _("At most %(max_length)d characters in all, these have %(length)d.") % limits
            yield FieldError(f"/input/{name}", detail, "text_too_long", limits=limits)
        if adds_up := field.get("x-adds-up"):
            total, wanted = sum(row[adds_up["member"]] for row in rows), full.get(adds_up["to"])
            if total != wanted:
                detail = _("These add up to %(total)s, not to %(wanted)s.") % {"total": total, "wanted": wanted}
                yield FieldError(f"/input/{name}", detail, "wrong_sum", limits={"total": total, "wanted": wanted})


def _wrong_type(pointer: str, error: ValidationError) -> FieldError:
    names = {
        "string": _("Give a text."),
        "integer": _("Give a whole number."),
        "number": _("Give a number."),
        "boolean": _("Give true or false."),
        "array": _("Give a list."),
        "object": _("Give an object."),
    }
    expected = str(error.validator_value)
    if input_schemas.is_upload(error.schema):
        return FieldError(pointer, _('Give an upload of yours: {"upload": "<id>"}.'), "wrong_type")
    return FieldError(pointer, names.get(expected, ""), "wrong_type", limits={"expected": expected})


def _not_offered(pointer: str, error: ValidationError) -> FieldError:
    allowed = list(error.validator_value)
    detail = _("This value is not offered. Allowed: %(allowed)s.") % {"allowed": ", ".join(map(str, allowed))}
    return FieldError(pointer, detail, "not_allowed", allowed=allowed)


def _too_low(pointer: str, error: ValidationError) -> FieldError:
    limit = error.validator_value
    return FieldError(pointer, _("At least %(limit)s.") % {"limit": limit}, "too_small", limits={"minimum": limit})


def _too_high(pointer: str, error: ValidationError) -> FieldError:
    limit = error.validator_value
    return FieldError(pointer, _("At most %(limit)s.") % {"limit": limit}, "too_large", limits={"maximum": limit})


def _wrong_step(pointer: str, error: ValidationError) -> FieldError:
    step = error.validator_value
    detail = _("Give a multiple of %(step)s.") % {"step": step}
    return FieldError(pointer, detail, "wrong_step", limits={"multiple_of": step})


def _text_too_short(pointer: str, error: ValidationError) -> FieldError:
    limit = error.validator_value
    if not error.instance:
        return FieldError(pointer, _("Write something here."), "required", limits={"min_length": limit})
    detail = ngettext("At least %(limit)d character.", "At least %(limit)d characters.", limit) % {"limit": limit}
    return FieldError(pointer, detail, "text_too_short", limits={"min_length": limit})


def _text_too_long(pointer: str, error: ValidationError) -> FieldError:
    limit, length = error.validator_value, len(error.instance)
    detail = ngettext(
        "At most %(limit)d character, this has %(length)d.",
        "At most %(limit)d characters, this has %(length)d.",
        limit,
    ) % {"limit": limit, "length": length}
    return FieldError(pointer, detail, "text_too_long", limits={"max_length": limit, "length": length})


def _too_few(pointer: str, error: ValidationError) -> FieldError:
    limit = error.validator_value
    detail = _("Give at least %(limit)d.") % {"limit": limit}
    return FieldError(pointer, detail, "too_few", limits={"min_items": limit})


def _too_many(pointer: str, error: ValidationError) -> FieldError:
    limit = error.validator_value
    detail = _("Give at most %(limit)d.") % {"limit": limit}
    return FieldError(pointer, detail, "too_many", limits={"max_items": limit})


def _doubled(pointer: str, _error: ValidationError) -> FieldError:
    return FieldError(pointer, _("Each may be given once."), "doubled")


_EXPLANATIONS: Mapping[str, Callable[[str, ValidationError], FieldError]] = {
    "type": _wrong_type,
    "enum": _not_offered,
    "minimum": _too_low,
    "maximum": _too_high,
    "multipleOf": _wrong_step,
    "minLength": _text_too_short,
    "maxLength": _text_too_long,
    "minItems": _too_few,
    "maxItems": _too_many,
    "uniqueItems": _doubled,
}
