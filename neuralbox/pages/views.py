"""Pages. Public ones are complete as served; personal ones are shells that the browser fills through the API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from accounts import login_names, login_problems
from accounts.models import SupportMessage
from accounts.notice_settings import GROUPS
from accounts.views.sign_in import ANONYMOUS_SECONDS
from neuralbox.pages import catalogue, comparison, errors_table, gallery, service, wording
from neuralbox.pages.token_prices import TokenPrices


class _ScriptWords(JavaScriptCatalog):
    """The words of our own scripts only: without this, those of every installed app come along."""

    packages: list[str] | None = ["neuralbox.pages"]

    def get_paths(self, packages: Sequence[str]) -> list[str]:
        return [str(path) for path in settings.LOCALE_PATHS]


_script_words = _ScriptWords.as_view()


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    models = catalogue.models()
    prices = TokenPrices()
    return render(
        request,
        "pages/landing.html",
        {
            "works": gallery.works({card["slug"]: card["name"] for card in models}),
            "modalities": catalogue.offered_modalities(models),
            "cheapest": [
                (kind, card["pricing"]["from_tokens"], prices.about(card["pricing"]["from_tokens"]))
                for kind, card in catalogue.cheapest_by_modality(models)
            ],
            "welcome_tokens": settings.WELCOME_TOKENS,
        },
    )


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Search and kind are in the address, so a filtered list can be sent to a friend."""
    names = {"query": "q", "modality": "kind", "task": "task", "provider": "provider", "price": "price"}
    wanted = catalogue.Wanted(**{name: request.GET.get(asked, "").strip()[:100] for name, asked in names.items()})
    everything = catalogue.models()
    of_kind = [card for card in everything if not wanted.modality or card["modality"] == wanted.modality]
    found = catalogue.matching(everything, wanted)
    return render(
        request,
        "pages/models.html",
        {
            "groups": catalogue.by_modality(found),
            "modalities": catalogue.offered_modalities(everything),
            "wanted": wanted,
            "tasks": catalogue.task_options(of_kind),
            "providers": catalogue.provider_options(everything),
            "prices": catalogue.price_options(),
            "count": len(found),
        },
    )


