"""People join, are blocked and unblocked."""

from django.db import IntegrityError, transaction

from accounts.errors import EmailTaken
from accounts.models import Notice, SecurityEvent, User
from accounts.services import notices, security_events
from accounts.signals import user_joined


@transaction.atomic
def join(*, email: str | None = None, name: str = "", language: str = User.Language.RU, avatar: str = "") -> User:
    """Create a person; the only function that does. Announces `user_joined` in the same transaction.

    `email` must be proven to be theirs, or absent. Raises EmailTaken.
    """
    known = language if language in User.Language.values else User.Language.RU
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, name=name.strip()[:150], language=known, avatar=avatar[:500])
    except IntegrityError as error:
        raise EmailTaken from error
    user_joined.send(sender=User, user_id=user.id)
    security_events.record(user_id=user.id, kind=SecurityEvent.Kind.JOINED)
    notices.send(user_id=user.id, kind=Notice.Kind.WELCOME, reference="welcome", link="/create")
    return user
