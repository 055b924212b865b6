"""What the API accepts as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON that is also storable: no NaN, no null bytes, no lone surrogates, no doubled keys."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        raw = stream.read()
        try:
            text = raw.decode("utf-8")
            parsed = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubles)
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(_("The body is not valid JSON in UTF-8.")) from error
        if "\\u0000" in text or "\\ud" in text.lower():
            _refuse_unstorable(parsed)
        return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("doubled key")
    return result


def _refuse_unstorable(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise exceptions.ParseError(_("The text holds characters that cannot be stored."))
