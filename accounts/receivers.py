"""What accounts hear: from allauth, that somebody signed in; from `legal`, what people have to know."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.models import User
from accounts.services import announcements, sign_ins
from accounts.visitors import visitor_of
from neuralbox.core import jobs


def note_sign_in(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    login = rest.get("sociallogin")
    provider = login.account.provider if login else "password"
    # Until now the session was that of a stranger, and short.
    request.session.set_expiry(None)
    sign_ins.note_sign_in(user=user, visitor=visitor_of(request), provider=provider)
    if login and login.account.extra_data.get("avatar"):
        jobs.enqueue("accounts.copy_avatar", str(user.pk), provider)


def document_changed(
    sender: Any,
    user_ids: list[UUID],
    document: str,
    version_id: UUID,
    titles: dict[str, str],
    effective_at: datetime,
    **_rest: Any,
) -> None:
    announcements.document_changed(
        user_ids=user_ids, document=document, version_id=version_id, titles=titles, effective_at=effective_at
    )


def export_ready(sender: Any, user_id: UUID, export_id: UUID, expires_at: datetime, **_rest: Any) -> None:
    announcements.export_ready(user_id=user_id, export_id=export_id, expires_at=expires_at)


def deletion_scheduled(sender: Any, user_id: UUID, request_id: UUID, erase_at: datetime, **_rest: Any) -> None:
    announcements.deletion_scheduled(user_id=user_id, request_id=request_id, erase_at=erase_at)


def deletion_cancelled(sender: Any, user_id: UUID, request_id: UUID, **_rest: Any) -> None:
    announcements.deletion_cancelled(user_id=user_id, request_id=request_id)


def deletion_began(sender: Any, user_id: UUID, request_id: UUID, **_rest: Any) -> None:
    announcements.deletion_began(user_id=user_id, request_id=request_id)


def retention_warned(sender: Any, user_id: UUID, kind: str, count: int, purge_at: datetime, **_rest: Any) -> None:
    announcements.retention_warned(user_id=user_id, kind=kind, count=count, purge_at=purge_at)
