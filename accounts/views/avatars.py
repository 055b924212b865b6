"""Pictures of people, by signed links."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import avatar_links
from neuralbox.core.storage import store


@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """404 for a link that is not ours, is old, or names a picture that has been deleted."""
    key = avatar_links.key_of(token)
    if key is None:
        raise Http404
    try:
        with store().open_file(key) as file:
            response = HttpResponse(file.read(), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = "private, max-age=86400"
    response["Content-Disposition"] = "inline"
    return response
