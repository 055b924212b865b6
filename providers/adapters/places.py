"""How settings of ours are written into a provider's order: one small function per way of writing."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from providers.base import Failure, Submission
from providers.errors import ProviderRejected

Body = dict[str, Any]
Place = Callable[[Body, Any], None]


def written(
    places: Mapping[str, Place],
    submission: Submission,
    links: Mapping[str, Any],
    fixed: Mapping[str, Any] = MappingProxyType({}),
) -> Body:
    """The settings of a submission in their places, after what is `fixed`. `links` says how each file is named.

    Raises ProviderRejected for a setting that has no place, and for a value that cannot be expressed.
    """
    body: Body = dict(fixed)
    for name, value in submission.input.items():
        place = places.get(name)
        if place is None:
            raise refused("unsupported_setting", f"{submission.model} has no setting {name}")
        place(body, _with_links(value, links))
    return body


def refused(code: str, message: str) -> ProviderRejected:
    return ProviderRejected(Failure(code, message, retryable=False))


def plain(name: str) -> Place:
    """The value as it is, under their name."""

    def write(body: Body, value: Any) -> None:
        body[name] = value

    return write


def number(name: str) -> Place:
    """A JSON number: they refuse numbers in quotes."""

    def write(body: Body, value: Any) -> None:
        body[name] = int(value) if float(value).is_integer() else float(value)

    return write


def seconds(name: str) -> Place:
    """A length as text, such as "8s"."""

    def write(body: Body, value: Any) -> None:
        body[name] = f"{int(value)}s"

    return write


def one_of(name: str, values: Mapping[Any, Any] | Iterable[Any]) -> Place:
    """Their word for each value that they know."""
    words = dict(values) if isinstance(values, Mapping) else {value: value for value in values}

    def write(body: Body, value: Any) -> None:
        if value not in words:
            raise refused("unsupported_value", f"{name} cannot be {value}")
        body[name] = words[value]

    return write


def several(name: str, *, at_most: int) -> Place:
    """A list of files."""

    def write(body: Body, value: Any) -> None:
        if len(value) > at_most:
            raise refused("unsupported_value", f"{name} takes {at_most} at most")
        body.setdefault(name, []).extend(value)

    return write


def only(name: str) -> Place:
    """The one file of a list."""

    def write(body: Body, value: Any) -> None:
        if len(value) != 1:
            raise refused("unsupported_value", f"{name} takes exactly one file")
        body[name] = value[0]

    return write


def inside(group: str, place: Place) -> Place:
    """A value in an object of theirs."""

    def write(body: Body, value: Any) -> None:
        place(body.setdefault(group, {}), value)

    return write


def together(*places: Place) -> Place:
    """One value in several places."""

    def write(body: Body, value: Any) -> None:
        for place in places:
            place(body, value)

    return write


def constant(name: str, content: Any) -> Place:
    """A word of theirs that goes with the setting, whatever its value."""

    def write(body: Body, _value: Any) -> None:
        body[name] = content

    return write


def _with_links(value: Any, links: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"upload"}:
            return links[value["upload"]]
        return {name: _with_links(inner, links) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_links(inner, links) for inner in value]
    return value
