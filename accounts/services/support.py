"""What people write to us is answered, by a person, before a deadline."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import MessageClosed
from accounts.models import Notice, SupportMessage, User
from accounts.services import notices
from legal.services import registers
from neuralbox.core import audit, jobs, states
from neuralbox.core.errors import FieldError, InvalidInput, NotFound

Topic, Status = SupportMessage.Topic, SupportMessage.Status
ANSWERED_WITHIN = timedelta(days=3)
# Who cannot work because of us does not wait for days.
URGENT_WITHIN = timedelta(days=1)
LONGEST = 10_000


def deadline_of(topic: str) -> timedelta:
    return URGENT_WITHIN if topic in {Topic.PAYMENT, Topic.APPEAL} else ANSWERED_WITHIN


@transaction.atomic
def receive(
    *, topic: str, text: str, contact: str = "", user: User | None = None, language: str = "ru"
) -> tuple[UUID, timedelta]:
    """A letter through the contact form: its number, and within what time it is answered.

    Letters about personal data go into the privacy queue, which has deadlines of its own. Raises InvalidInput: a
    stranger has to say where the answer goes.
    """
    text, contact = text.strip()[:LONGEST], contact.strip()
    _check(text, contact, user)
    if topic == Topic.PRIVACY:
        letter = registers.receive(
            kind="other",
            way="form",
            text=text,
            contact=contact or (user.email if user else "") or "",
            user_id=user.pk if user else None,
        )
        return letter.pk, registers.ANSWERED_WITHIN
    within = deadline_of(topic)
    message = SupportMessage.objects.create(
        user=user,
        topic=Topic(topic),
        contact=contact,
        text=text,
        language=language if language in User.Language.values else User.Language.RU,
        deadline=timezone.now() + within,
    )
    return message.pk, within


@transaction.atomic
def answer(*, message_id: UUID, text: str, by: User) -> SupportMessage:
    """Answer a letter, in the site and by e-mail. Raises InvalidInput without a text, NotFound, MessageClosed."""
    text = audit.checked_reason(text)
    message = _locked(message_id)
    if not states.move(message, Status.ANSWERED, answer=text, answered_by=by, answered_at=timezone.now()):
        raise MessageClosed
    owner = str(message.user_id or "")
    audit.record(message, by=by, event="support_answered", reason=message.get_topic_display(), owner=owner)
    if message.user_id:
        notices.send(
            user_id=message.user_id,
            kind=Notice.Kind.SUPPORT_ANSWERED,
            reference=f"support:{message.pk}",
            link="/support",
            subject=message.text[:80],
            answer=text,
        )
    # The notice already reaches the person's own address.
    if message.contact and not (message.user and message.user.email == message.contact):
        jobs.enqueue("accounts.mail_answer", str(message.pk))
    return message


@transaction.atomic
def close(*, message_id: UUID, reason: str, by: User) -> SupportMessage:
    """Close a letter that needs no answer, such as a double. Raises InvalidInput, NotFound, MessageClosed."""
    reason = audit.checked_reason(reason)
    message = _locked(message_id)
    if not states.move(message, Status.CLOSED, answered_by=by, answered_at=timezone.now()):
        raise MessageClosed
    audit.record(message, by=by, event="support_closed", reason=reason, owner=str(message.user_id or ""))
    return message


def _locked(message_id: UUID) -> SupportMessage:
    message = SupportMessage.objects.select_for_update(of=("self",)).filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message


def _check(text: str, contact: str, user: User | None) -> None:
    errors = []
    if len(text) < 10:
        errors.append(FieldError("/text", _("A few words more, please.")))
    if contact:
        try:
            validate_email(contact)
        except ValidationError:
            errors.append(FieldError("/contact", _("This is not an e-mail address.")))
    elif user is None or not user.email:
        errors.append(FieldError("/contact", _("Where should the answer go?"), code="required"))
    if errors:
        raise InvalidInput(errors=errors)
