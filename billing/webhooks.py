"""The addresses that gateways call. No session, no CSRF token: each call proves itself, or is refused."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from billing.gateways.base import RawNotification
from billing.services import notifications
from neuralbox.core.problems import problem_response
from neuralbox.core.rate_limits import client_address

LARGEST_BODY = 256 * 1024


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, gateway: str) -> HttpResponse:
    """Answered in the words that this gateway waits for. 404 for a gateway that is not in use here."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        return problem_response(request, status=413, code="too_large", title=_("The body is too large"))
    raw = RawNotification(
        method=str(request.method),
        query=request.META.get("QUERY_STRING", ""),
        headers=request.headers,
        body=request.body,
        peer=client_address(request) or "",
    )
    try:
        answer = notifications.receive(gateway, raw)
    except KeyError:
        return problem_response(request, status=404, code="not_found", title=_("Not found"))
    return HttpResponse(
        answer.body, status=answer.status, content_type=answer.content_type, headers=dict(answer.headers)
    )
