"""The door that serves files of the local store to whoever has a signed link. Needs no cookie and no key."""

import time

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.services import links
from neuralbox.core import storage
from neuralbox.core.file_responses import file_response
from neuralbox.core.problems import problem_response


@require_safe
def serve(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file that the link names. 404 for a link that is not ours or whose file is gone, 410 after its time."""
    try:
        target = links.read(token)
        file = storage.store().open_file(target.key)
    except (links.InvalidLink, FileNotFoundError):
        return problem_response(request, status=404, code="not_found", title=_("Not found"))
    except links.ExpiredLink:
        return problem_response(request, status=410, code="link_expired", title=_("This link has expired"))
    remaining = max(0, target.expires_at - int(time.time()))
    headers = {
        "Content-Type": target.mime,
        "Content-Disposition": target.disposition,
        "Cache-Control": f"private, max-age={remaining}, no-transform",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return file_response(request, file, headers)
