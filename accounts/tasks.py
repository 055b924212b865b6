"""Jobs of accounts."""

from uuid import UUID

from celery import shared_task

from accounts.services import mails, sign_ins
from neuralbox.core.jobs import job


@job(name="accounts.mail_notice", queue="default")
def mail_notice(notice_id: str) -> None:
    mails.send_notice(UUID(notice_id))


@shared_task(name="accounts.forget_old")
def forget_old() -> None:
    """Nightly, by beat."""
    sign_ins.forget_old()
