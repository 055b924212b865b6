"""The uploads that an input names: whether they are the user's, and whether they fit where they are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from generations.catalogue.input_schemas import Schema
from generations.models import Upload
from neuralbox.core.errors import FieldError, InvalidInput

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place in the input that names an upload. `value` is `{"upload": id}`."""

    pointer: str
    name: str
    field: Schema
    value: dict[str, Any]


def find(wanted: Sequence[Wanted], *, user_id: UUID) -> dict[str, Upload]:
    """The uploads by pointer. One query, or none when nothing is wanted.

    Raises InvalidInput: one that does not exist and another person's look the same.
    """
    if not wanted:
        return {}
    asked = {one.pointer: _id_of(one.value) for one in wanted}
    known = Upload.objects.filter(user_id=user_id).in_bulk([found for found in asked.values() if found])
    found: dict[str, Upload] = {}
    errors: list[FieldError] = []
    for one in wanted:
        upload_id = asked[one.pointer]
        upload = known.get(upload_id) if upload_id else None
        if upload is None:
            errors.append(FieldError(one.pointer, _("There is no such upload of yours."), "upload_not_found"))
            continue
        found[one.pointer] = upload
        if error := _misfit(one, upload):
            errors.append(error)
    if errors:
        raise InvalidInput(errors=errors)
    return found


def _id_of(value: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(value["upload"]))
    except ValueError:
        return None


def _misfit(one: Wanted, upload: Upload) -> FieldError | None:
    """The first reason why the upload does not fit, if there is one."""
    field = one.field
    if upload.mime not in field["x-accept-types"]:
        return FieldError(
            one.pointer,
            _("Files of type %(mime)s are not accepted here.") % {"mime": upload.mime},
            "unsupported_file_type",
            allowed=field["x-accept-types"],
        )
    if upload.bytes > field["x-max-bytes"]:
        limit = field["x-max-bytes"]
        detail = _("The file is larger than %(limit)d MB.") % {"limit": limit // MIB}
        return FieldError(one.pointer, detail, "file_too_large", limits={"max_bytes": limit})
    return _wrong_sides(one.pointer, field, upload) or _wrong_length(one.pointer, field, upload)


def _wrong_sides(pointer: str, field: Schema, upload: Upload) -> FieldError | None:
    sides = [side for side in (upload.width, upload.height) if side is not None]
    low, high = field.get("x-min-side"), field.get("x-max-side")
    if low and (not sides or min(sides) < low):
        detail = _("Each side must have at least %(limit)d pixels.") % {"limit": low}
        return FieldError(pointer, detail, "picture_too_small", limits={"min_side": low})
    if high and sides and max(sides) > high:
        detail = _("Each side may have at most %(limit)d pixels.") % {"limit": high}
        return FieldError(pointer, detail, "picture_too_large", limits={"max_side": high})
    return None


def _wrong_length(pointer: str, field: Schema, upload: Upload) -> FieldError | None:
    low, high = field.get("x-min-seconds"), field.get("x-max-seconds")
    if low and (upload.seconds is None or upload.seconds < low):
        detail = _("It must last at least %(limit)s s.") % {"limit": low}
        return FieldError(pointer, detail, "too_short", limits={"min_seconds": low})
    if high and upload.seconds is not None and upload.seconds > high:
        detail = _("It may last at most %(limit)s s.") % {"limit": high}
        return FieldError(pointer, detail, "too_long", limits={"max_seconds": high})
    return None
