"""Mistakes in a balance, mended by staff with a reason. Above a limit two people are needed."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from billing.errors import AlreadyDecided, InvalidAmount, SecondPersonNeeded
from billing.models import Correction, JournalEntry, Wallet
from billing.services import amounts, transfers
from neuralbox.core import audit, states
from neuralbox.core.errors import NotFound

# Tokens of one balance that one person may correct alone within a day, up and down taken together.
LIMIT = 1000
WINDOW = timedelta(days=1)


@transaction.atomic
def post(*, wallet_id: UUID, amount: int, reason: str, by: User) -> Correction:
    """Correct the balance by `amount` tokens at once: paid tokens are given; bonus tokens are taken before paid ones.

    Raises SecondPersonNeeded above the limit, InsufficientTokens, InvalidAmount, InvalidInput without a reason,
    NotFound; nothing is changed then.
    """
    # Whoever corrects the same balance at the same time waits here, so that both count.
    Wallet.objects.select_for_update().filter(pk=wallet_id).first()
    if not may_alone(wallet_id=wallet_id, amount=amount, by=by):
        raise SecondPersonNeeded
    correction = propose(wallet_id=wallet_id, amount=amount, reason=reason, by=by)
    _settle(correction, Correction.Status.POSTED, reason=correction.reason, by=by)
    return correction


def may_alone(*, wallet_id: UUID, amount: int, by: User) -> bool:
    """Whether `by` may correct the balance by `amount` without a second person."""
    done = Correction.objects.filter(
        wallet_id=wallet_id,
        status=Correction.Status.POSTED,
        proposed_by=by,
        decided_by=by,
        decided_at__gt=timezone.now() - WINDOW,
    ).aggregate(tokens=Coalesce(Sum(Abs("amount")), 0))
    return bool(done["tokens"] + abs(amount) <= LIMIT)


@transaction.atomic
def propose(*, wallet_id: UUID, amount: int, reason: str, by: User) -> Correction:
    """Ask a second person to correct the balance. Raises InvalidAmount, InvalidInput without a reason, NotFound."""
    if amount == 0:
        raise InvalidAmount
    amounts.check(abs(amount))
    if not Wallet.objects.filter(pk=wallet_id).exists():
        raise NotFound
    correction = Correction.objects.create(
        wallet_id=wallet_id,
        amount=amount,
        reason=audit.checked_reason(reason),
        status=Correction.Status.PROPOSED,
        proposed_by=by,
    )
    _audit(correction, by, "correction_proposed", correction.reason)
    return correction


@transaction.atomic
def approve(correction: Correction, *, reason: str, by: User) -> None:
    """Post what somebody else proposed, for a reason of one's own.

    Raises SecondPersonNeeded, AlreadyDecided, InsufficientTokens, InvalidInput without a reason.
    """
    if correction.proposed_by_id == by.pk:
        raise SecondPersonNeeded
    _settle(correction, Correction.Status.POSTED, reason=audit.checked_reason(reason), by=by)


@transaction.atomic
def reject(correction: Correction, *, reason: str, by: User) -> None:
    """Drop a proposal: somebody else's, or one's own. Raises AlreadyDecided, InvalidInput without a reason."""
    _settle(correction, Correction.Status.REJECTED, reason=audit.checked_reason(reason), by=by)


def _settle(correction: Correction, status: Correction.Status, *, reason: str, by: User) -> None:
    if not states.move(correction, status, decided_by=by, decided_at=timezone.now()):
        raise AlreadyDecided
    if status == Correction.Status.POSTED:
        transfers.post(
            wallet_id=correction.wallet_id,
            kind=JournalEntry.Kind.CORRECTION,
            amount=correction.amount,
            reference=f"correction:{correction.pk}",
            description=gettext_noop("Correction"),
        )
    _audit(correction, by, f"correction_{status}", reason)


def _audit(correction: Correction, by: User, event: str, reason: str) -> None:
    """In the audit trail of the wallet's owner: the whole story of a person stands together."""
    audit.record(
        correction.wallet.owner,
        by=by,
        event=event,
        changes={"tokens": (0, correction.amount)},
        reason=reason,
    )
