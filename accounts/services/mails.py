"""Notices go out by e-mail too, to those who have an address and want it. What became of each letter is noted."""

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts import notice_texts
from accounts.models import EmailProof, Notice, SupportMessage
from accounts.notice_settings import ALWAYS_MAILED, wants
from accounts.services import email_proofs

# As often as the job is tried. After that the letter counts as not delivered.
ATTEMPTS = 12


def send_notice(notice_id: UUID) -> bool:
    """Mail one notice in its reader's language. False: gone, sent already, no address, or not wanted.

    Raises what the mail server raises: the job is tried again, and the last failure is noted on the notice.
    """
    notice = Notice.objects.select_related("user").filter(pk=notice_id, mail=Notice.Mail.WAITING).first()
    if notice is None:
        return False
    if not _goes_out(notice):
        Notice.objects.filter(pk=notice.pk).update(mail=Notice.Mail.NONE)
        return False
    last = notice.mail_attempts + 1 >= ATTEMPTS
    Notice.objects.filter(pk=notice.pk).update(mail_attempts=F("mail_attempts") + 1)
    try:
        _letter(notice).send()
    except Exception:
        if last:
            Notice.objects.filter(pk=notice.pk).update(mail=Notice.Mail.FAILED)
        raise
    Notice.objects.filter(pk=notice.pk).update(mail=Notice.Mail.SENT, mailed_at=timezone.now())
    return True


def send_answer(message_id: UUID) -> bool:
    """Mail the answer to a letter of the contact form to the address that it named. False: there is none."""
    message = SupportMessage.objects.filter(pk=message_id, status=SupportMessage.Status.ANSWERED).first()
    if message is None or not message.contact:
        return False
    with translation.override(message.language):
        shown = {"answer": message.answer, "text": message.text, "support": settings.SUPPORT_EMAIL}
        mail = EmailMultiAlternatives(
            subject=gettext("Support has answered"),
            body=render_to_string("accounts/mail/answer.txt", shown),
            to=[message.contact],
            headers={"Message-ID": f"<{message.pk}@neuralbox>", "Auto-Submitted": "auto-replied"},
            reply_to=[settings.SUPPORT_EMAIL],
        )
    mail.send()
    return True


def send_email_proof(proof_id: UUID) -> bool:
    """Mail the link that confirms an address. False: confirmed, replaced or too old by now."""
    proof = EmailProof.objects.select_related("user").filter(pk=proof_id, expires_at__gt=timezone.now()).first()
    if proof is None:
        return False
    language = proof.user.language
    with translation.override(language):
        shown = {
            "name": proof.user.name,
            "title": gettext("Confirm your e-mail address"),
            "body": gettext(
                "This address was named for letters about an account at NeuralBox. If it was you, open the link within "
                "a day, where you are signed in. If it was not, do nothing: no more letters will come."
            ),
            "url": f"{settings.SITE_URL}/{language}/profile/email#{email_proofs.token_of(proof)}",
            "label": gettext("Confirm"),
            "support": settings.SUPPORT_EMAIL,
        }
        mail = _rendered(shown, to=proof.email, message_id=proof.pk)
    mail.send()
    return True


def _goes_out(notice: Notice) -> bool:
    user = notice.user
    if not _address_of(notice) or (notice.read_at is not None and notice.kind not in ALWAYS_MAILED):
        return False
    # Who is blocked or about to be deleted cannot read the site: the letters that tell them why still go out.
    return (user.is_active or notice.kind in ALWAYS_MAILED) and wants(user, notice.kind)


def _address_of(notice: Notice) -> str:
    """The person's address; for the news that it has changed, the one before: its owner has to hear of it."""
    before = notice.details.get("before") if notice.kind == Notice.Kind.EMAIL_CHANGED else None
    return str(before or notice.user.email or "")


def _letter(notice: Notice) -> EmailMultiAlternatives:
    with translation.override(notice.user.language):
        shown = {
            "name": notice.user.name,
            "title": notice_texts.title_of(notice),
            "body": notice_texts.body_of(notice),
            "url": f"{settings.SITE_URL}{notice.link or '/notices'}",
            "label": gettext("Open NeuralBox"),
            "settings_url": f"{settings.SITE_URL}/notices#settings",
            "support": settings.SUPPORT_EMAIL,
        }
        return _rendered(shown, to=_address_of(notice), message_id=notice.id)


def _rendered(shown: dict[str, str], *, to: str, message_id: UUID) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=shown["title"],
        body=render_to_string("accounts/mail/notice.txt", shown),
        to=[to],
        headers={"Message-ID": f"<{message_id}@neuralbox>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("accounts/mail/notice.html", shown), "text/html")
    return mail
