"""What the logins are called, and which are offered."""

from dataclasses import dataclass

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import Provider
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "google": "Google",
    "yandex": _("Yandex ID"),
    "vk": "VK ID",
    "github": "GitHub",
    "telegram": "Telegram",
    "tiktok": "TikTok",
    "dummy": "Local mode",
}


@dataclass(frozen=True, slots=True)
class Login:
    """A way in that the login page offers."""

    slug: str
    name: str


def name_of(slug: str) -> str:
    return str(NAMES.get(slug, slug))


def offered() -> list[Login]:
    """The logins that are configured and not switched off, in the order of the page."""
    configured = settings.SOCIALACCOUNT_PROVIDERS
    found = []
    for slug in settings.LOGINS:
        provider = configured.get("openid_connect" if slug == "telegram" else slug, {})
        if provider.get("APPS"):
            found.append(Login(slug, name_of(slug)))
    return found


def provider_of(request: HttpRequest, slug: str) -> Provider | None:
    """The library's provider of an offered login; None for any other name."""
    if slug not in settings.LOGINS:
        return None
    try:
        return get_adapter().get_provider(request, slug)
    except SocialApp.DoesNotExist:
        return None
