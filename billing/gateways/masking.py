"""Bodies that may be stored: card numbers and named fields replaced, whatever form the body has."""

import json
import re
from collections.abc import Set
from typing import Any
from urllib.parse import parse_qsl, urlencode

MASK = "***"
LONGEST = 20_000
_DIGIT_RUN = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def passes_luhn(digits: str) -> bool:
    """The check that every card number passes."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit)
        if position % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def text(value: str) -> str:
    """`value` without card numbers and without what a database cannot hold, cut to a sensible length."""
    return _DIGIT_RUN.sub(_card, value.replace("\x00", "\N{REPLACEMENT CHARACTER}"))[:LONGEST]


def json_body(body: bytes, hidden: Set[str]) -> str:
    """A JSON body with the values of `hidden` fields replaced at any depth (names in lower case); else `text`."""
    decoded = body.decode("utf-8", "replace")
    try:
        masked = _masked(json.loads(decoded, parse_int=str, parse_float=str), hidden)
        return text(json.dumps(masked, ensure_ascii=False))
    except (ValueError, RecursionError):
        return _unreadable(decoded, hidden)


def form_body(body: str, hidden: Set[str]) -> str:
    """A form or query with the values of `hidden` fields replaced."""
    pairs = parse_qsl(body, keep_blank_values=True, errors="replace")
    masked = [(text(name), MASK if name.lower() in hidden else text(value)) for name, value in pairs]
    return urlencode(masked, safe="*")[:LONGEST]


def _masked(value: Any, hidden: Set[str]) -> Any:
    if isinstance(value, dict):
        return {
            text(name): MASK if name.lower() in hidden and inner is not None else _masked(inner, hidden)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner, hidden) for inner in value]
    return text(value) if isinstance(value, str) else value


def _unreadable(decoded: str, hidden: Set[str]) -> str:
    """Not their JSON: keep what may show what it was, but nothing after a name that would be hidden."""
    lowered = decoded.lower()
    cut = min((found for name in hidden if (found := lowered.find(name)) >= 0), default=len(decoded))
    return text(decoded[:cut]) + (MASK if cut < len(decoded) else "")


def _card(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found.group())
    return MASK if passes_luhn(digits) else found.group()
