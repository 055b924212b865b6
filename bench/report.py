"""One measured figure with its target, and the table of all of them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """`target` is shown as it is; `ok` None marks a figure without a target."""

    name: str
    value: float
    unit: str
    target: str = ""
    ok: bool | None = None


def at_least(name: str, value: float, unit: str, limit: float) -> Row:
    return Row(name, round(value, 3), unit, f"≥ {limit:g}", value >= limit)


def at_most(name: str, value: float, unit: str, limit: float) -> Row:
    return Row(name, round(value, 3), unit, f"≤ {limit:g}", value <= limit)


def plain(name: str, value: float, unit: str) -> Row:
    return Row(name, round(value, 3), unit)


def show(title: str, rows: Iterable[Row]) -> None:
    print(f"\n{title}")
    for row in rows:
        verdict = {True: "ok", False: "MISSED", None: ""}[row.ok]
        print(f"  {row.name:<62} {row.value:>12,.3f} {row.unit:<10} {row.target:<10} {verdict}")


def save(path: Path, parts: dict[str, list[Row]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {title: [asdict(row) for row in rows] for title, rows in parts.items()}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
