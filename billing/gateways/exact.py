"""JSON read without losing anything: a number keeps the text it was written with, since signatures cover it."""

import json
from typing import Any

from billing.gateways.errors import InvalidNotification


class NumberText(str):
    """A JSON number as it was written."""

    __slots__ = ()


def loads(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, numbers as NumberText. Raises InvalidNotification when it is none."""
    try:
        value = json.loads(
            body.decode("utf-8"), parse_int=NumberText, parse_float=NumberText, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise InvalidNotification("the body is no JSON") from error
    if not isinstance(value, dict):
        raise InvalidNotification("the body is no JSON object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
