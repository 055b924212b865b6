"""Which notices a person also gets by e-mail. On the site all of them are shown."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Notice, User

_Kind = Notice.Kind

# Groups that a person can switch; what is in none of them concerns safety or rights and is always mailed.
GROUPS = {
    "payments": (_("Payments and refunds"), {_Kind.PAYMENT_RECEIVED, _Kind.REFUND_SENT}),
    "balance": (_("Low balance"), {_Kind.BALANCE_LOW}),
    "files": (_("Files about to be deleted"), {_Kind.RETENTION_WARNING}),
    "incidents": (_("Service incidents"), {_Kind.SERVICE_INCIDENT}),
}
# Not worth an e-mail: the person is on the site.
ON_SITE_ONLY = {_Kind.WELCOME}


def settings_of(user: User) -> dict[str, bool]:
    """By group, whether e-mail is wanted. On, until switched off."""
    return {group: bool(user.notice_settings.get(group, True)) for group in GROUPS}


def wants_mail(user: User, kind: str) -> bool:
    if kind in ON_SITE_ONLY:
        return False
    chosen = settings_of(user)
    return all(chosen[group] for group, (_label, kinds) in GROUPS.items() if kind in kinds)
