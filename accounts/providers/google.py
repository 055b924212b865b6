"""Google: OpenID Connect and userinfo v2 ("OpenID Connect" reference, developers.google.com, November 2026).

The id is `sub`: an address can change hands. The ID token came straight from the token endpoint, so its signature need
not be checked (OpenID Connect Core 1.0, 3.1.3.7); issuer, audience and expiry are.
"""

from typing import Any, ClassVar

from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter

from accounts.providers.base import Address, Profile, ReadsStrictly, TakesFourThings, full_name, text, uid_of


class GoogleAdapter(ReadsStrictly, GoogleOAuth2Adapter):
    authorize_url = Address("google", "https://accounts.google.com/o/oauth2/v2/auth")
    access_token_url = Address("google", "https://oauth2.googleapis.com/token")
    identity_url = Address("google", "https://www.googleapis.com/oauth2/v2/userinfo")


class GoogleLogin(TakesFourThings, GoogleProvider):
    oauth2_adapter_class = GoogleAdapter
    again_params: ClassVar[dict[str, str]] = {"prompt": "select_account"}

    def read(self, answer: Any) -> Profile:
        proven = answer.get("email_verified", answer.get("verified_email")) is True
        return Profile(
            uid=uid_of(answer.get("sub") or answer.get("id")),
            name=text(answer.get("name")) or full_name(answer.get("given_name"), answer.get("family_name")),
            email=text(answer.get("email")) if proven else "",
            picture=text(answer.get("picture")),
        )
