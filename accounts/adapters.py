"""How allauth's sign-in behaves here: people join by a login provider or not at all, and we keep four things of it."""

import functools
import logging
import secrets
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language

from accounts import joining, linking, sealed
from accounts.errors import EmailTaken
from accounts.login_problems import BLOCK_REASON, BLOCK_REASON_SECONDS, Problem, page_of
from accounts.models import User
from accounts.services import announcements, users
from legal.models import DeletionRequest
from legal.services import deletions
from neuralbox.core import http

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Closes local sign-up on every door: its pages, its JSON endpoints, and what calls them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """None between a provider and the site. The second factor of staff guards the back office, not the site."""
        return []

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "you have signed in" message: it would only make one more cookie, with the person's name in it."""

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Who comes back while their account waits to be deleted may keep it; who is blocked is told why."""
        closing = deletions.of(user)
        if user.blocked_at is None and closing and closing.status == DeletionRequest.Status.SCHEDULED:
            return HttpResponseRedirect(announcements.keeping_link(closing.pk))
        if user.blocked_at and not request.user.is_authenticated:
            request.session[BLOCK_REASON] = user.block_reason
            request.session.set_expiry(BLOCK_REASON_SECONDS)
        return HttpResponseRedirect(page_of(Problem.BLOCKED))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are sealed: a copy of the database opens no door."""

    def encrypt(self, text: str) -> str:
        return sealed.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealed.unseal(encrypted_text)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Lets people join, by proven addresses only, and drops what the privacy policy does not name (P1)."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Only after the statement about age and documents; `pre_social_login` asks for it."""
        return joining.statement_of(request) is not None

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Never, whatever the settings say: an address is no key to an account."""
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        return None

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """43 characters: VK ID wants 32 at least."""
        return secrets.token_urlsafe(32)

    def get_requests_session(self) -> requests.Session:
        """The site's own client: never a private address, always a timeout, and no long silence."""
        session = http.session(trusted_base_urls=filter(None, settings.LOGIN_BASE_URLS.values()))
        session.request = functools.partial(  # type: ignore[method-assign]
            session.request, timeout=settings.SOCIALACCOUNT_REQUESTS_TIMEOUT, allow_redirects=False
        )
        return session

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Back to the page that the person came from, with what went wrong in plain words. Logs no answer's text."""
        state = (extra_context or {}).get("state")
        problem = _problem(error, exception, state)
        logger.info("sign-in failed: %s %s (%s)", provider.sub_id, problem, type(exception).__name__)
        page = linking.PAGE if linking.of(state) else "/login"
        raise ImmediateHttpResponse(HttpResponseRedirect(page_of(problem, login=provider.sub_id, page=page)))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Runs before anything is stored, for new and for known accounts: the place to drop the rest."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("name") or "", f"{data.get('first_name') or ''} {data.get('last_name') or ''}")
        user.name = next((part.strip() for part in parts if part.strip()), data.get("username") or "")[:150]
        picture = sociallogin.account.get_avatar_url() or ""
        sociallogin.email_addresses = [address for address in sociallogin.email_addresses if address.verified]
        user.email = sociallogin.email_addresses[0].email if sociallogin.email_addresses else None
        kept = {"name": user.name, "email": user.email or "", "avatar": picture}
        sociallogin.account.extra_data = {field: value for field, value in kept.items() if value}
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Known people go on. New ones are asked for their statement first, and nothing of them is kept without it.

        An address that an account here already has is no key to that account: its owner signs in and connects.
        """
        # Providers' tokens are of no use to us once the profile has been read.
        sociallogin.token = None
        if wish := linking.of(sociallogin.state):
            raise ImmediateHttpResponse(linking.finish(request, wish, sociallogin))
        if sociallogin.is_existing:
            return
        proven = [User.objects.normalize_email(address.email) for address in sociallogin.email_addresses]
        if User.objects.filter(email__in=proven).exists():
            raise ImmediateHttpResponse(HttpResponseRedirect(page_of(Problem.EMAIL_TAKEN)))
        if joining.statement_of(request) is None:
            raise ImmediateHttpResponse(joining.ask(request, sociallogin))

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """A person joins: through the one service that creates people."""
        met: User = sociallogin.user
        language = (get_language() or "")[:2]
        try:
            user = users.join(
                email=met.email, name=met.name, language=language, statement=joining.statement_of(request)
            )
        except EmailTaken as taken:
            raise ImmediateHttpResponse(HttpResponseRedirect(page_of(Problem.EMAIL_TAKEN))) from taken
        sociallogin.user = user
        sociallogin.save(request)
        return user


def _problem(error: str | None, exception: Exception | None, state: object) -> Problem:
    if state is None:
        return Problem.EXPIRED
    if error == AuthError.CANCELLED:
        return Problem.CANCELLED
    if isinstance(exception, requests.ConnectionError | requests.Timeout | requests.HTTPError):
        return Problem.UNAVAILABLE
    return Problem.FAILED
