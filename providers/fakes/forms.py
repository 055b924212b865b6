"""Multipart bodies, as browsers and adapters send files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body."""

    content: bytes
    filename: str = ""
    mime: str = ""


def parts(content_type: str, body: bytes) -> dict[str, Part]:
    """The parts of a body, by their names; none when it is of another type."""
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        return {}
    return dict(_each_part(body.split(b"--" + boundary[1].encode())))


def _each_part(pieces: list[bytes]) -> Iterator[tuple[str, Part]]:
    for piece in pieces[1:-1]:
        head, _blank, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name is None:
            continue
        filename = re.search(rb'filename="([^"]*)"', head)
        mime = re.search(rb"Content-Type: *([^\r\n]+)", head, re.IGNORECASE)
        yield (
            name[1].decode(),
            Part(
                content.removesuffix(b"\r\n"),
                filename[1].decode() if filename else "",
                mime[1].decode() if mime else "",
            ),
        )
