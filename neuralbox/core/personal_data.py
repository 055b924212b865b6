"""The registry of personal data: each app declares what it holds about a person, exports and erases it."""

from collections.abc import Iterable
from typing import Any, Protocol


class NotYet(Exception):
    """Raised by `erase` when something must end first; the erasure is asked for again later."""


class Holder(Protocol):
    """What one app holds about people. `models` lists its tables as "app_label.Model"."""

    name: str
    models: Iterable[str]

    def export(self, user: Any) -> dict[str, Any]:
        """All that is held about `user`, as JSON-ready values."""

    def erase(self, user: Any) -> None:
        """Remove or pseudonymise all of it. May be repeated. Raises NotYet."""


_holders: list[Holder] = []


def register(holder: Holder) -> None:
    _holders.append(holder)


def holders() -> tuple[Holder, ...]:
    """All holders, lowest app first: erase in reverse, so that what points down goes first."""
    return tuple(_holders)
