"""The six login providers: each is offered when its id is in the environment.

`GOOGLE_CLIENT_ID`, `GOOGLE_CLIENT_SECRET` and so on. `LOGIN_DISABLED=google,vk` hides some. `GOOGLE_BASE_URL` sends all
calls of that login to another address, such as an imitation on loopback; local mode only.
"""

from collections.abc import Callable
from typing import Any

LOGINS = ("google", "yandex", "vk", "github", "telegram", "tiktok")
# VK ID's public applications have no secret; the proof key of each sign-in stands in its place.
WITHOUT_SECRET = frozenset({"vk"})

# The least that gives name, e-mail, picture and id. What is not named here is the provider's own minimum.
_SCOPES: dict[str, list[str]] = {
    "google": ["openid", "profile", "email"],
    "yandex": ["login:info", "login:email", "login:avatar"],
    "vk": ["email"],
    "github": ["user:email"],
    "telegram": ["openid", "profile"],
    "tiktok": ["user.info.basic"],
}
# TikTok documents proof keys for mobile and desktop applications only.
_WITHOUT_PKCE = frozenset({"tiktok"})
_CLASSES = {
    "google": "accounts.providers.google.GoogleLogin",
    "yandex": "accounts.providers.yandex.YandexLogin",
    "vk": "accounts.providers.vk.VkLogin",
    "github": "accounts.providers.github.GitHubLogin",
    "telegram": "accounts.providers.telegram.TelegramLogin",
    "tiktok": "accounts.providers.tiktok.TikTokLogin",
}


def configure(read: Callable[[str, str], str]) -> dict[str, Any]:
    """The settings that these logins need. `read(name, default)` reads the environment."""
    disabled = {name.strip() for name in read("LOGIN_DISABLED", "").split(",") if name.strip()}
    half, providers = [], {}
    for login in LOGINS:
        prefix = login.upper()
        client_id, secret = read(f"{prefix}_CLIENT_ID", ""), read(f"{prefix}_CLIENT_SECRET", "")
        if secret and not client_id:
            half.append(f"{prefix}_CLIENT_ID")
        if client_id and not secret and login not in WITHOUT_SECRET:
            half.append(f"{prefix}_CLIENT_SECRET")
        offered = client_id and (secret or login in WITHOUT_SECRET) and login not in disabled
        providers.update(_provider(login, client_id, secret, offered=bool(offered)))
    return {
        "SOCIALACCOUNT_PROVIDERS": providers,
        "LOGINS_MISSING": half,
        "LOGINS_UNKNOWN": sorted(disabled - set(LOGINS)),
        "LOGIN_BASE_URLS": {login: read(f"{login.upper()}_BASE_URL", "").rstrip("/") for login in LOGINS},
    }


def _provider(login: str, client_id: str, secret: str, *, offered: bool) -> dict[str, Any]:
    app = {"client_id": client_id, "secret": secret, "key": ""}
    common = {
        "provider_class": _CLASSES[login],
        "SCOPE": _SCOPES[login],
        "OAUTH_PKCE_ENABLED": login not in _WITHOUT_PKCE,
    }
    if login != "telegram":
        return {login: {**common, "APPS": [app] if offered else []}}
    # Telegram's OpenID Connect goes through the library's general provider, under a name of its own.
    named = {**app, "provider_id": login, "name": "Telegram", "settings": {"fetch_userinfo": False}}
    return {"openid_connect": {**common, "APPS": [named] if offered else []}}
