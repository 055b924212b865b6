"""Pages about privacy: documents with their history, promises, the privacy center, and security.txt."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from legal import rendering, selectors
from legal.models import DocumentVersion
from legal.services import deletions, registers, retention
from neuralbox.core import personal_data
from neuralbox.core.errors import NotFound
from neuralbox.pages import promises

SECURITY_TXT_LIFETIME = timedelta(days=180)


def _version(slug: str, number: int | None = None) -> DocumentVersion:
    """The version in force, or the published one of that number. Raises Http404."""
    try:
        if number is None:
            return selectors.in_force(slug)
    except NotFound as error:
        raise Http404 from error
    found = selectors.published(slug).filter(number=number).first()
    if found is None:
        raise Http404
    return found


@require_safe
def document(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The text in force; with a number, that version of it."""
    version = _version(slug, number)
    current = _version(slug)
    context = {
        "version": version,
        "is_current": version.pk == current.pk,
        "is_coming": version.effective_at > timezone.now(),
        "text": rendering.html(version.body),
        "documents": selectors.current_documents(),
        "coming": selectors.published(slug).filter(effective_at__gt=timezone.now()).last(),
    }
    return render(request, "pages/legal/document.html", context)


@require_safe
def document_history(request: HttpRequest, slug: str) -> HttpResponse:
    """All versions; `?from=1&to=2` shows what changed between two of them, word by word."""
    versions = list(selectors.published(slug))
    if not versions:
        raise Http404
    newest = versions[0].number
    before = _number(request, "from", versions[1].number if len(versions) > 1 else newest)
    after = _number(request, "to", newest)
    old, new = _version(slug, before), _version(slug, after)
    context = {
        "versions": versions,
        "current": _version(slug),
        "old": old,
        "new": new,
        "difference": rendering.difference(old.body, new.body) if old.pk != new.pk else "",
        "documents": selectors.current_documents(),
    }
    return render(request, "pages/legal/history.html", context)


def _number(request: HttpRequest, name: str, default: int) -> int:
    asked = request.GET.get(name, "")
    if not asked:
        return default
    if not (asked.isascii() and asked.isdigit() and len(asked) < 6):
        raise Http404
    return int(asked)


def _spoken(days: int) -> str:
    """«6 лет», and days where it is no whole number of years."""
    if days % 365 == 0:
        return ngettext("%(years)d year", "%(years)d years", days // 365) % {"years": days // 365}
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


@require_safe
def promises_page(request: HttpRequest) -> HttpResponse:
    """Each promise, what keeps it and how its tests went; the periods and the recipients of this installation."""
    rules = [
        {"rule": rule, "period": _spoken(retention.period(rule).days)}
        for rule in personal_data.rules().values()
        if not rule.kind.startswith("legal.")
    ]
    context = {
        "rows": promises.rows(),
        "report": promises.report(),
        "rules": rules,
        "recipients": [row for row in registers.recipient_rows() if row["is_used"]],
        "documents": selectors.current_documents(),
    }
    return render(request, "pages/legal/promises.html", context)


@require_safe
def privacy_center(request: HttpRequest) -> HttpResponse:
    """A shell: the browser fills it through the API."""
    context = {"email": settings.SUPPORT_EMAIL, "grace_days": deletions.GRACE.days}
    response = render(request, "pages/legal/privacy_center.html", context)
    patch_cache_control(response, no_store=True, private=True)
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def keep_account(request: HttpRequest) -> HttpResponse:
    """Where the link of the letter leads: one button that keeps the account. The token is the proof, not a cookie."""
    token = (request.POST if request.method == "POST" else request.GET).get("token", "")
    open_request = deletions.by_letter(token)
    state = "open" if open_request else "over"
    if request.method == "POST" and open_request:
        deletions.cancel_by_letter(token)
        state = "kept"
    context = {"state": state, "token": token, "request_row": open_request, "email": settings.SUPPORT_EMAIL}
    response = render(request, "pages/legal/keep_account.html", context, status=410 if state == "over" else 200)
    patch_cache_control(response, no_store=True, private=True)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: where to tell us about a weakness."""
    expires = (timezone.now() + SECURITY_TXT_LIFETIME).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: mailto:{settings.SUPPORT_EMAIL}",
        f"Expires: {expires.strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: ru, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        f"Policy: {settings.SITE_URL}/promises",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
