"""TikTok ("Login Kit for Web", developers.tiktok.com, November 2026). No e-mail; ids belong to one application.

Errors come with status 200 and no data.
"""

from typing import Any, ClassVar

from allauth.socialaccount.providers.tiktok.provider import TikTokProvider
from allauth.socialaccount.providers.tiktok.views import TikTokOAuth2Adapter

from accounts.providers.base import Address, Profile, ReadsStrictly, TakesFourThings, text, uid_of


class TikTokAdapter(ReadsStrictly, TikTokOAuth2Adapter):
    authorize_url = Address("tiktok", "https://www.tiktok.com/v2/auth/authorize/")
    access_token_url = Address("tiktok", "https://open.tiktokapis.com/v2/oauth/token/")
    profile_url = Address("tiktok", "https://open.tiktokapis.com/v2/user/info/")


class TikTokLogin(TakesFourThings, TikTokProvider):
    oauth2_adapter_class = TikTokAdapter
    again_params: ClassVar[dict[str, str]] = {"disable_auto_auth": "1"}

    def read(self, answer: Any) -> Profile:
        return Profile(
            uid=uid_of(answer.get("open_id")),
            name=text(answer.get("display_name")),
            picture=text(answer.get("avatar_url")),
        )
