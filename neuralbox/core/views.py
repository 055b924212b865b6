"""Answers that belong to no app: unknown addresses, refusals before a view, crashes; as pages and as JSON."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from neuralbox.core.problems import problem_response


def _failure(request: HttpRequest, status: int, code: str, title: str) -> HttpResponse:
    if request.path_info.startswith(("/api/", "/webhooks/")):
        return problem_response(request, status=status, code=code, title=title)
    return render(request, "error.html", {"status": status, "code": code, "title": title}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 400, "bad_request", _("The request could not be understood"))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 403, "forbidden", _("This is not open to you"))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 404, "not_found", _("Not found"))


def server_error(request: HttpRequest) -> HttpResponse:
    return _failure(request, 500, "internal_error", _("Something broke on our side"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _failure(request, 403, "csrf_failed", _("The form has expired: reload the page and try again"))
