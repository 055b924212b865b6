"""Answers for load balancers and monitoring: the process lives, the process can work, the figures."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from neuralbox.core import metrics
from neuralbox.core.rate_limits import client_address


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all. Touches nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 when all that a request may need is there; else 503, with the kind of error beside what failed."""
    checks = {name: _outcome(check) for name, check in _CHECKS.items()}
    healthy = all(outcome == "ok" for outcome in checks.values())
    answer = {"status": "ok" if healthy else "unavailable", "checks": checks}
    return JsonResponse(answer, status=200 if healthy else 503)


@require_safe
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for the addresses in `METRICS_ALLOWED` alone; for all others the page does not exist."""
    if not _may_see_figures(request):
        return HttpResponseNotFound()
    text, content_type = metrics.exposition()
    return HttpResponse(text, content_type=content_type)


def _may_see_figures(request: HttpRequest) -> bool:
    """A proxy that we were not told of must not lend its own address to the whole world."""
    if "X-Forwarded-For" in request.headers and not settings.TRUSTED_PROXIES:
        return False
    address = client_address(request)
    return address is not None and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in settings.METRICS_ALLOWED
    )


def _outcome(check: Callable[[], None]) -> str:
    """ "ok", or the error's type: its text could carry an address or a name that outsiders need not know."""
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    caches["default"].get("readyz")


def _storage() -> None:
    default_storage.exists("readyz")


_CHECKS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "storage": _storage}
