"""Errors of the API: problem+json (RFC 9457), in the caller's language."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from neuralbox.core.errors import BodyTooLarge, DomainError, FieldError

PROBLEM_JSON = "application/problem+json"


def problem(
    *,
    request: HttpRequest | None,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    errors: list[dict[str, Any]] | None = None,
    retryable: bool = False,
    charged: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of an error answer, as `design.md` names its members."""
    return {
        "type": f"{settings.SITE_URL}/developers/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "errors": errors or [],
        "retryable": retryable,
        "charged": charged,
        "request_id": getattr(request, "request_id", ""),
        **(extra or {}),
    }


def problem_response(request: HttpRequest, *, status: int, code: str, title: str, **rest: Any) -> JsonResponse:
    """An error answer outside of the REST framework: unknown addresses, CSRF refusals, crashes."""
    body = problem(request=request, status=status, code=code, title=title, **rest)
    return JsonResponse(body, status=status, content_type=PROBLEM_JSON, json_dumps_params={"ensure_ascii": False})


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of the REST framework. None lets a bug fly to the error log and a plain 500."""
    request = context.get("request")
    underlying: HttpRequest | None = getattr(request, "_request", request)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        exc = BodyTooLarge(limit_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if isinstance(exc, DomainError):
        body = problem(
            request=underlying,
            status=exc.status,
            code=exc.code,
            title=str(exc.title),
            detail=str(exc.detail),
            errors=[error.as_dict() for error in exc.errors],
            retryable=exc.retryable,
            extra=exc.extra,
        )
        headers = exc.headers
    elif isinstance(exc, exceptions.APIException):
        body = _framework_problem(exc, underlying)
        headers = _framework_headers(exc)
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=PROBLEM_JSON)


FRAMEWORK_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "malformed_json",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "invalid_credentials",
    exceptions.PermissionDenied: "missing_scope",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}


def _framework_problem(exc: exceptions.APIException, request: HttpRequest | None) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        return problem(
            request=request,
            status=422,
            code="invalid_input",
            title=_("Some fields need attention"),
            errors=[error.as_dict() for error in field_errors(exc.detail)],
        )
    codes = exc.get_codes()
    code = next((code for kind, code in FRAMEWORK_CODES.items() if isinstance(exc, kind)), str(codes))
    return problem(
        request=request,
        status=exc.status_code,
        code=code,
        title=str(exc.default_detail),
        detail=str(exc.detail),
        retryable=isinstance(exc, exceptions.Throttled),
    )


def _framework_headers(exc: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    return headers


def field_errors(detail: Any, *, field: Any = None, pointer: str = "") -> list[FieldError]:
    """Flatten the framework's nested validation errors into one entry per wrong field.

    With the serializer as `field`, a wrong choice comes with the values that are allowed.
    """
    if isinstance(detail, Mapping):
        found: list[FieldError] = []
        for name, inner in detail.items():
            if name == "non_field_errors":
                found += field_errors(inner, field=field, pointer=pointer)
                continue
            step = str(name).replace("~", "~0").replace("/", "~1")
            found += field_errors(inner, field=_inner_field(field, name), pointer=f"{pointer}/{step}")
        return found
    if isinstance(detail, list):
        found = []
        for index, inner in enumerate(detail):
            if isinstance(inner, Mapping | list):
                found += field_errors(inner, field=_inner_field(field, index), pointer=f"{pointer}/{index}")
            else:
                found += field_errors(inner, field=field, pointer=pointer)
        return found
    code = getattr(detail, "code", "invalid")
    allowed = list(field.choices) if code == "invalid_choice" and field is not None else None
    return [FieldError(pointer or "/", str(detail), code, allowed)]


def _inner_field(field: Any, name: Any) -> Any:
    fields = getattr(field, "fields", None)
    return getattr(field, "child", None) if fields is None else fields.get(name)
