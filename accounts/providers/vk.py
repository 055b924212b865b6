"""VK ID ("API description", id.vk.com/about/business/go/docs, November 2026).

The address in a profile is one that the person typed there: it never counts as proven, so it is not taken.
"""

import json
from typing import Any, ClassVar

from allauth.socialaccount.providers.vk.provider import VKProvider
from allauth.socialaccount.providers.vk.views import VKOAuth2Adapter
from django.http import HttpRequest, QueryDict

from accounts.providers.base import Address, Profile, ReadsStrictly, TakesFourThings, full_name, text, uid_of

_LONGEST_PAYLOAD = 4096


class VkAdapter(ReadsStrictly, VKOAuth2Adapter):
    authorize_url = Address("vk", "https://id.vk.ru/authorize")
    access_token_url = Address("vk", "https://id.vk.ru/oauth2/auth")
    profile_url = Address("vk", "https://id.vk.ru/oauth2/user_info")


class VkLogin(TakesFourThings, VKProvider):
    oauth2_adapter_class = VkAdapter
    again_params: ClassVar[dict[str, str]] = {"prompt": "login"}

    def read(self, answer: Any) -> Profile:
        return Profile(
            uid=uid_of(answer.get("user_id")),
            name=full_name(answer.get("first_name"), answer.get("last_name")),
            picture=text(answer.get("avatar")),
        )


def unpack_payload(request: HttpRequest) -> None:
    """VK ID may come back with one parameter, `payload`, a JSON object of all the others: make it the usual query."""
    packed = request.GET.get("payload")
    if packed is None or "code" in request.GET or len(packed) > _LONGEST_PAYLOAD:
        return
    try:
        fields = json.loads(packed)
    except ValueError:
        return
    if not isinstance(fields, dict):
        return
    query = QueryDict(mutable=True)
    query.update({str(name): value for name, value in fields.items() if isinstance(value, str)})
    request.GET = query  # type: ignore[assignment]
