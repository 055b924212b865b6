"""GitHub ("Authorizing OAuth apps", docs.github.com, November 2026). Errors come with status 200."""

from typing import Any, ClassVar

from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter

from accounts.providers.base import Address, Profile, ReadsStrictly, TakesFourThings, text, uid_of

# Verified, but no mail arrives there.
UNREACHABLE = "@users.noreply.github.com"


class GitHubAdapter(ReadsStrictly, GitHubOAuth2Adapter):
    authorize_url = Address("github", "https://github.com/login/oauth/authorize")
    access_token_url = Address("github", "https://github.com/login/oauth/access_token")
    profile_url = Address("github", "https://api.github.com/user")
    emails_url = Address("github", "https://api.github.com/user/emails")


class GitHubLogin(TakesFourThings, GitHubProvider):
    oauth2_adapter_class = GitHubAdapter
    again_params: ClassVar[dict[str, str]] = {"prompt": "select_account"}

    def read(self, answer: Any) -> Profile:
        return Profile(
            uid=uid_of(answer.get("id")),
            name=text(answer.get("name")) or text(answer.get("login")),
            email=_proven(answer.get("emails") or []),
            picture=text(answer.get("avatar_url")),
        )


def _proven(addresses: list[dict[str, Any]]) -> str:
    """The main one of the addresses that GitHub has verified; empty without one."""
    verified = [
        address
        for address in addresses
        if address.get("verified") is True and not text(address.get("email")).endswith(UNREACHABLE)
    ]
    verified.sort(key=lambda address: address.get("primary") is not True)
    return text(verified[0].get("email")) if verified else ""
