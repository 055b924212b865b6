"""Request ids on every answer, and the content security policy with its two exceptions."""

import re
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

from neuralbox.core import ids

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RequestIdMiddleware:
    """Gives each request an id, or keeps a well-formed `X-Request-ID`, and returns it in the answer."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _ACCEPTED_ID.fullmatch(offered) else str(ids.new())
        request.request_id = request_id  # type: ignore[attr-defined]
        if iscoroutinefunction(self.get_response):
            return self._answer_later(request, request_id)
        response: HttpResponse = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response

    async def _answer_later(self, request: HttpRequest, request_id: str) -> HttpResponse:
        response: HttpResponse = await self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class RequestLogMiddleware(RequestMiddleware):
    """Logs requests without their parameters: codes of sign-ins, tokens of letters and searches stand in those."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


class SitePolicyMiddleware(CSPMiddleware):
    """The strict policy everywhere but in two places whose libraries cannot live under it.

    Unfold's scripts (the admin) evaluate expressions and set inline styles; Swagger UI (the API
    documentation) sets inline styles. Both load only our own files.
    """

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> Any:
        parts = super().get_policy_parts(request, response, report_only)
        path = request.path_info
        if path.startswith("/admin/"):
            parts.nonce = None
            parts.replace = {
                "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
                **(parts.replace or {}),
            }
        elif path.startswith("/api/docs"):
            parts.replace = {"style-src": [SELF, UNSAFE_INLINE], **(parts.replace or {})}
        return parts
