"""What the API accepts as JSON."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import JSONParser

DEEPEST = 50
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(JSONParser):
    """JSON that is also storable: no NaN, no infinity, no null bytes, no lone surrogates, no doubled keys."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            parsed = json.loads(
                stream.read().decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubles
            )
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(_("The body is not valid JSON in UTF-8.")) from error
        _refuse_unstorable(parsed)
        return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("doubled key")
    return result


def _refuse_unstorable(parsed: Any) -> None:
    """Level by level, not by recursion: whatever comes later may recurse, because the depth is known to be small."""
    level = [parsed]
    for _depth in range(DEEPEST):
        deeper: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _refuse_characters(value)
            elif isinstance(value, float):
                _refuse_infinity(value)
            elif isinstance(value, list):
                deeper += value
            elif isinstance(value, dict):
                deeper += [*value, *value.values()]
        if not deeper:
            return
        level = deeper
    raise exceptions.ParseError(_("The JSON is nested too deeply."))


def _refuse_characters(text: str) -> None:
    if _UNSTORABLE.search(text):
        raise exceptions.ParseError(_("The text holds characters that cannot be stored."))


def _refuse_infinity(number: float) -> None:
    if not math.isfinite(number):
        raise exceptions.ParseError(_("The body is not valid JSON in UTF-8."))
