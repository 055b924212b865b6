"""Why a generation failed, in words for its owner. Providers' own messages are for staff and are never shown."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class FailureText:
    title: Promise
    detail: Promise
    retryable: bool


TEXTS = {
    "provider_failed": FailureText(
        _("It did not work out"), _("The provider could not make it. Your tokens are back; please try again."), True
    ),
    "provider_unavailable": FailureText(
        _("The provider is not answering"), _("No provider took the job in time. Your tokens are back."), True
    ),
    "moderation": FailureText(
        _("Refused by the provider's rules"),
        _("The prompt or a file breaks the provider's content rules. Your tokens are back; change it and try again."),
        False,
    ),
    "rejected": FailureText(
        _("The provider refused the settings"), _("Your tokens are back; change the settings and try again."), False
    ),
    "deadline_exceeded": FailureText(
        _("It took too long"),
        _("The promised time has passed; your tokens are back. If the result still arrives, it is yours for nothing."),
        True,
    ),
    "no_result": FailureText(
        _("The provider sent nothing usable"), _("The file was missing or broken. Your tokens are back."), True
    ),
    "wrong_type": FailureText(
        _("The provider sent another type of file"),
        _("It is not of a type that the model promises, so it was not taken. Your tokens are back."),
        True,
    ),
    "failed_by_staff": FailureText(
        _("Our support stopped it"), _("Something was wrong with it. Your tokens are back; please try again."), True
    ),
}

UNKNOWN = TEXTS["provider_failed"]


def text_of(code: str) -> FailureText:
    return TEXTS.get(code, UNKNOWN)
