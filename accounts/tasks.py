"""Jobs of accounts."""

from uuid import UUID

from accounts.services import mails
from neuralbox.core.jobs import job


@job(name="accounts.mail_notice", queue="default")
def mail_notice(notice_id: str) -> None:
    mails.send_notice(UUID(notice_id))
