"""Who can sign in at the imitations, and their picture."""

import struct
import zlib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Person:
    """`number` is their id at every provider. `email` may be empty: then the provider has none."""

    key: str
    number: int
    first_name: str
    last_name: str
    email: str
    colour: tuple[int, int, int]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


ALICE = Person("alice", 583231, "Alice", "Liddell", "alice@gmail.com", (33, 120, 110))
BOB = Person("bob", 77001, "Bob", "Builder", "bob@yandex.ru", (150, 90, 40))
CAROL = Person("carol", 90210, "Carol", "Quiet", "", (90, 70, 140))
EVERYBODY = {person.key: person for person in (ALICE, BOB, CAROL)}


@cache
def picture(person: Person, side: int = 96) -> bytes:
    """A square PNG of the person's colour."""
    row = b"\x00" + bytes(person.colour) * side
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(row * side)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
