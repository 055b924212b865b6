"""Refusals: what a user can understand and act on. Anything else that goes wrong is a bug and flies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `pointer` is a JSON pointer (RFC 6901), such as `/input/size`."""

    pointer: str
    detail: Text
    code: str = "invalid"
    allowed: Sequence[Any] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"pointer": self.pointer, "code": self.code, "detail": str(self.detail)}
        if self.allowed is not None:
            shown["allowed"] = list(self.allowed)
        return shown | dict(self.limits)


class DomainError(Exception):
    """A refusal with a stable `code`, an HTTP `status` and a translated `title` and `detail`."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = _("The request was refused")
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: Text = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(str(detail) or self.code)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra


class InvalidInput(DomainError):
    code = "invalid_input"
    status = 422
    title = _("Some fields need attention")


class NotFound(DomainError):
    code = "not_found"
    status = 404
    title = _("Not found")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    title = _("The present state does not allow this")


class BodyTooLarge(DomainError):
    code = "body_too_large"
    status = 413
    title = _("The request is too large")
