"""Notes the calls that programs make."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.services import api_calls
from neuralbox.core.rate_limits import client_address


class ApiCallMiddleware:
    """Notes each call that an API key has authenticated: route, outcome and time; nothing of what was sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        api_key_id = getattr(request, "api_key_id", None)
        if api_key_id is not None:
            match = request.resolver_match
            api_calls.note(
                api_calls.Call(
                    api_key_id=api_key_id,
                    method=str(request.method)[:8],
                    route=f"/{match.route if match else ''}"[:150],
                    status=response.status_code,
                    milliseconds=int((time.perf_counter() - began) * 1000),
                    ip=client_address(request),
                )
            )
        return response
