"""Staff freeze accounts while something is looked into. The audit trail keeps the reason, and the person is told it.

Who is frozen signs in, reads, downloads, deletes and writes to support as before; what runs ends as usual. Refused are
spending and buying tokens, new keys and secrets, and changes of logins. A block (see `blocks`) shuts out altogether.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import AccountFrozen, NotBlockable
from accounts.models import Notice, SecurityEvent, User
from accounts.notice_texts import as_sentence
from accounts.services import notices, security_events
from neuralbox.core import audit

APPEAL = "/support?topic=appeal"


@transaction.atomic
def freeze(*, user: User, reason: str, by: User) -> bool:
    """From now on `refuse_if_frozen` refuses. The person is told the reason. False: frozen already.

    Raises InvalidInput without a reason, NotBlockable for oneself and, unless `by` is a superuser, for staff.
    """
    reason = audit.checked_reason(reason)
    if user.pk == by.pk or (user.is_staff and not by.is_superuser):
        raise NotBlockable(_("This account cannot be frozen by you"))
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.frozen_at is not None:
        return False
    person.frozen_at, person.freeze_reason = timezone.now(), reason
    event = _save(person, by, reason, SecurityEvent.Kind.FROZEN)
    notices.send(
        user_id=person.pk,
        kind=Notice.Kind.ACCOUNT_FROZEN,
        reference=f"event:{event.pk}",
        link=APPEAL,
        reason=as_sentence(reason),
    )
    return True


@transaction.atomic
def unfreeze(*, user: User, reason: str, by: User) -> bool:
    """Everything works again. False: was not frozen. Raises InvalidInput."""
    reason = audit.checked_reason(reason)
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.frozen_at is None:
        return False
    person.frozen_at, person.freeze_reason = None, ""
    event = _save(person, by, reason, SecurityEvent.Kind.UNFROZEN)
    notices.send(user_id=person.pk, kind=Notice.Kind.ACCOUNT_UNFROZEN, reference=f"event:{event.pk}", link="/create")
    return True


def refuse_if_frozen(user_id: UUID) -> None:
    """What spends, buys or changes ways in calls this first. Raises AccountFrozen, with the reason. One query."""
    if User.objects.filter(pk=user_id).exclude(frozen_at=None).exists():
        raise refusal_of(user_id)


def refusal_of(user_id: UUID) -> AccountFrozen:
    """For who has found out by another way that the account is frozen, such as the function that takes orders."""
    reason = User.objects.values_list("freeze_reason", flat=True).get(pk=user_id)
    detail = _("Your account is frozen. Reason: %(reason)s You can object through the support form.")
    return AccountFrozen(detail % {"reason": as_sentence(reason)}, reason=reason, appeal=APPEAL)


def _save(person: User, by: User, reason: str, event: str) -> SecurityEvent:
    person.save(update_fields=["frozen_at", "freeze_reason"])
    is_frozen = person.frozen_at is not None
    audit.record(person, by=by, event=event, changes={"is_frozen": (not is_frozen, is_frozen)}, reason=reason)
    return security_events.record(user_id=person.pk, kind=event)
