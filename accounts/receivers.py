"""What accounts hear from allauth."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.services import sign_ins
from accounts.visitors import visitor_of
from neuralbox.core import jobs


def note_sign_in(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    login = rest.get("sociallogin")
    provider = login.account.provider if login else "password"
    # Until now the session was that of a stranger, and short.
    request.session.set_expiry(None)
    sign_ins.note_sign_in(user=user, visitor=visitor_of(request), provider=provider)
    if login and login.account.extra_data.get("avatar"):
        jobs.enqueue("accounts.copy_avatar", str(user.pk), provider)
