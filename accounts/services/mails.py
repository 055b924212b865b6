"""Notices go out by e-mail too, to those who have an address and want it."""

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from accounts import notice_texts
from accounts.models import Notice
from accounts.notice_settings import wants_mail


def send_notice(notice_id: UUID) -> bool:
    """Mail one notice in its reader's language. False: gone, no address, blocked, read meanwhile, or not wanted."""
    notice = Notice.objects.select_related("user").filter(pk=notice_id).first()
    if notice is None or not notice.user.email or not notice.user.is_active or notice.read_at is not None:
        return False
    if not wants_mail(notice.user, notice.kind):
        return False
    with translation.override(notice.user.language):
        shown = {
            "name": notice.user.name,
            "title": notice_texts.title_of(notice),
            "body": notice_texts.body_of(notice),
            "url": f"{settings.SITE_URL}{notice.link or '/profile'}",
            "support": settings.SUPPORT_EMAIL,
        }
        mail = EmailMultiAlternatives(
            subject=shown["title"],
            body=render_to_string("accounts/mail/notice.txt", shown),
            to=[notice.user.email],
            headers={"Message-ID": f"<{notice.id}@neuralbox>", "Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("accounts/mail/notice.html", shown), "text/html")
        mail.send()
    return True
