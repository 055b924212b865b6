"""The one place where a payment becomes tokens. Its row is locked, its reference in the ledger is unique: once."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from billing.errors import WrongState
from billing.models import Payment, PaymentEvent
from billing.services import bonuses, payment_events, receipts, top_ups
from neuralbox.core import jobs, states

# Long enough for the sweep of jobs to publish many at once: a flood of notifications does not wait for the broker.
_SOON = timedelta(milliseconds=500)


def credit(payment: Payment, source: PaymentEvent.Source, **details: object) -> bool:
    """Give the tokens of a payment that was paid. Call it with the row locked. False: it was done before."""
    if payment.status in Payment.MONEY_CAME:
        return False
    now = timezone.now()
    paid = {"paid_at": now, "closed_at": now, "failure": "", "next_poll_at": None}
    if not states.move(payment, Payment.Status.PAID, **paid):
        return False
    top_ups.credit(
        wallet_id=payment.wallet_id,
        amount=payment.tokens,
        reference=f"payment:{payment.pk}",
        description=gettext_noop("Bought tokens"),
    )
    if payment.bonus_tokens:
        bonuses.grant(
            wallet_id=payment.wallet_id,
            amount=payment.bonus_tokens,
            reference=f"payment:{payment.pk}",
            description=gettext_noop("Given with bought tokens"),
        )
    payment_events.add(payment, "paid", source, **details)
    receipts.begin(payment)
    jobs.enqueue("billing.tell_paid", str(payment.pk), delay=_SOON)
    return True


def by_staff(payment_id: UUID | None) -> None:
    """Give the tokens because staff say so. Raises WrongState when there is no payment or it has been credited."""
    payment = Payment.objects.select_for_update().filter(pk=payment_id).first() if payment_id else None
    if payment is None or not credit(payment, PaymentEvent.Source.STAFF):
        raise WrongState