@require_safe
def model(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: what it takes, what it costs, who receives the prompt, how to call it. 404 for an unknown slug."""
    card = catalogue.model(slug)
    context = {
        "model": card,
        "fields": catalogue.fields(card),
        "examples": catalogue.spoken_examples(card),
        "samples": catalogue.code_samples(card, site_url=settings.SITE_URL),
        "kind": wording.MODALITIES[card["modality"]],
        "tasks": catalogue.task_options([card]),
        "who": catalogue.who(card),
        "measured_seconds": catalogue.measured_seconds(slug),
    }
    return render(request, "pages/model.html", context)


@require_safe
def create(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The form is drawn in the browser from the model's schema. The first model comes whole, others when chosen."""
    chosen = catalogue.model(slug) if slug else None
    models = catalogue.models()
    kind = request.GET.get("kind", "")
    first = chosen or next((card for card in models if card["modality"] == kind), models[0] if models else None)
    return render(
        request,
        "pages/create.html",
        {
            "models": [catalogue.brief(card) for card in models],
            "first": first,
            "tasks": {option.value: option.name for option in catalogue.task_options(models)},
            "waits": catalogue.waits(),
            "countries": {code: str(name) for code, name in wording.COUNTRIES.items()},
            "modalities": catalogue.offered_modalities(models),
            "slug": slug,
        },
    )


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four models on one prompt. Models that need more than words are not offered here."""
    models = comparison.models(catalogue.models())
    context = {
        "models": [catalogue.brief(card) for card in models],
        "modalities": catalogue.offered_modalities(models),
        "waits": catalogue.waits(),
        "most": comparison.MOST,
    }
    return render(request, "pages/compare.html", context)


def _shell(request: HttpRequest, template: str, context: dict[str, Any] | None = None) -> HttpResponse:
    response = render(request, template, context or {})
    patch_cache_control(response, no_store=True, private=True)
    return response


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    models = catalogue.models()
    context = {
        "models": [catalogue.brief(card) for card in models],
        "ideas": catalogue.ideas(models, most=3),
        "modalities": catalogue.offered_modalities(models),
    }
    return _shell(request, "pages/history.html", context)


@require_safe
def generation(request: HttpRequest, generation_id: UUID) -> HttpResponse:
    models = catalogue.models()
    context = {
        "generation_id": generation_id,
        "models": [catalogue.brief(card) for card in models],
        "providers": catalogue.provider_names(models),
    }
    return _shell(request, "pages/generation.html", context)


@require_safe
def wallet(request: HttpRequest) -> HttpResponse:
    cheapest = catalogue.cheapest_by_modality(catalogue.models())
    return _shell(request, "pages/wallet.html", {"cheapest": cheapest})


@require_safe
def payment(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Where gateways send people back to, and where a payment's receipts and refunds are."""
    return _shell(request, "pages/pay.html", {"payment_id": payment_id})


@require_safe
@ensure_csrf_cookie
def profile(request: HttpRequest) -> HttpResponse:
    """Logins are added by a form to the provider, and `?added=` or `?error=` tells how that went."""
    added = request.GET.get("added", "")
    context = {
        "logins": login_names.offered(),
        "problem": login_problems.text_of(request.GET.get("error", ""), request.GET.get("with", "")),
        "added": login_names.name_of(added) if added in login_names.NAMES else "",
    }
    return _shell(request, "pages/profile.html", context)


@require_safe
def confirm_email(request: HttpRequest) -> HttpResponse:
    """Where the letter to a new address leads. What proves it stands behind the `#`: it reaches scripts only."""
    return _shell(request, "pages/profile_email.html")


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    return _shell(request, "pages/profile_devices.html")


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    return _shell(request, "pages/profile_keys.html")


@require_safe
def key(request: HttpRequest, api_key_id: UUID) -> HttpResponse:
    return _shell(request, "pages/profile_key.html", {"api_key_id": api_key_id})


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    groups = [(name, label) for name, (label, _kinds) in GROUPS.items()]
    return _shell(request, "pages/profile_notices.html", {"groups": groups})


@require_safe
@ensure_csrf_cookie
def login(request: HttpRequest) -> HttpResponse:
    """`?next=` is kept in the session, because the way through a login provider keeps nothing else."""
    wanted, error = request.GET.get("next", ""), request.GET.get("error", "")
    is_blocked = error == login_problems.Problem.BLOCKED
    if _is_page_of_ours(wanted):
        request.session["wanted_page"] = wanted
        if not request.user.is_authenticated:
            request.session.set_expiry(ANONYMOUS_SECONDS)
    return _shell(
        request,
        "pages/login.html",
        {
            "logins": login_names.offered(),
            "local_mode": settings.LOCAL_MODE,
            "welcome_tokens": settings.WELCOME_TOKENS,
            "problem": login_problems.text_of(error, request.GET.get("with", "")),
            "is_blocked": is_blocked,
            "block_reason": request.session.get(login_problems.BLOCK_REASON, "") if is_blocked else "",
            "again": "again" in request.GET,
            "wanted_page": wanted if _is_page_of_ours(wanted) else "",
        },
    )


@require_safe
@ensure_csrf_cookie
def login_complete(request: HttpRequest) -> HttpResponse:
    """Where every sign-in ends: the browser exchanges its session for access tokens and goes on."""
    return _shell(request, "pages/login_complete.html", {"wanted_page": request.session.get("wanted_page", "")})


def _is_page_of_ours(address: str) -> bool:
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    models = catalogue.models()
    first = next((card for card in models if card["modality"] == "image"), models[0] if models else None)
    samples = catalogue.code_samples(first, site_url=settings.SITE_URL) if first else []
    return render(request, "pages/developers.html", {"samples": samples, "model": first, "site_url": settings.SITE_URL})


@require_safe
def developer_errors(request: HttpRequest) -> HttpResponse:
    """Each error's `type` points to its row here."""
    return render(request, "pages/developer_errors.html", {"errors": errors_table.rows()})


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    return _shell(request, "pages/webhooks.html")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/status.html", {"service": service.now()})


@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """`?topic=` is chosen already, such as by the letter that tells of a block."""
    topics = SupportMessage.Topic.choices
    wanted = request.GET.get("topic", "")
    context = {
        "email": settings.SUPPORT_EMAIL,
        "topics": topics,
        "topic": wanted if wanted in SupportMessage.Topic.values else SupportMessage.Topic.QUESTION,
    }
    return render(request, "pages/support.html", context)


@require_safe
def script_catalog(request: HttpRequest) -> HttpResponseBase:
    """The words of the scripts in the language of the address."""
    response = _script_words(request)
    patch_cache_control(response, public=True, max_age=300)
    return response
