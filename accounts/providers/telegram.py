"""Telegram by OpenID Connect ("Log In With Telegram", core.telegram.org/bots/telegram-login, November 2026).

There is no userinfo address: the ID token is the profile. `id` is the person's number everywhere in Telegram, `sub`
belongs to this login alone. No e-mail. The addresses are those of the documentation, so that no sign-in has to wait
for the discovery document.
"""

from typing import Any, ClassVar

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter

from accounts.providers.base import Address, Profile, ReadsStrictly, TakesFourThings, UnreadableAnswer, text, uid_of

ISSUER = "https://oauth.telegram.org"


class TelegramAdapter(ReadsStrictly, OpenIDConnectOAuth2Adapter):
    authorize_url = Address("telegram", f"{ISSUER}/auth")
    access_token_url = Address("telegram", f"{ISSUER}/token")
    openid_config: ClassVar[dict[str, str]] = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/.well-known/jwks.json"}
    basic_auth = True

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise UnreadableAnswer("no ID token")
        return super().complete_login(request, app, token, **kwargs)


class TelegramLogin(TakesFourThings, OpenIDConnectProvider):
    oauth2_adapter_class = TelegramAdapter

    def read(self, answer: Any) -> Profile:
        claims = answer["id_token"]
        return Profile(
            uid=uid_of(claims.get("id")),
            name=text(claims.get("name")) or text(claims.get("preferred_username")),
            picture=text(claims.get("picture")),
        )
