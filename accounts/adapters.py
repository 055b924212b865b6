"""How allauth's sign-in behaves here: people join by a login provider or not at all, and we keep four things of it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language

from accounts.errors import EmailTaken
from accounts.models import User
from accounts.services import users

EMAIL_TAKEN_URL = "/login?error=email_taken"
BLOCKED_URL = "/login?error=blocked"


class AccountAdapter(DefaultAccountAdapter):
    """Closes local sign-up on every door: its pages, its JSON endpoints, and what calls them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "you have signed in" message: it would only make one more cookie, with the person's name in it."""

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return HttpResponseRedirect(BLOCKED_URL)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Lets people join, by proven addresses only, and drops what the privacy policy does not name (P1)."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Runs before anything is stored, for new and for known accounts: the place to drop the rest."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("name") or "", f"{data.get('first_name') or ''} {data.get('last_name') or ''}")
        user.name = next((part.strip() for part in parts if part.strip()), data.get("username") or "")[:150]
        avatar = sociallogin.account.get_avatar_url() or ""
        user.avatar = avatar if avatar.startswith("https://") and len(avatar) <= 500 else ""
        sociallogin.email_addresses = [address for address in sociallogin.email_addresses if address.verified]
        user.email = sociallogin.email_addresses[0].email if sociallogin.email_addresses else None
        kept = {"name": user.name, "email": user.email or "", "avatar": user.avatar}
        sociallogin.account.extra_data = {field: value for field, value in kept.items() if value}
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """An address that an account here already has is no key to that account: its owner signs in and connects."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        proven = [User.objects.normalize_email(address.email) for address in sociallogin.email_addresses]
        if User.objects.filter(email__in=proven).exists():
            raise ImmediateHttpResponse(HttpResponseRedirect(EMAIL_TAKEN_URL))

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """A person joins: through the one service that creates people."""
        met: User = sociallogin.user
        language = (get_language() or "")[:2]
        try:
            user = users.join(email=met.email, name=met.name, avatar=met.avatar, language=language)
        except EmailTaken as taken:
            raise ImmediateHttpResponse(HttpResponseRedirect(EMAIL_TAKEN_URL)) from taken
        sociallogin.user = user
        sociallogin.save(request)
        return user
