"""The wall of the landing page: results that were really made, with what they were made from."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Work:
    """One result on the wall. Files are names below `static/gallery`; `ratio` names a class of the style sheet.

    `model_name` is empty when that model is not offered here (the demonstration's models are local).
    """

    kind: str
    file: str
    poster: str
    width: int
    height: int
    ratio: str
    prompt: str
    model: str
    model_name: str
    tokens: int
    seconds: int


def works(model_names: Mapping[str, str]) -> list[Work]:
    """In the order in which they hang, with prompts in the active language."""
    language = get_language() or "ru"
    return [
        Work(**{**entry, "prompt": entry["prompt"][language], "model_name": model_names.get(entry["model"], "")})
        for entry in _entries()
    ]


@functools.cache
def _entries() -> list[dict[str, Any]]:
    found = finders.find("gallery/gallery.json")
    if found is None:
        raise FileNotFoundError("static/gallery/gallery.json")
    with open(found, encoding="utf-8") as file:
        entries: list[dict[str, Any]] = json.load(file)
    return entries
