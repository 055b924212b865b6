"""Linked logins."""

from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from accounts import public_ids
from accounts.errors import LastIdentity
from accounts.models import Notice, SecurityEvent, User
from accounts.services import notices, security_events
from accounts.visitors import Visitor
from neuralbox.core.errors import NotFound


def adopt(*, email: str, provider: str) -> None:
    """Link a local-mode login to the person who already has this address, if there is one.

    Only for a provider that proves nothing and exists on a developer's machine alone: whoever can use it may be
    anybody there anyway. Real providers never link by address.
    """
    person = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if person is not None:
        SocialAccount.objects.get_or_create(provider=provider, uid=email, defaults={"user": person})


@transaction.atomic
def remove(*, user: User, identity_id: UUID, visitor: Visitor | None = None) -> None:
    """Unlink a login. Raises NotFound, and LastIdentity: the last one is the way in."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    linked = list(SocialAccount.objects.filter(user=user))
    identity = public_ids.find(linked, "date_joined", identity_id)
    if identity is None:
        raise NotFound
    if len(linked) == 1:
        raise LastIdentity
    provider = identity.provider
    identity.delete()
    event = security_events.record(
        user_id=user.pk, kind=SecurityEvent.Kind.IDENTITY_REMOVED, visitor=visitor, provider=provider
    )
    notices.send(
        user_id=user.pk,
        kind=Notice.Kind.IDENTITY_REMOVED,
        reference=f"event:{event.id}",
        link="/profile",
        provider=provider,
    )
