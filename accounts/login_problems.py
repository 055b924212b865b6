"""What can go wrong at a sign-in, as an address says it and as people read it."""

from enum import StrEnum
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import login_names


class Problem(StrEnum):
    """`?error=` of the login page, `?problem=` elsewhere."""

    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"
    EXPIRED = "expired"
    EMAIL_TAKEN = "email_taken"
    BLOCKED = "blocked"
    FROZEN = "frozen"
    INVALID_EMAIL = "invalid_email"
    TOO_MANY = "too_many"
    REFUSED = "refused"
    IDENTITY_TAKEN = "identity_taken"


TEXTS: dict[str, str | Promise] = {
    Problem.CANCELLED: _("You refused at %(login)s. Nothing was kept; choose another way in if you like."),
    Problem.UNAVAILABLE: _("%(login)s does not answer just now. Try again in a minute, or choose another way in."),
    Problem.FAILED: _("%(login)s did not confirm the sign-in. Nothing was changed: try once more."),
    Problem.EXPIRED: _("This sign-in took too long or was begun in another browser. Please start again."),
    Problem.EMAIL_TAKEN: _(
        "There is an account with this e-mail already. Sign in the way you did before; "
        "in the profile you can add this login."
    ),
    Problem.BLOCKED: _("This account is blocked."),
    Problem.FROZEN: _("Your account is frozen: its logins cannot be changed now. You can object through support."),
    Problem.INVALID_EMAIL: _("This is not an e-mail address."),
    Problem.TOO_MANY: _("Too many attempts from your address. Please wait a minute."),
    Problem.REFUSED: _("No account was made and nothing was kept."),
    Problem.IDENTITY_TAKEN: _("This %(login)s login belongs to another account here."),
}


# Where the session of a visitor keeps, for a while, why the account that they have just proven theirs is blocked.
BLOCK_REASON = "block_reason"
BLOCK_REASON_SECONDS = 10 * 60


def text_of(code: str, login: str = "") -> str:
    """For people; empty for no problem at all. An unknown code reads as a failure."""
    if not code:
        return ""
    known = code if code in TEXTS else Problem.FAILED
    return str(TEXTS[known]) % {"login": login_names.name_of(login) if login else _("The login provider")}


def page_of(problem: Problem, *, login: str = "", page: str = "/login") -> str:
    """The address of the page that tells it."""
    query = {"error": str(problem)} | ({"with": login} if login else {})
    return f"{page}?{urlencode(query)}"
