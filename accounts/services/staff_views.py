"""Staff look at the site as a person sees it: for half an hour, with a reason, and unable to change anything."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import NotViewable
from accounts.models import Notice, SecurityEvent, StaffView, User
from accounts.services import notices, security_events
from neuralbox.core import audit

PREFIX = "nb_view_"
LASTS = timedelta(minutes=30)
PERMISSION = "accounts.add_staffview"


@dataclass(frozen=True, slots=True)
class Begun:
    """`token` opens what the person may read, in the browser of this member of staff; shown this once."""

    view: StaffView
    token: str

    def __repr__(self) -> str:
        return f"Begun({self.view.pk})"


@transaction.atomic
def begin(*, user: User, reason: str, by: User) -> Begun:
    """Let `by` look. The person finds it in their access log and in a notice.

    Raises InvalidInput without a reason, and NotViewable: for staff, for oneself, and without the right to it.
    """
    reason = audit.checked_reason(reason)
    if user.is_staff or user.pk == by.pk or not by.has_perm(PERMISSION):
        raise NotViewable
    token = PREFIX + secrets.token_urlsafe(32)
    view = StaffView.objects.create(
        user=user, staff=by, reason=reason, digest=_digest(token), expires_at=timezone.now() + LASTS
    )
    audit.record(user, by=by, event="viewed_as_user", reason=reason, view=str(view.pk))
    security_events.record(user_id=user.pk, kind=SecurityEvent.Kind.STAFF_VIEW)
    notices.send(
        user_id=user.pk,
        kind=Notice.Kind.STAFF_VIEW,
        reference=f"view:{view.pk}",
        link="/privacy-center",
        reason=reason,
    )
    return Begun(view, token)


def end(*, view_id: UUID) -> None:
    """Repeating it changes nothing."""
    StaffView.objects.filter(pk=view_id, ended_at=None).update(ended_at=timezone.now())


def open_view(token: str) -> StaffView | None:
    """The look that this token belongs to, while it lasts and while that member of staff may look at all."""
    view = StaffView.objects.select_related("user", "staff").filter(digest=_digest(token), ended_at=None).first()
    if view is None or view.expires_at <= timezone.now():
        return None
    staff = view.staff
    return view if staff.is_active and staff.is_staff and staff.has_perm(PERMISSION) else None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
