"""News of `legal`, told to the people whom they concern."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import Notice, User
from accounts.services import access, mails, notices
from legal.services import deletions

logger = logging.getLogger(__name__)
Kind = Notice.Kind


def document_changed(
    *, user_ids: Sequence[UUID], document: str, version_id: UUID, titles: Mapping[str, str], effective_at: datetime
) -> None:
    """Once per person and version."""
    for user_id in User.objects.filter(pk__in=user_ids).values_list("pk", flat=True):
        notices.send(
            user_id=user_id,
            kind=Kind.DOCUMENT_CHANGED,
            reference=f"document:{version_id}",
            link=f"/legal/{document}/history",
            title=dict(titles),
            date=effective_at.date().isoformat(),
        )


def export_ready(*, user_id: UUID, export_id: UUID, expires_at: datetime) -> None:
    notices.send(
        user_id=user_id,
        kind=Kind.EXPORT_READY,
        reference=f"export:{export_id}",
        link="/privacy-center",
        until=expires_at.date().isoformat(),
    )


def deletion_scheduled(*, user_id: UUID, request_id: UUID, erase_at: datetime) -> None:
    """Access ends, and a letter says how to keep the account: its link is the only way while nobody can sign in."""
    access.close(user_id)
    notices.send(
        user_id=user_id,
        kind=Kind.DELETION_SCHEDULED,
        reference=f"deletion:{request_id}",
        link=keeping_link(request_id),
        date=erase_at.date().isoformat(),
    )


def deletion_cancelled(*, user_id: UUID, request_id: UUID) -> None:
    access.reopen(user_id)
    notices.send(user_id=user_id, kind=Kind.DELETION_CANCELLED, reference=f"deletion-cancelled:{request_id}")


def deletion_began(*, user_id: UUID, request_id: UUID) -> None:
    """The last letter goes out now: in a moment there is no address any more."""
    notice = notices.send(user_id=user_id, kind=Kind.DELETION_BEGAN, reference=f"deletion-began:{request_id}")
    try:
        mails.send_notice(notice.pk)
    except Exception as error:  # noqa: BLE001 - whatever the mail server raises; the erasure must go on
        logger.warning("last letter not sent: %s", type(error).__name__)


def retention_warned(*, user_id: UUID, kind: str, count: int, purge_at: datetime) -> None:
    """Once per kind and day."""
    day = purge_at.date().isoformat()
    notices.send(
        user_id=user_id,
        kind=Kind.RETENTION_WARNING,
        reference=f"retention:{kind}:{day}",
        link="/privacy-center#export",
        count=count,
        date=day,
    )


def keeping_link(request_id: UUID) -> str:
    """The page where a person who cannot sign in keeps their account."""
    return f"/account/keep?token={deletions.letter_token(request_id)}"
