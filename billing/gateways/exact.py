"""JSON read without losing anything: a number keeps the text it was written with, since signatures cover it."""

import json
from typing import Any

from billing.gateways.errors import InvalidNotification

_DEEPEST = 32


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
    if _is_deeper_than(value, _DEEPEST):
        raise InvalidNotification("the body is nested too deeply")
    return value


def _is_deeper_than(value: Any, deepest: int) -> bool:
    """Level by level: a body of thousands of brackets must not exhaust the stack of those who walk it later."""
    level = [value]
    for _ in range(deepest):
        inner = [one for one in level if isinstance(one, dict | list)]
        if not inner:
            return False
        level = [below for one in inner for below in (one.values() if isinstance(one, dict) else one)]
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
