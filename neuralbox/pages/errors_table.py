"""The table of error codes, read from the code itself so that it cannot go stale."""

from dataclasses import dataclass

from neuralbox.core.errors import DomainError
from neuralbox.core.problems import FRAMEWORK_CODES


@dataclass(frozen=True, slots=True)
class ErrorRow:
    code: str
    status: int
    title: str
    retryable: bool


def rows() -> list[ErrorRow]:
    """Every code that an error answer can carry, by status, then by code."""
    found = {
        kind.code: ErrorRow(kind.code, kind.status, str(kind.title), kind.retryable)
        for kind in _refusals(DomainError)
        if "code" in vars(kind)  # others are families of refusals, never raised themselves
    }
    for framework, code in FRAMEWORK_CODES.items():
        found.setdefault(
            code,
            ErrorRow(code, framework.status_code, str(framework.default_detail), framework.status_code == 429),
        )
    return sorted(found.values(), key=lambda row: (row.status, row.code))


def _refusals(kind: type[DomainError]) -> list[type[DomainError]]:
    found = []
    for refusal in kind.__subclasses__():
        found += [refusal, *_refusals(refusal)]
    return found
