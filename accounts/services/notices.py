"""Notices: what the service has to tell a person. Service kinds only (P8)."""

from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from accounts import notice_texts
from accounts.models import Notice, User
from accounts.signals import notices_changed
from neuralbox.core import jobs
from neuralbox.core.errors import NotFound


def send(*, user_id: UUID, kind: str, reference: str | None = None, link: str = "", **details: Any) -> Notice:
    """Tell a person something. With a `reference`, telling it twice is telling it once.

    `details` are JSON-ready values that the text of the kind names (see `accounts.notice_texts`);
    `link` is a path on this site. Raises ValueError for an unknown kind or a missing detail.
    """
    if missing := notice_texts.missing_details(Notice.Kind(kind), details):
        raise ValueError(f"a notice of kind {kind} needs {missing}")
    notice = Notice(
        user_id=user_id,
        kind=Notice.Kind(kind),
        reference=reference,
        link=link,
        details=details,
        mail=Notice.Mail.WAITING,
    )
    made = Notice.objects.bulk_create([notice], ignore_conflicts=True)[0]
    if reference is not None:
        made = Notice.objects.get(user_id=user_id, reference=reference)
    if made.id == notice.id:
        jobs.enqueue("accounts.mail_notice", str(made.id))
        notices_changed.send(sender=Notice, user_id=user_id)
    return made


def mark_read(*, user: User, notice_id: UUID) -> Notice:
    """Note when a notice was first read. Raises NotFound for another's."""
    mine = Notice.objects.filter(pk=notice_id, user=user)
    if mine.filter(read_at=None).update(read_at=Now()):
        notices_changed.send(sender=Notice, user_id=user.pk)
    notice = mine.first()
    if notice is None:
        raise NotFound
    return notice


def mark_all_read(*, user: User) -> int:
    """Returns how many were unread."""
    read = Notice.objects.filter(user=user, read_at=None).update(read_at=Now())
    if read:
        notices_changed.send(sender=Notice, user_id=user.pk)
    return read
