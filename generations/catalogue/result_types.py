"""The file types of results: what a model may promise, and what an order narrows that to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generations.media import types

FORMAT_FIELD = "output_format"
# Where a model's file says nothing. Films come as MP4 from every provider whose page names a type; tools for sound
# answer with MP3 or WAV.
USUAL: Mapping[str, tuple[str, ...]] = {
    "image": (types.PNG.mime, types.JPEG.mime, types.WEBP.mime),
    "video": (types.MP4.mime,),
    "audio": (types.MP3.mime, types.WAV.mime),
    "text": (types.TEXT.mime,),
}
_BY_FORMAT = {one.extension: one.mime for one in types.ALL} | {"jpeg": types.JPEG.mime, "md": types.TEXT.mime}


def of_kind(kind: str) -> tuple[str, ...]:
    """Every type that a model of that kind may promise."""
    return tuple(one.mime for one in types.ALL if one.kind == kind)


def asked(given: Mapping[str, Any]) -> str | None:
    """The type that the input itself asks for; None when it leaves that to the provider."""
    return _BY_FORMAT.get(str(given.get(FORMAT_FIELD, "")))


def names(mimes: Iterable[str]) -> list[str]:
    """As people call them, such as PNG or MP3."""
    return [types.BY_MIME[mime].extension.upper() for mime in mimes]


def unpromised(schema: Mapping[str, Any], mimes: Sequence[str]) -> list[str]:
    """The formats that the form offers although no promised type is of them."""
    offered = schema["properties"].get(FORMAT_FIELD, {}).get("enum", ())
    return [one for one in offered if _BY_FORMAT.get(one) not in mimes]
