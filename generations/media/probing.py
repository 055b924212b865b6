"""What a file is, found out by decoding it."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from generations.media import images, streams, types
from generations.media.errors import Broken
from generations.media.limits import Limits
from generations.media.types import MediaType


@dataclass(frozen=True, slots=True)
class Probe:
    """The proven type and measures of a file. `seconds` is the length of sound and video."""

    media_type: MediaType
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    has_sound: bool = False


def probe(path: Path, limits: Limits) -> Probe:
    """Find out what the file at `path` is. Raises UnknownType, Broken, TooDemanding."""
    media_type = types.recognise(path)
    if media_type.kind == "image":
        width, height = images.measure(path, media_type, limits)
        return Probe(media_type, width, height)
    found = streams.measure(path, media_type, limits)
    return Probe(found.media_type, found.width, found.height, found.seconds, found.has_sound)


def probe_text(path: Path) -> Probe:
    """Prove that the file is text in UTF-8 without control characters, and not empty. Raises Broken."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen = False
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise Broken("not UTF-8") from error
            if any(character < " " and character not in "\t\n\r\f" for character in text):
                raise Broken("control characters")
            seen = seen or bool(text.strip())
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Broken("not UTF-8") from error
    if not seen:
        raise Broken("empty")
    return Probe(types.TEXT)
