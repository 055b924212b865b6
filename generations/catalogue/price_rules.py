"""Prices and costs as data: a small, typed language of amounts, evaluated exactly.

An amount is fixed, looked up in a table by fields of the input, or counted per unit; amounts are added and multiplied.
Everything is computed in fractions. Nothing rounds but the price itself, once, at its end, upward. The language is
described for people in `docs/catalogue.md`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

MICRO = Decimal("0.000001")
_LONGEST_NUMBER = 20


class Unpriced(Exception):
    """The rule has no price for this input. Never happens for a rule that passed `price_coverage`."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was measured of an upload. None: it has no such property."""

    seconds: float | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a price is computed from: the accepted input, and the measured uploads by the name of their field."""

    input: Mapping[str, Any]
    files: Mapping[str, FileFacts] = field(default_factory=dict)


def _number(value: Any) -> Any:
    """Numbers are written as text, "0.25", or as whole numbers. A float is not what was written, so it is refused."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError('write numbers as text, such as "0.25"')
    if len(str(value)) > _LONGEST_NUMBER:
        raise ValueError("too long a number")
    return value


Number = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]
Positive = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=1_000_000_000, allow_inf_nan=False)]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Scalar = str | bool | int


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """A text in both languages."""

    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


class Fixed(_Part):
    """The same amount whatever the input."""

    kind: Literal["fixed"]
    amount: Number

    def evaluate(self, facts: Facts) -> Fraction:
        return Fraction(self.amount)


class Row(_Part):
    match: Mapping[FieldName, Scalar]
    amount: Number


class Table(_Part):
    """An amount per combination of the fields `by`. Every row names all of them; no row is named twice.

    Where a field may be absent, `absent` says which value the rule sees instead.
    """

    kind: Literal["table"]
    by: Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=4)]
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=500)]
    absent: Mapping[FieldName, Scalar] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rows_are_complete(self) -> "Table":
        for row in self.rows:
            if set(row.match) != set(self.by):
                raise ValueError(f"every row must match exactly {', '.join(self.by)}")
        if len(self._amounts) != len(self.rows):
            raise ValueError("two rows match the same values")
        if unknown := set(self.absent) - set(self.by):
            raise ValueError(f"`absent` names {', '.join(sorted(unknown))}, which `by` does not")
        return self

    @cached_property
    def _amounts(self) -> dict[tuple[Any, ...], Fraction]:
        return {tuple(_key(row.match[name]) for name in self.by): Fraction(row.amount) for row in self.rows}

    def evaluate(self, facts: Facts) -> Fraction:
        wanted = tuple(_key(facts.input.get(name, self.absent.get(name))) for name in self.by)
        try:
            return self._amounts[wanted]
        except KeyError:
            shown = ", ".join(f"{name}={value[1]!r}" for name, value in zip(self.by, wanted, strict=True))
            raise Unpriced(f"no row for {shown}") from None


