"""People join."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import EmailTaken
from accounts.models import Notice, SecurityEvent, User
from accounts.services import notices, security_events, velocity
from accounts.signals import user_joined
from accounts.visitors import Visitor
from legal.services import consents


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person said before their account was made: that they are 16 or older, and which documents they accept."""

    visitor: Visitor
    versions: Sequence[UUID]


@transaction.atomic
def join(
    *,
    email: str | None = None,
    name: str = "",
    language: str = User.Language.RU,
    statement: Statement | None = None,
) -> User:
    """Create a person; the only function that does. Announces `user_joined` in the same transaction.

    `email` must be proven to be theirs, or absent. Without a `statement` the account was made by us, not by them.
    Raises EmailTaken, and NotFound when a document of the statement is not published.
    """
    known = language if language in User.Language.values else User.Language.RU
    stated_at = timezone.now() if statement else None
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, name=name.strip()[:150], language=known, age_stated_at=stated_at)
    except IntegrityError as error:
        raise EmailTaken from error
    visitor = statement.visitor if statement else None
    if statement:
        consents.record(user.id, statement.versions, ip=statement.visitor.ip, way="sign_up", language=known)
    gift = velocity.deserves_gift(visitor)
    user_joined.send(sender=User, user_id=user.id, gift=gift)
    security_events.record(user_id=user.id, kind=SecurityEvent.Kind.JOINED, visitor=visitor, gift=gift)
    notices.send(user_id=user.id, kind=Notice.Kind.WELCOME, reference="welcome", link="/create")
    return user
