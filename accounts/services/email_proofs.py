"""People name an address for letters, or another one, and confirm it by a link that is mailed there.

The link alone is worth nothing: it works in the sign-in of the person who asked, once, for a day. So nobody can make a
stranger confirm an address for them, and a stranger's address stays free for its owner.
"""

import hashlib
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import EmailLinkNotValid, EmailTaken, TooManyLetters
from accounts.models import EmailProof, Notice, SecurityEvent, User
from accounts.services import freezes, notices, security_events
from accounts.visitors import Visitor
from neuralbox.core import jobs, rate_limits
from neuralbox.core.errors import FieldError, InvalidInput

LASTS = timedelta(days=1)
_signer = signing.Signer(salt="accounts.email_proof")


@transaction.atomic
def ask(*, user: User, email: str) -> EmailProof:
    """Mail a link to `email`. Whether another account has the address is told only to who confirms it.

    Raises InvalidInput, AccountFrozen, TooManyLetters.
    """
    email = User.objects.normalize_email(email)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(errors=[FieldError("/email", _("This is not an e-mail address."))]) from error
    if email == user.email:
        raise InvalidInput(errors=[FieldError("/email", _("Letters go to this address already."))])
    freezes.refuse_if_frozen(user.pk)
    for counted in (f"letters-of:{user.pk}", f"letters-to:{hashlib.sha256(email.encode()).hexdigest()}"):
        if not rate_limits.count(counted, {"letters": "letters"}).allowed:
            raise TooManyLetters
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    EmailProof.objects.filter(user=user).delete()
    proof = EmailProof.objects.create(user=user, email=email, expires_at=timezone.now() + LASTS)
    jobs.enqueue("accounts.mail_email_proof", str(proof.pk))
    return proof


def token_of(proof: EmailProof) -> str:
    """What the link carries, behind its `#`: browsers send that part to no server."""
    return _signer.sign(str(proof.pk))


def confirm(*, user: User, token: str, visitor: Visitor | None = None) -> User:
    """Make the address of the letter the person's own. The one before is told, if there was one.

    Raises EmailLinkNotValid (used, replaced, too old, another's, not ours), EmailTaken, AccountFrozen.
    """
    try:
        proof_id = UUID(_signer.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise EmailLinkNotValid from error
    freezes.refuse_if_frozen(user.pk)
    try:
        return _confirm(user, proof_id, visitor)
    except IntegrityError as error:
        raise EmailTaken from error


@transaction.atomic
def _confirm(user: User, proof_id: UUID, visitor: Visitor | None) -> User:
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    proof = EmailProof.objects.filter(pk=proof_id, user=person, expires_at__gt=timezone.now()).first()
    if proof is None:
        raise EmailLinkNotValid
    proof.delete()
    before, person.email = person.email, proof.email
    person.save(update_fields=["email"])
    # The library's own rows would keep the address that was left from its next owner.
    EmailAddress.objects.filter(user=person).delete()
    event = security_events.record(user_id=person.pk, kind=SecurityEvent.Kind.EMAIL_CHANGED, visitor=visitor)
    told = {"email": person.email} | ({"before": before} if before else {})
    notices.send(
        user_id=person.pk, kind=Notice.Kind.EMAIL_CHANGED, reference=f"event:{event.pk}", link="/profile", **told
    )
    return person


def forget_old() -> int:
    """Delete what was never confirmed. Returns how many."""
    return EmailProof.objects.filter(expires_at__lt=timezone.now()).delete()[0]
