"""Adding a login to an account.

The person is known by the access token that the form sends, not by a cookie. The wish travels in the state of the way
to the provider and back: in the browser's own session, single-use, for ten minutes.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import tokens
from accounts.errors import AccountFrozen, IdentityTaken
from accounts.login_problems import Problem, page_of
from accounts.models import User
from accounts.services import freezes, identities
from accounts.visitors import visitor_of
from neuralbox.core.permissions import RecentSignInRequired, is_recent

PAGE = "/profile"
_KEY = "linking"


@dataclass(frozen=True, slots=True)
class Wish:
    """`user_id` wants one more login; `session_key` is the sign-in that the wish was made in."""

    user_id: UUID
    session_key: str


def begin(access_token: str) -> dict[str, Any]:
    """What to remember in the state.

    Raises TokenExpired, InvalidCredentials, SessionOver, RecentSignInRequired, AccountFrozen.
    """
    user, _claims, session = tokens.read_access_token(access_token)
    if not is_recent(tokens.signed_in_at(session)):
        raise RecentSignInRequired
    freezes.refuse_if_frozen(user.pk)
    return {_KEY: {"user": str(user.pk), "session": str(session.session_key)}}


def of(state: Any) -> Wish | None:
    """The wish that a state carries, if it does."""
    kept = ((state or {}).get("data") or {}).get(_KEY)
    return Wish(UUID(kept["user"]), kept["session"]) if kept else None


def finish(request: HttpRequest, wish: Wish, login: SocialLogin) -> HttpResponse:
    """Link what has just been proven, if the sign-in that wished it still lives."""
    provider = login.account.provider
    user = User.objects.filter(pk=wish.user_id, is_active=True).first()
    if user is None or tokens.session_of(wish.session_key) is None:
        return HttpResponseRedirect(page_of(Problem.EXPIRED))
    proven = login.email_addresses[0].email if login.email_addresses else None
    try:
        identities.link(user=user, account=login.account, email=proven, visitor=visitor_of(request))
    except AccountFrozen:
        return HttpResponseRedirect(page_of(Problem.FROZEN, page=PAGE))
    except IdentityTaken:
        return HttpResponseRedirect(page_of(Problem.IDENTITY_TAKEN, login=provider, page=PAGE))
    return HttpResponseRedirect(f"{PAGE}?added={provider}")
