"""What can be compared: models that make something from words alone."""

from collections.abc import Sequence

from generations.services.inputs import WORDS
from neuralbox.pages.catalogue import Card

MOST = 4


def models(cards: Sequence[Card]) -> list[Card]:
    """Those that need nothing but a prompt or a text to be read, of kinds that have two of them at least."""
    able = [card for card in cards if _needs_words_only(card)]
    kinds = [card["modality"] for card in able]
    return [card for card in able if kinds.count(card["modality"]) > 1]


def _needs_words_only(card: Card) -> bool:
    schema = card["input_schema"]
    fields = schema["properties"]
    needed = {name for name in schema.get("required", ()) if "default" not in fields[name]}
    return len(needed & {"prompt", "script"}) == 1 and needed <= set(WORDS[:2])
