"""Between a first arrival from a login provider and an account lies one page: the statement.

Until it is given, what the provider said waits in the visitor's session, for half an hour at most, and nowhere else.
"""

from typing import cast

from allauth.account.models import EmailAddress
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.models import User
from accounts.services.users import Statement

PAGE = "/login/welcome"
PATIENCE_SECONDS = 30 * 60
_WAITING = "joining"
_STATEMENT = "joining_statement"


def ask(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """Keep `login` for a while, and send the visitor to the statement."""
    account = login.account
    request.session[_WAITING] = {"provider": account.provider, "uid": account.uid, "kept": account.extra_data}
    request.session.set_expiry(PATIENCE_SECONDS)
    return HttpResponseRedirect(PAGE)


def waiting(request: HttpRequest) -> SocialLogin | None:
    """Who waits in this session for their statement."""
    packed = request.session.get(_WAITING)
    if packed is None:
        return None
    kept: dict[str, str] = packed["kept"]
    account = SocialAccount(provider=packed["provider"], uid=packed["uid"], extra_data=kept)
    # Addresses that are not proven have not come this far.
    email = kept.get("email")
    addresses = [EmailAddress(email=email, verified=True, primary=True)] if email else []
    login = SocialLogin(user=User(name=kept.get("name", ""), email=email), account=account, email_addresses=addresses)
    login.state = {"next": settings.LOGIN_REDIRECT_URL, "process": AuthProcess.LOGIN}
    return login


def finish(request: HttpRequest, login: SocialLogin, statement: Statement) -> HttpResponse:
    """The visitor has stated what is needed: the account is made, and they are signed in."""
    request.session.pop(_WAITING, None)
    setattr(request, _STATEMENT, statement)
    return cast(HttpResponse, complete_social_login(request, login))


def refuse(request: HttpRequest) -> None:
    """Nothing of the visitor stays, the session's row included."""
    request.session.flush()


def statement_of(request: HttpRequest) -> Statement | None:
    """What was stated in this very request."""
    return getattr(request, _STATEMENT, None)
