"""Cases that no rule can decide. Staff do, with a note; nothing about money is decided by silence."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.errors import AlreadyDecided
from billing.models import Payment, PaymentEvent, PaymentNotification, ReviewCase
from billing.services import payment_credits, payment_events
from neuralbox.core import audit, states


def raise_case(
    kind: str,
    *,
    gateway: str,
    key: str,
    payment: Payment | None = None,
    notification: PaymentNotification | None = None,
    **details: Any,
) -> bool:
    """Put something before staff. `key` names the fact: however often it is told, it is one case. True: a new one."""
    case = ReviewCase(
        key=f"{kind}:{gateway}:{key}"[:300],
        kind=kind,
        gateway=gateway,
        payment=payment,
        notification=notification,
        details=details,
    )
    made = ReviewCase.objects.bulk_create([case], ignore_conflicts=True)
    is_new = bool(made) and ReviewCase.objects.filter(pk=case.pk).exists()
    if is_new and payment is not None:
        payment_events.add(payment, "review", PaymentEvent.Source.SITE, **(details | {"case": kind}))
    return is_new


@transaction.atomic
def resolve(case: ReviewCase, *, resolution: str, note: str, by: Any) -> None:
    """Close a case. `credited` gives the tokens of its payment, as if the gateway had said that all was paid.

    Raises AlreadyDecided, InvalidInput without a note, WrongState when there is nothing to credit.
    """
    note = audit.checked_reason(note)
    decided = {"resolution": resolution, "note": note, "resolved_by": by, "resolved_at": timezone.now()}
    if not states.move(case, ReviewCase.Status.RESOLVED, **decided):
        raise AlreadyDecided
    if resolution == ReviewCase.Resolution.CREDITED:
        payment_credits.by_staff(case.payment_id)
    audit.record(case, by=by, event="review_resolved", reason=note, resolution=resolution)
