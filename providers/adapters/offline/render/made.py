"""What the makers hand back."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file in the order's folder. `kind` is image, video, audio or text."""

    name: str
    kind: str
    mime: str


@dataclass(frozen=True, slots=True)
class Made:
    files: tuple[MadeFile, ...]
    seed: int | None = None