def _key(value: Any) -> tuple[type, Any]:
    """`True` is no `1` here, and `1.0` is one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return type(value), value


class Given(_Part):
    """One amount when the field is given, another when it is not."""

    kind: Literal["given"]
    field: FieldName
    then: "Amount"
    otherwise: "Amount"

    def evaluate(self, facts: Facts) -> Fraction:
        branch = self.then if self.field in facts.input else self.otherwise
        return branch.evaluate(facts)


class PerUnit(_Part):
    """`rate` for each unit of what is measured.

    `measure` is `value` (a number of the input), `characters` (of a text, or of the member `text` in all rows of a
    list), `items` (of a list), `seconds` or `megapixels` (of an upload; the lengths of several are added up). Before
    the rate, `free` units are taken off, and what is left is rounded up to whole `step`s: with `step = "30"` each
    begun half minute counts in full.
    """

    kind: Literal["per_unit"]
    measure: Literal["value", "characters", "items", "seconds", "megapixels"]
    of: FieldName
    rate: "Amount"
    per: Positive = Decimal(1)
    step: Positive | None = None
    free: Number = Decimal(0)
    absent: Number | None = None

    def evaluate(self, facts: Facts) -> Fraction:
        units = max(self._measured(facts) - Fraction(self.free), Fraction(0))
        if self.step is not None:
            step = Fraction(self.step)
            units = -(-units // step) * step
        return units / Fraction(self.per) * self.rate.evaluate(facts)

    def _measured(self, facts: Facts) -> Fraction:
        value = facts.input.get(self.of)
        if value is None:
            if self.absent is None:
                raise Unpriced(f"{self.of} is not given")
            return Fraction(self.absent)
        match self.measure:
            case "value" if isinstance(value, int | float) and not isinstance(value, bool):
                return Fraction(str(value))
            case "characters" if isinstance(value, str):
                return Fraction(len(value))
            case "characters" if isinstance(value, list):
                return Fraction(sum(len(one["text"]) for one in value))
            case "items" if isinstance(value, list):
                return Fraction(len(value))
            case "seconds" | "megapixels" if value == []:
                return Fraction(0)
            case "seconds" | "megapixels":
                return self._of_file(facts.files.get(self.of, FileFacts()))
        raise Unpriced(f"{self.of} has no {self.measure}")

    def _of_file(self, file: FileFacts) -> Fraction:
        if self.measure == "seconds" and file.seconds is not None:
            return Fraction(str(file.seconds))
        if self.measure == "megapixels" and file.width and file.height:
            return Fraction(file.width * file.height, 1_000_000)
        raise Unpriced(f"{self.of} has no {self.measure}")


class Bracket(_Part):
    """One line of `Brackets`. Without `up_to` it holds for everything above the others."""

    up_to: Positive | None = None
    amount: Number


class Brackets(_Part):
    """A fixed amount by how much `units` come to: the first row whose `up_to` is not passed. Ascending."""

    kind: Literal["brackets"]
    units: "Amount"
    rows: Annotated[tuple[Bracket, ...], Field(min_length=2, max_length=20)]

    @model_validator(mode="after")
    def _rows_ascend_to_everything(self) -> "Brackets":
        limits = [row.up_to for row in self.rows]
        bounded = [limit for limit in limits[:-1] if limit is not None]
        if limits[-1] is not None or len(bounded) != len(limits) - 1 or bounded != sorted(set(bounded)):
            raise ValueError("`up_to` must ascend, and the last row have none")
        return self

    def evaluate(self, facts: Facts) -> Fraction:
        units = self.units.evaluate(facts)
        return next(Fraction(row.amount) for row in self.rows if row.up_to is None or units <= Fraction(row.up_to))


class Sum(_Part):
    """All parts added. Parts with a label stand on a line of their own in the breakdown of a quote."""

    kind: Literal["sum"]
    parts: Annotated[tuple["Amount", ...], Field(min_length=1, max_length=10)]

    def evaluate(self, facts: Facts) -> Fraction:
        return sum((part.evaluate(facts) for part in self.parts), Fraction(0))


class Product(_Part):
    """All factors multiplied: a table of amounts times a number of pieces, or a surcharge of "1.5"."""

    kind: Literal["product"]
    factors: Annotated[tuple["Amount", ...], Field(min_length=1, max_length=6)]

    def evaluate(self, facts: Facts) -> Fraction:
        result = Fraction(1)
        for factor in self.factors:
            result *= factor.evaluate(facts)
        return result


class Labelled(_Part):
    """An amount that is shown under its own name. `{field}` in the label stands for the value of that field."""

    kind: Literal["labelled"]
    label: Text
    amount: "Amount"

    def evaluate(self, facts: Facts) -> Fraction:
        return self.amount.evaluate(facts)


Amount = Annotated[
    Fixed | Table | Given | PerUnit | Brackets | Sum | Product | Labelled,
    Field(discriminator="kind"),
]
for _model in (Given, PerUnit, Brackets, Sum, Product, Labelled):
    _model.model_rebuild()


class PriceRow(_Part):
    """One line of the price list: an input and, in a catalogue file, the tokens that it must cost."""

    label: Text
    input: Mapping[str, Any]
    files: Mapping[FieldName, FileFacts] = Field(default_factory=dict)
    tokens: int | None = None

    @property
    def facts(self) -> Facts:
        return Facts(self.input, self.files)


class PriceRule(_Part):
    """What a generation costs in tokens: the amount, rounded up to a whole token, and at least `minimum`."""

    amount: Amount
    minimum: Annotated[int, Field(ge=1)] = 1
    rows: Annotated[tuple[PriceRow, ...], Field(min_length=1, max_length=40)]

    def tokens(self, facts: Facts) -> int:
        """The price. Raises Unpriced."""
        return max(-(-self.amount.evaluate(facts) // 1), self.minimum)

    def lines(self, facts: Facts) -> list[tuple[Text | None, Fraction]]:
        """The labelled parts of the price, exact, in their order. What has no label stands last, under None."""
        named = [(one.label, one.evaluate(facts)) for one in _parts(self.amount) if isinstance(one, Labelled)]
        rest = self.amount.evaluate(facts) - sum((amount for _label, amount in named), Fraction(0))
        return [*named, (None, rest)] if rest else [*named]

    def fields(self) -> set[str]:
        """The names of all input fields that the price depends on."""
        return fields_of(self.amount)

    def without_promises(self) -> "PriceRule":
        """The same rule without the tokens that the file's rows expect: those hold for the file's own rule only."""
        rows = tuple(row.model_copy(update={"tokens": None}) for row in self.rows)
        return self.model_copy(update={"rows": rows})


def _parts(amount: Any) -> tuple[Any, ...]:
    """The summands of an amount; an amount that is no sum is its own only one."""
    return amount.parts if isinstance(amount, Sum) else (amount,)


def walk(amount: Any) -> Iterator[Any]:
    """The amount and every amount in it."""
    yield amount
    match amount:
        case Given():
            inner: tuple[Any, ...] = (amount.then, amount.otherwise)
        case PerUnit():
            inner = (amount.rate,)
        case Brackets():
            inner = (amount.units,)
        case Sum():
            inner = amount.parts
        case Product():
            inner = amount.factors
        case Labelled():
            inner = (amount.amount,)
        case _:
            inner = ()
    for one in inner:
        yield from walk(one)


def fields_of(amount: Any) -> set[str]:
    """The names of all input fields that the amount depends on."""
    found: set[str] = set()
    for one in walk(amount):
        match one:
            case Table():
                found.update(one.by)
            case Given():
                found.add(one.field)
            case PerUnit():
                found.add(one.of)
    return found


_COST: TypeAdapter[Any] = TypeAdapter(Amount)


def cost_rule(stored: Mapping[str, Any]) -> Any | None:
    """The amount of a stored cost rule; None when nothing is known about the cost. Raises ValidationError."""
    return _COST.validate_python(stored) if stored else None


def cost(rule: Any, facts: Facts) -> Decimal:
    """What a provider charges, in its currency, rounded up to a millionth. Raises Unpriced."""
    exact: Fraction = rule.evaluate(facts)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(MICRO, rounding=ROUND_UP)


_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def filled_label(label: str, shown: Mapping[str, str]) -> str:
    """The label with each `{field}` replaced by how the value of that field is shown."""
    return _PLACEHOLDER.sub(lambda found: shown.get(found[1], ""), label)
