"""Letters: what became of each is known, and what fails is tried again."""

from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from accounts import notice_texts
from accounts.models import Notice, User
from accounts.notice_settings import GROUPS
from accounts.services import mails, notices

pytestmark = pytest.mark.django_db
Mail = Notice.Mail


class DeadServer(BaseEmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


@pytest.fixture
def dead_server(settings):
    settings.EMAIL_BACKEND = "accounts.tests.test_letters.DeadServer"


def test_a_letter_is_sent_once_and_the_notice_knows(alice):
    notice = notices.send(user_id=alice.pk, kind=Notice.Kind.SECURITY_ALERT)
    assert notice.mail == Mail.WAITING
    assert mails.send_notice(notice.pk)
    assert not mails.send_notice(notice.pk)
    notice.refresh_from_db()
    assert (notice.mail, notice.mail_attempts, notice.mailed_at is not None) == (Mail.SENT, 1, True)
    assert len(mail.outbox) == 1


def test_a_dead_mail_server_is_tried_again_until_it_is_enough(alice, dead_server):
    notice = notices.send(user_id=alice.pk, kind=Notice.Kind.SECURITY_ALERT)
    for attempt in range(1, mails.ATTEMPTS + 1):
        with pytest.raises(SMTPServerDisconnected):
            mails.send_notice(notice.pk)
        notice.refresh_from_db()
        assert (notice.mail_attempts, notice.mail) == (
            attempt, Mail.FAILED if attempt == mails.ATTEMPTS else Mail.WAITING,
        )  # fmt: skip
    assert not mails.send_notice(notice.pk)


def test_a_letter_after_a_failure_still_goes_out(alice, settings):
    notice = notices.send(user_id=alice.pk, kind=Notice.Kind.SECURITY_ALERT)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "accounts.tests.test_letters.DeadServer"
    with pytest.raises(SMTPServerDisconnected):
        mails.send_notice(notice.pk)
    settings.EMAIL_BACKEND = working
    assert mails.send_notice(notice.pk)
    notice.refresh_from_db()
    assert (notice.mail, notice.mail_attempts) == (Mail.SENT, 2)


def test_what_is_not_mailed_says_so(alice):
    User.objects.filter(pk=alice.pk).update(notice_settings={"balance": False})
    low = notices.send(user_id=alice.pk, kind=Notice.Kind.BALANCE_LOW, tokens=5)
    assert not mails.send_notice(low.pk)
    low.refresh_from_db()
    assert low.mail == Mail.NONE


def test_what_has_been_read_meanwhile_needs_no_letter(alice):
    notice = notices.send(user_id=alice.pk, kind=Notice.Kind.SECURITY_ALERT)
    notices.mark_read(user=alice, notice_id=notice.pk)
    assert not mails.send_notice(notice.pk)


@pytest.mark.promise("P8")
def test_what_concerns_safety_and_rights_cannot_be_switched_off():
    switchable = {kind for _label, kinds in GROUPS.values() for kind in kinds}
    for kind in ("new_device", "security_alert", "api_key_created", "document_changed", "deletion_scheduled"):
        assert kind not in switchable


@pytest.mark.promise("P8")
def test_every_kind_has_words_and_none_is_advertising():
    assert set(notice_texts.TEXTS) == set(Notice.Kind.values)
    assert not [kind for kind in Notice.Kind.values if "promo" in kind or "offer" in kind or "news" in kind]


@pytest.mark.promise("P8")
def test_a_letter_is_text_and_html_and_says_how_to_have_fewer(alice):
    notice = notices.send(user_id=alice.pk, kind=Notice.Kind.PAYMENT_RECEIVED, tokens=500, link="/wallet")
    mails.send_notice(notice.pk)
    (letter,) = mail.outbox
    ((html, kind),) = letter.alternatives
    assert kind == "text/html"
    for part in (letter.body, html):
        assert "500 tokens" in part
        assert "/notices#settings" in part
        assert "support@" in part
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "<script" not in html


def test_markup_in_a_name_stays_text_in_a_letter(alice):
    notice = notices.send(user_id=alice.pk, kind=Notice.Kind.API_KEY_CREATED, name="<b>x</b>")
    mails.send_notice(notice.pk)
    assert "&lt;b&gt;x&lt;/b&gt;" in mail.outbox[0].alternatives[0][0]
