"""The one place where a payment becomes tokens. Its row is locked, its reference in the ledger is unique: once."""

import json
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing.errors import WrongState
from billing.models import Payment, PaymentEvent
from billing.services import receipts
from billing.signals import balance_changed
from neuralbox.core import ids

# Long enough for the sweep of jobs to publish many at once: a flood of notifications does not wait for the broker.
_SOON = "500 milliseconds"
# What the SQL function writes into the entries.
gettext_noop("Bought tokens")
gettext_noop("Given with bought tokens")


def credit(payment: Payment, source: PaymentEvent.Source, **details: object) -> bool:
    """Give the tokens of a payment that was paid. Call it with the row locked. False: it was done before.

    One round trip. The customer is told by a job.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT billing_payment_credit(%s, %s, %s, %s, %s)",
            [payment.pk, source, json.dumps(details), ids.new(), _SOON],
        )
        owner_id = cursor.fetchone()[0]
    if owner_id is None:
        return False
    payment.status, payment.failure = Payment.Status.PAID, ""
    receipts.begin(payment)
    transaction.on_commit(lambda: balance_changed.send(sender=credit, owner_id=owner_id), robust=True)
    return True


def by_staff(payment_id: UUID | None) -> None:
    """Give the tokens because staff say so. Raises WrongState when there is no payment or it has been credited."""
    payment = Payment.objects.select_for_update().filter(pk=payment_id).first() if payment_id else None
    if payment is None or not credit(payment, PaymentEvent.Source.STAFF):
        raise WrongState
