"""Linked logins."""

from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from accounts import login_names, public_ids
from accounts.errors import IdentityTaken, LastIdentity
from accounts.models import Notice, SecurityEvent, User
from accounts.notice_texts import in_each_language
from accounts.services import freezes, notices, security_events
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
def link(*, user: User, account: SocialAccount, email: str | None, visitor: Visitor | None = None) -> bool:
    """Let `user` sign in with `account`, an unsaved row of what the provider has just told. False: they could already.

    A person without an address gets `email`, which must be proven, unless somebody has it. Raises IdentityTaken,
    AccountFrozen.
    """
    freezes.refuse_if_frozen(user.pk)
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    linked = SocialAccount.objects.filter(provider=account.provider, uid=account.uid).first()
    if linked is not None:
        if linked.user_id != person.pk:
            raise IdentityTaken
        return False
    try:
        with transaction.atomic():
            account.user = person
            account.save()
    except IntegrityError as error:
        raise IdentityTaken from error
    if not person.email and email and not User.objects.filter(email=User.objects.normalize_email(email)).exists():
        person.email = User.objects.normalize_email(email)
        person.save(update_fields=["email"])
    _tell(person, account.provider, SecurityEvent.Kind.IDENTITY_ADDED, Notice.Kind.IDENTITY_ADDED, visitor)
    return True


@transaction.atomic
def remove(*, user: User, identity_id: UUID, visitor: Visitor | None = None) -> None:
    """Unlink a login. Raises NotFound, AccountFrozen, and LastIdentity: the last one is the way in."""
    freezes.refuse_if_frozen(user.pk)
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    linked = list(SocialAccount.objects.filter(user=user))
    identity = public_ids.find(linked, "date_joined", identity_id)
    if identity is None:
        raise NotFound
    if len(linked) == 1:
        raise LastIdentity
    provider = identity.provider
    identity.delete()
    _tell(user, provider, SecurityEvent.Kind.IDENTITY_REMOVED, Notice.Kind.IDENTITY_REMOVED, visitor)


def _tell(user: User, provider: str, event_kind: str, notice_kind: str, visitor: Visitor | None) -> None:
    event = security_events.record(user_id=user.pk, kind=event_kind, visitor=visitor, provider=provider)
    notices.send(
        user_id=user.pk,
        kind=notice_kind,
        reference=f"event:{event.id}",
        link="/profile",
        provider=in_each_language(lambda: login_names.name_of(provider)),
    )
