"""What a session must have proven before it may open the back office."""

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

MFA = "mfa"


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this very session has passed a second factor."""
    return any(record.get("method") == MFA for record in get_authentication_records(request, request.user))


def may_enter(request: HttpRequest) -> bool:
    """Staff with a second factor of this session. `STAFF_NEED_SECOND_FACTOR` is switched off for tests alone."""
    return has_second_factor(request) or not settings.STAFF_NEED_SECOND_FACTOR


def note_second_factor(request: HttpRequest, factor: Authenticator) -> None:
    """This session has just passed `factor`. It gets another key: what was known of it before is worth nothing."""
    request.session.cycle_key()
    record_authentication(request, factor.user, MFA, id=factor.pk, type=factor.type)
