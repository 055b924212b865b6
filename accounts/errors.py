"""Refusals of accounts."""

from django.utils.translation import gettext_lazy as _

from neuralbox.core.errors import Conflict, DomainError

CHALLENGE = 'Bearer realm="api"'


class Unauthenticated(DomainError):
    """The caller is not who the credentials say. Always with a challenge, as RFC 6750 asks."""

    status = 401
    title = _("Please sign in")

    def __init__(self, detail: object = "", **rest: object) -> None:
        headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
        super().__init__(detail, headers=headers, **rest)  # type: ignore[arg-type]


class InvalidCredentials(Unauthenticated):
    code = "invalid_credentials"
    title = _("These credentials are not valid")


class TokenExpired(Unauthenticated):
    code = "token_expired"
    title = _("The access token has expired: refresh it")


class SessionOver(Unauthenticated):
    code = "session_over"
    title = _("This sign-in has ended: please sign in again")


class RefreshInProgress(DomainError):
    """Another request has just used this refresh token: take the new tokens from where it has put them."""

    code = "refresh_in_progress"
    status = 409
    title = _("The tokens have just been renewed by another tab")
    retryable = True


class MissingScope(DomainError):
    code = "missing_scope"
    status = 403
    title = _("The API key lacks the right to do this")


class PeopleOnly(DomainError):
    code = "people_only"
    status = 403
    title = _("Only a signed-in person can do this, an API key cannot")


class AddressNotAllowed(DomainError):
    code = "address_not_allowed"
    status = 403
    title = _("The API key is not allowed from this address")


class EmailTaken(Conflict):
    code = "email_taken"
    title = _("This address belongs to another account")


class EmailLinkNotValid(DomainError):
    code = "email_link_not_valid"
    status = 422
    title = _("This link is used, too old, or was asked for by another account: ask for a new letter")


class TooManyLetters(DomainError):
    code = "too_many_letters"
    status = 429
    title = _("Enough letters to this address for now: look among the unwanted ones, or try again in an hour")
    retryable = True


class TooManyApiKeys(Conflict):
    code = "too_many_api_keys"
    title = _("You have as many API keys as an account can have")


class LastIdentity(Conflict):
    code = "last_identity"
    title = _("This is your only login: link another one first")


class AlreadyRevoked(Conflict):
    code = "already_revoked"
    title = _("This API key has been revoked")


class NotBlockable(Conflict):
    code = "not_blockable"
    title = _("This account cannot be blocked by you")


class AccountFrozen(DomainError):
    """Staff have frozen the account: `reason` says why, `appeal` is the page to object on."""

    code = "account_frozen"
    status = 403
    title = _("Your account is frozen")


class CsrfFailed(DomainError):
    code = "csrf_failed"
    status = 403
    title = _("The form has expired: reload the page and try again")


class IdentityTaken(Conflict):
    code = "identity_taken"
    title = _("This login belongs to another account here")


class WrongCode(DomainError):
    code = "wrong_code"
    status = 403
    title = _("This code is not right, or it has been used")


class LastSecondFactor(Conflict):
    code = "last_second_factor"
    title = _("This is your only second factor: add another one first")


class MessageClosed(Conflict):
    code = "message_closed"
    title = _("This message has been answered or closed")


class NotViewable(Conflict):
    code = "not_viewable"
    title = _("You cannot look at this account as its owner sees it")


class ReadOnlyView(DomainError):
    code = "read_only_view"
    status = 403
    title = _("While looking at somebody's account nothing can be changed, and not everything can be seen")
