"""The download of an archive, by its signed link."""

import time

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from legal import links
from neuralbox.core import storage
from neuralbox.core.errors import DomainError
from neuralbox.core.file_responses import file_response
from neuralbox.core.problems import problem_response

PRESIGNED_SECONDS = 900


@require_safe
@never_cache
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """Straight from the store where it has links of its own, else from here. 404 forged, 410 expired."""
    try:
        part = links.part_behind(token)
    except DomainError as refusal:
        return _refused(request, refusal)
    name = f"neuralbox-{part.export.created_at:%Y-%m-%d}-{part.number}.zip"
    disposition = f'attachment; filename="{name}"'
    address = storage.store().presigned(
        part.storage_key,
        mime="application/zip",
        disposition=disposition,
        issued_at=int(time.time()),
        lifetime=PRESIGNED_SECONDS,
    )
    if address:
        return HttpResponseRedirect(address)
    try:
        file = storage.store().open_file(part.storage_key)
    except FileNotFoundError:
        return _refused(request, links.ArchiveLinkExpired())
    return file_response(
        request,
        file,
        {
            "Content-Type": "application/zip",
            "Content-Disposition": disposition,
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        },
    )


def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponseBase:
    return problem_response(request, status=refusal.status, code=refusal.code, title=str(refusal.title))
