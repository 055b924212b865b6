"""The words of each kind of notice, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Notice

_Kind = Notice.Kind
DATES = frozenset({"date", "until"})


@dataclass(frozen=True, slots=True)
class NoticeText:
    """`title` and `body` may name members of the notice's details, as `%(name)s`.

    `date` and `until` are ISO dates; they are shown as the reader writes dates. What is worded differently in each
    language is given in all of them (`in_each_language`).
    """

    title: str | Promise
    body: str | Promise
    names: tuple[str, ...] = ()


TEXTS: dict[str, NoticeText] = {
    _Kind.WELCOME: NoticeText(
        _("Welcome to NeuralBox"), _("Choose a model and describe what you want: the price is shown before you pay.")
    ),
    _Kind.NEW_DEVICE: NoticeText(
        _("Sign-in from a new device"),
        _("Someone signed in to your account: %(device)s, address %(ip)s. If it was not you, end that session."),
        ("device", "ip"),
    ),
    _Kind.SECURITY_ALERT: NoticeText(
        _("We ended one of your sign-ins"),
        _("Its access token was used twice, as happens when it is copied. Sign in again; your balance is untouched."),
    ),
    _Kind.API_KEY_CREATED: NoticeText(
        _("API key created"), _("The key “%(name)s” now works. If you did not create it, revoke it."), ("name",)
    ),
    _Kind.API_KEY_ROTATED: NoticeText(
        _("API key rotated"), _("The key “%(name)s” has a new secret. The old one will soon stop working."), ("name",)
    ),
    _Kind.API_KEY_REVOKED: NoticeText(_("API key revoked"), _("The key “%(name)s” no longer works."), ("name",)),
    _Kind.IDENTITY_ADDED: NoticeText(
        _("Login added"),
        _("You can now also sign in through %(provider)s. If it was not you, remove it and write to support."),
        ("provider",),
    ),
    _Kind.IDENTITY_REMOVED: NoticeText(
        _("Login removed"), _("You can no longer sign in through %(provider)s."), ("provider",)
    ),
    _Kind.EMAIL_CHANGED: NoticeText(
        _("Letters go to another address"),
        _("Letters about your account now go to %(email)s. If it was not you, write to support at once."),
        ("email",),
    ),
    _Kind.ACCOUNT_BLOCKED: NoticeText(
        _("Your account is blocked"),
        _("Reason: %(reason)s You can object through the support form; a person answers within a day."),
        ("reason",),
    ),
    _Kind.ACCOUNT_UNBLOCKED: NoticeText(
        _("Your account works again"), _("The block has been lifted. Sign in as before."), ()
    ),
    _Kind.ACCOUNT_FROZEN: NoticeText(
        _("Your account is frozen"),
        _(
            "Reason: %(reason)s You can sign in, see your results and download your data, but not spend or buy tokens "
            "and not change logins or keys. You can object through the support form; a person answers within a day."
        ),
        ("reason",),
    ),
    _Kind.ACCOUNT_UNFROZEN: NoticeText(
        _("Your account is no longer frozen"), _("Everything works again, with the balance you had."), ()
    ),
    _Kind.STAFF_VIEW: NoticeText(
        _("Support looked at your account"),
        _("To help you, staff looked at your pages; nothing could be changed. Reason: %(reason)s"),
        ("reason",),
    ),
    _Kind.SUPPORT_ANSWERED: NoticeText(
        _("Support has answered"), _("About “%(subject)s”: %(answer)s"), ("subject", "answer")
    ),
    _Kind.GENERATION_FINISHED: NoticeText(_("Ready: %(model)s"), _("The result is waiting for you."), ("model",)),
    _Kind.PAYMENT_RECEIVED: NoticeText(
        _("Payment received"),
        ngettext_lazy(
            "%(tokens)s token was added to your balance.", "%(tokens)s tokens were added to your balance.", "tokens"
        ),
        ("tokens",),
    ),
    _Kind.REFUND_SENT: NoticeText(_("Refund sent"), _("We have returned %(amount)s to the way you paid."), ("amount",)),
    _Kind.REFUND_DECLINED: NoticeText(
        _("Refund declined"),
        _("We do not return %(amount)s, and the tokens are back in your balance. Reason: %(reason)s"),
        ("amount", "reason"),
    ),
    _Kind.REFUND_FAILED: NoticeText(
        _("Refund did not go through"),
        _("%(amount)s could not be sent, and the tokens are back in your balance. You can ask again or write to us."),
        ("amount",),
    ),
    _Kind.BALANCE_LOW: NoticeText(
        _("Your balance is low"),
        ngettext_lazy("%(tokens)s token is left.", "%(tokens)s tokens are left.", "tokens"),
        ("tokens",),
    ),
    _Kind.BALANCE_CORRECTED: NoticeText(
        _("Your balance was corrected"), _("By %(tokens)s. Reason: %(reason)s"), ("tokens", "reason")
    ),
    _Kind.DOCUMENT_CHANGED: NoticeText(
        _("Our documents have changed"),
        _("“%(title)s” has a new version, in force from %(date)s. Please read what is different."),
        ("title", "date"),
    ),
    _Kind.RETENTION_WARNING: NoticeText(
        _("Some of your files will be deleted soon"),
        ngettext_lazy(
            "%(count)s old result will be deleted on %(date)s. Save it if you need it.",
            "%(count)s old results will be deleted on %(date)s. Save what you need.",
            "count",
        ),
        ("count", "date"),
    ),
    _Kind.EXPORT_READY: NoticeText(
        _("Your data is ready"), _("The archive can be downloaded until %(until)s."), ("until",)
    ),
    _Kind.DELETION_SCHEDULED: NoticeText(
        _("Your account will be deleted"), _("It will be deleted on %(date)s. Until then you can cancel."), ("date",)
    ),
    _Kind.DELETION_CANCELLED: NoticeText(
        _("Your account will not be deleted"), _("The deletion is called off. Sign in as before."), ()
    ),
    _Kind.DELETION_BEGAN: NoticeText(
        _("Your account is being deleted"),
        _("This is the last letter of ours. What the law makes us keep of payments stays without your name."),
        (),
    ),
    _Kind.SERVICE_INCIDENT: NoticeText(_("Something went wrong on our side"), "%(text)s", ("text",)),
}


def title_of(notice: Notice) -> str:
    return _fill(TEXTS[notice.kind].title, notice.details)


def body_of(notice: Notice) -> str:
    return _fill(TEXTS[notice.kind].body, notice.details)


def in_each_language(words: Callable[[], str]) -> dict[str, str]:
    """A detail of a notice that is read in the language which its reader then has: the words by language."""
    spoken = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            spoken[language] = words()
    return spoken


def missing_details(kind: str, details: dict[str, Any]) -> list[str]:
    """The names that the text of `kind` needs and `details` lacks."""
    return [name for name in TEXTS[kind].names if name not in details]


def as_sentence(reason: str) -> str:
    """What staff typed, with a full stop: other sentences follow."""
    return reason if reason.endswith((".", "!", "?", "…")) else f"{reason}."


def _fill(text: str | Promise, details: dict[str, Any]) -> str:
    return str(text % {name: _shown(name, value) for name, value in details.items()})


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return value[translation.get_language() or settings.LANGUAGE_CODE]
    if name not in DATES or not isinstance(value, str):
        return value
    try:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    except ValueError:
        return value
