"""Jobs of accounts."""

from uuid import UUID

from celery import shared_task

from accounts.services import api_calls, avatars, email_proofs, mails, sign_ins
from neuralbox.core.jobs import job


@job(name="accounts.mail_notice", queue="default", max_attempts=mails.ATTEMPTS)
def mail_notice(notice_id: str) -> None:
    mails.send_notice(UUID(notice_id))


@job(name="accounts.mail_answer", queue="default", max_attempts=mails.ATTEMPTS)
def mail_answer(message_id: str) -> None:
    mails.send_answer(UUID(message_id))


@job(name="accounts.mail_email_proof", queue="default", max_attempts=mails.ATTEMPTS)
def mail_email_proof(proof_id: str) -> None:
    mails.send_email_proof(UUID(proof_id))


@job(name="accounts.copy_avatar", queue="default", max_attempts=5)
def copy_avatar(user_id: str, provider: str) -> None:
    avatars.copy(UUID(user_id), provider)


@shared_task(name="accounts.forget_old")
def forget_old() -> None:
    """Hourly, by beat: what a visitor who never agreed has left in their session goes with it."""
    sign_ins.forget_old()
    email_proofs.forget_old()


@shared_task(name="accounts.store_api_calls")
def store_api_calls() -> None:
    """Every few seconds, by beat."""
    api_calls.store()
