"""Staff block people and let them in again. Both take a reason, which the audit trail keeps and the person is told."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import NotBlockable
from accounts.models import Notice, SecurityEvent, User
from accounts.notice_texts import as_sentence
from accounts.services import access, notices, security_events, sign_ins
from neuralbox.core import audit
from neuralbox.core.errors import FieldError, InvalidInput


@transaction.atomic
def block(*, user: User, reason: str, by: User) -> bool:
    """Shut `user` out at once: every sign-in ends, access tokens and API keys stop. False: blocked already.

    The person is told the reason. Raises InvalidInput without one, NotBlockable for oneself and, unless `by` is a
    superuser, for staff.
    """
    reason = _checked(reason)
    if user.pk == by.pk or (user.is_staff and not by.is_superuser):
        raise NotBlockable
    person = User.objects.select_for_update().get(pk=user.pk)
    if person.blocked_at is not None:
        return False
    person.is_active, person.blocked_at, person.block_reason = False, timezone.now(), reason
    event = _save(person, reason, by, SecurityEvent.Kind.BLOCKED)
    sign_ins.end_all(user=person)
    notices.send(
        user_id=person.pk,
        kind=Notice.Kind.ACCOUNT_BLOCKED,
        reference=f"event:{event.pk}",
        link="/support?topic=appeal",
        reason=as_sentence(reason),
    )
    return True


@transaction.atomic
def unblock(*, user: User, reason: str, by: User) -> bool:
    """Let `user` in again; API keys work again, sign-ins stay ended. False: was not blocked. Raises InvalidInput."""
    reason = _checked(reason)
    person = User.objects.select_for_update().get(pk=user.pk)
    if person.blocked_at is None:
        return False
    person.is_active, person.blocked_at, person.block_reason = not access.is_closing(person), None, ""
    event = _save(person, reason, by, SecurityEvent.Kind.UNBLOCKED)
    notices.send(user_id=person.pk, kind=Notice.Kind.ACCOUNT_UNBLOCKED, reference=f"event:{event.pk}", link="/login")
    return True


def _save(person: User, reason: str, by: User, event: str) -> SecurityEvent:
    person.save(update_fields=["is_active", "blocked_at", "block_reason"])
    changes = {"is_active": (not person.is_active, person.is_active)}
    audit.record(person, by=by, event=event, changes=changes, reason=reason)
    return security_events.record(user_id=person.pk, kind=event)


def _checked(reason: str) -> str:
    if len(reason.strip()) < 3:
        raise InvalidInput(errors=[FieldError("/reason", _("Say why."), code="required")])
    return reason.strip()[:1000]
