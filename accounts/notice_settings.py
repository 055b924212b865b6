"""Which notices a person also gets by e-mail. On the site all of them are shown."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Notice, User

_Kind = Notice.Kind

# Groups that a person can switch; what is in none of them concerns safety or rights and is always mailed.
GROUPS = {
    "payments": (
        _("Payments and refunds"),
        {_Kind.PAYMENT_RECEIVED, _Kind.REFUND_SENT, _Kind.REFUND_DECLINED, _Kind.REFUND_FAILED},
    ),
    "balance": (_("Low balance"), {_Kind.BALANCE_LOW}),
    "files": (_("Files about to be deleted"), {_Kind.RETENTION_WARNING}),
    "generations": (_("Finished generations"), {_Kind.GENERATION_FINISHED}),
    "incidents": (_("Service incidents"), {_Kind.SERVICE_INCIDENT}),
}
# Groups that stay silent until somebody asks for them.
OFF_AT_FIRST = {"generations"}
# Sent also to those who cannot use the site, or all of it, just now: it tells them why, and what they can do.
ALWAYS_MAILED = {
    _Kind.ACCOUNT_BLOCKED,
    _Kind.ACCOUNT_UNBLOCKED,
    _Kind.ACCOUNT_FROZEN,
    _Kind.ACCOUNT_UNFROZEN,
    _Kind.DELETION_SCHEDULED,
    _Kind.DELETION_CANCELLED,
    _Kind.DELETION_BEGAN,
    _Kind.SUPPORT_ANSWERED,
}


def settings_of(user: User) -> dict[str, bool]:
    """By group, whether it is wanted."""
    return {group: bool(user.notice_settings.get(group, group not in OFF_AT_FIRST)) for group in GROUPS}


def wants(user: User, kind: str) -> bool:
    chosen = settings_of(user)
    return all(chosen[group] for group, (_label, kinds) in GROUPS.items() if kind in kinds)
