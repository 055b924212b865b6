"""Yandex ID ("User information", yandex.com/dev/id, November 2026).

Only addresses in Yandex's own domains count as proven: whether Yandex proves others is not documented.
"""

from typing import Any, ClassVar

from allauth.socialaccount.providers.yandex.provider import YandexProvider
from allauth.socialaccount.providers.yandex.views import YandexOAuth2Adapter

from accounts.providers.base import Address, Profile, ReadsStrictly, TakesFourThings, full_name, text, uid_of

OWN_DOMAINS = frozenset(
    {"yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.uz", "yandex.ua", "ya.ru", "narod.ru"}
)
PICTURE = Address("yandex", "https://avatars.yandex.net/get-yapic")


class YandexAdapter(ReadsStrictly, YandexOAuth2Adapter):
    authorize_url = Address("yandex", "https://oauth.yandex.ru/authorize")
    access_token_url = Address("yandex", "https://oauth.yandex.ru/token")
    profile_url = Address("yandex", "https://login.yandex.ru/info")


class YandexLogin(TakesFourThings, YandexProvider):
    oauth2_adapter_class = YandexAdapter
    again_params: ClassVar[dict[str, str]] = {"force_confirm": "yes"}

    def read(self, answer: Any) -> Profile:
        email = text(answer.get("default_email"))
        picture_id = text(answer.get("default_avatar_id"))
        has_picture = picture_id and not answer.get("is_avatar_empty")
        return Profile(
            uid=uid_of(answer.get("id")),
            name=text(answer.get("real_name"))
            or full_name(answer.get("first_name"), answer.get("last_name"))
            or text(answer.get("display_name")),
            email=email if email.rpartition("@")[2].lower() in OWN_DOMAINS else "",
            picture=f"{PICTURE.__get__(self)}/{picture_id}/islands-200" if has_picture else "",
        )
