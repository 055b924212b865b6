"""The language of catalogue files: texts in two languages, price rules, expected results, routes.

A price is a sum of parts. A part is an amount of tokens, multiplied by quantities of the input (seconds, pictures,
thousands of characters) and by factors that a choice brings. Everything is exact; the sum is rounded up once, at the
end, to whole tokens.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Strict):
    """The same said in Russian and in English, each by someone who thinks in it."""

    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


class Quantity(Strict):
    """How much of something the input asks for.

    `value` is the field's number; `characters` counts its text in code points; `seconds` and `megapixels` are
    measured on the upload. With `step` it is counted in units of that size, with `whole` in begun units.
    """

    field: str
    measure: Literal["value", "characters", "seconds", "megapixels"] = "value"
    step: Decimal = Field(default=Decimal(1), gt=0)
    whole: bool = False


class Factor(Strict):
    """A multiplier by the choice made in a field. Every choice must be listed."""

    field: str
    values: Mapping[str, Decimal]


class Part(Strict):
    label: Text
    amount: Decimal = Field(gt=0)
    per: tuple[Quantity, ...] = ()
    by: tuple[Factor, ...] = ()
    when: Mapping[str, Any] = {}


class PriceRule(Strict):
    """In tokens. Also used for what a provider costs us, in the currency of the route."""

    parts: tuple[Part, ...] = Field(min_length=1)
    minimum: int = Field(default=1, ge=1)


class Results(Strict):
    """What a successful generation brings: how many files of which kind, and how large one may be."""

    kind: Literal["image", "video", "audio", "text"]
    count: int = Field(default=1, ge=1)
    count_field: str = ""
    limit_bytes: int = Field(default=512 * 1024 * 1024, gt=0)

    def expected(self, given: Mapping[str, Any]) -> int:
        """How many files this input orders."""
        return int(given.get(self.count_field) or self.count) if self.count_field else self.count


class RouteFile(Strict):
    provider: str
    provider_model: str
    priority: int = 10
    cost: PriceRule | None = None
    currency: str = "USD"
    limits: Mapping[str, list[Any]] = {}


class PriceExample(Strict):
    input: Mapping[str, Any]
    tokens: int


class Example(Strict):
    title: Text
    input: Mapping[str, Any]
