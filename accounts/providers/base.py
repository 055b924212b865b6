"""What the six logins share: addresses that the settings may move, and answers that are read once, strictly."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import ProviderAccount, ProviderException
from django.conf import settings
from django.http import HttpRequest

LONGEST_UID = 191
LONGEST_ADDRESS = 500
# What an answer that is not what its documentation says makes of the library's code and of ours.
UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, IndexError)


class UnreadableAnswer(ProviderException):
    """The provider answered, but not with what its documentation promises. The sign-in fails, nothing is kept."""


@dataclass(frozen=True, slots=True)
class Profile:
    """All that we take from a login provider (P1).

    `email` is an address that the provider has proven to be this person's, or empty: others are dropped.
    """

    uid: str
    name: str = ""
    email: str = ""
    picture: str = ""

    def __post_init__(self) -> None:
        if not self.uid or len(self.uid) > LONGEST_UID:
            raise UnreadableAnswer("no usable id")


class Address:
    """An address of a provider, read when it is used: `<NAME>_BASE_URL` replaces its scheme and host."""

    def __init__(self, login: str, url: str) -> None:
        self.login = login
        self.url = url

    def __get__(self, instance: object, owner: type | None = None) -> str:
        base = settings.LOGIN_BASE_URLS.get(self.login, "")
        return f"{base}{urlsplit(self.url).path}" if base else self.url


class PictureAccount(ProviderAccount):
    """An account of which four things are kept."""

    def get_avatar_url(self) -> str:
        return str(self.account.extra_data.get("avatar", ""))

    def get_profile_url(self) -> None:
        return None


class ReadsStrictly:
    """For adapters: whatever an unexpected answer breaks is a failed sign-in, not a failed page."""

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        return self._strictly("get_access_token_data", *args, **kwargs)

    def parse_token(self, *args: Any, **kwargs: Any) -> Any:
        return self._strictly("parse_token", *args, **kwargs)

    def complete_login(self, *args: Any, **kwargs: Any) -> Any:
        return self._strictly("complete_login", *args, **kwargs)

    def _strictly(self, name: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(*args, **kwargs)
        except UNREADABLE as error:
            raise UnreadableAnswer(type(error).__name__) from error


class TakesFourThings:
    """For provider classes: `read` makes a Profile of the answer, and nothing else of it goes any further."""

    account_class: ClassVar[type] = PictureAccount
    # Added to the address of the provider's page when a sign-in must be fresh.
    again_params: ClassVar[dict[str, str]] = {}

    def read(self, answer: Any) -> Profile:
        raise NotImplementedError

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        profile = self.read(response)
        login: SocialLogin = super().sociallogin_from_response(request, profile)  # type: ignore[misc]
        return login

    def extract_uid(self, data: Profile) -> str:
        return data.uid

    def extract_extra_data(self, data: Profile) -> dict[str, str]:
        picture = data.picture if len(data.picture) <= LONGEST_ADDRESS else ""
        kept = {"name": data.name[:150], "email": data.email, "avatar": picture}
        return {field: value for field, value in kept.items() if value}

    def extract_common_fields(self, data: Profile) -> dict[str, str]:
        return {"name": data.name, "email": data.email}

    def extract_email_addresses(self, data: Profile) -> list[EmailAddress]:
        return [EmailAddress(email=data.email, verified=True, primary=True)] if data.email else []


def text(value: object) -> str:
    """A field that should be text: anything else counts as absent."""
    return value.strip() if isinstance(value, str) else ""


def full_name(*parts: object) -> str:
    return " ".join(found for part in parts if (found := text(part)))


def uid_of(value: object) -> str:
    """An id that providers send as text or as a number; empty when it is neither."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
