"""The door that serves files of the local store to whoever has a signed link. Needs no cookie and no key."""

import time

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.errors import NothingToDownload
from generations.models import Upload
from generations.services import archives, links
from neuralbox.core import storage
from neuralbox.core.file_responses import file_response, made_response
from neuralbox.core.problems import problem_response

_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@require_safe
def serve(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file that the link names. 404 for a link that is not ours or whose file is gone, 410 after its time."""
    try:
        target = links.read(token)
        file = storage.store().open_file(target.key)
    except (links.InvalidLink, FileNotFoundError):
        return _not_found(request)
    except links.ExpiredLink:
        return _expired(request)
    remaining = max(0, target.expires_at - int(time.time()))
    return file_response(
        request,
        file,
        {
            "Content-Type": target.mime,
            "Content-Disposition": target.disposition,
            "Cache-Control": f"private, max-age={remaining}, no-transform",
            **_HARMLESS,
        },
    )


@require_safe
def handed(request: HttpRequest, token: str) -> HttpResponseBase:
    """An upload for the provider that works with it, of either store. 404 and 410 as above."""
    try:
        upload = Upload.objects.filter(pk=links.handed(token)).first()
        file = storage.store().open_file(upload.storage_key) if upload else None
    except (links.InvalidLink, FileNotFoundError):
        return _not_found(request)
    except links.ExpiredLink:
        return _expired(request)
    if upload is None or file is None:
        return _not_found(request)
    shown, disposition = links.presentation(upload.mime, f"{upload.pk}", download=True)
    headers = {"Content-Type": shown, "Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return file_response(request, file, {**headers, **_HARMLESS})


@require_safe
def archive(request: HttpRequest, token: str) -> HttpResponseBase:
    """Several results as one ZIP, made while it is sent. 404 and 410 as above."""
    try:
        found = archives.opened(token)
    except (links.InvalidLink, NothingToDownload):
        return _not_found(request)
    except links.ExpiredLink:
        return _expired(request)
    shown, disposition = links.presentation("application/zip", found.name, download=True)
    headers = {"Content-Type": shown, "Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return made_response(request, found.pieces, {"Content-Length": str(found.length), **headers, **_HARMLESS})


def _not_found(request: HttpRequest) -> HttpResponse:
    return problem_response(request, status=404, code="not_found", title=_("Not found"))


def _expired(request: HttpRequest) -> HttpResponse:
    return problem_response(request, status=410, code="link_expired", title=_("This link has expired"))
