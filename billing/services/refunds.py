"""Refunds from the request to the gateway: held first, approved by people, sent once, asked about until it is known."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import selectors_payments
from billing.errors import NotRefundable, SecondPersonNeeded, WrongState
from billing.gateways import registry
from billing.gateways.base import Refunds
from billing.models import Hold, Payment, PaymentEvent, Refund, Wallet
from billing.selectors_payments import Refundable
from billing.services import payment_events, refund_reports, unused_holds
from neuralbox.core import audit, jobs, states
from neuralbox.core.errors import NotFound

# Tokens above which two people of staff have to approve.
LIMIT = 5000


@transaction.atomic
def request(*, owner_id: UUID, payment_id: UUID, reason: str) -> Refund:
    """Ask for the return of all that is unused of one's own payment. Its tokens are set aside at once.

    Raises NotFound for another's payment, NotRefundable with the reason why not.
    """
    payment = Payment.objects.select_for_update(no_key=True).filter(pk=payment_id, wallet__owner_id=owner_id).first()
    if payment is None:
        raise NotFound
    return _begin(payment, source=Refund.Source.CUSTOMER, reason=reason.strip()[:1000], by=None)


@transaction.atomic
def propose(*, payment_id: UUID, reason: str, by: Any) -> Refund:
    """The same by staff, whose proposal counts as the first approval. Raises NotRefundable, InvalidInput, NotFound."""
    payment = Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound
    refund = _begin(payment, source=Refund.Source.STAFF, reason=audit.checked_reason(reason), by=by)
    audit.record(payment, by=by, event="refund_proposed", reason=reason, refund=str(refund.pk))
    return refund


def _begin(payment: Payment, *, source: str, reason: str, by: Any) -> Refund:
    Wallet.objects.select_for_update(no_key=True).get(pk=payment.wallet_id)
    part = selectors_payments.refundable(payment)
    if part.why:
        raise NotRefundable(part.explanation, why=part.why)
    return _hold(payment, part, source=source, reason=reason, by=by)


def _hold(payment: Payment, part: Refundable, *, source: str, reason: str, by: Any) -> Refund:
    refund = Refund(
        payment=payment,
        source=source,
        amount=part.amount,
        tokens=part.tokens,
        bonus_tokens=part.bonus_tokens,
        reason=reason,
        is_manual=registry.gateway(payment.gateway).facts.refunds == Refunds.NONE,
        requested_by=by,
        first_approved_by=by,
    )
    held = unused_holds.place(
        wallet_id=payment.wallet_id,
        paid=part.tokens,
        bonus=part.bonus_tokens,
        reference=f"refund:{refund.pk}",
        purpose=Hold.Purpose.REFUND,
    )
    refund.hold_id = held.hold_id
    refund.save()
    refund.refresh_from_db(fields=["created_at"])
    made_by = PaymentEvent.Source.CUSTOMER if source == Refund.Source.CUSTOMER else PaymentEvent.Source.STAFF
    payment_events.add(payment, "refund_requested", made_by, refund=str(refund.pk), amount=part.amount)
    return refund


def needs_second_person(refund: Refund) -> bool:
    return refund.tokens + refund.bonus_tokens > LIMIT


@transaction.atomic
def approve(refund: Refund, *, reason: str, by: Any) -> Refund:
    """Let the money go. Above the limit the first approval waits for a second person's.

    Raises SecondPersonNeeded for one's own proposal above the limit, WrongState, InvalidInput without a reason.
    """
    reason = audit.checked_reason(reason)
    refund = refund_reports.lock(refund.pk)
    if refund.status != Refund.Status.REQUESTED:
        raise WrongState
    if needs_second_person(refund):
        if refund.first_approved_by_id == by.pk:
            raise SecondPersonNeeded
        if refund.first_approved_by_id is None:
            refund.first_approved_by = by
            refund.save(update_fields=["first_approved_by"])
            audit.record(refund.payment, by=by, event="refund_first_approval", reason=reason, refund=str(refund.pk))
            return refund
    now = timezone.now()
    states.move(refund, Refund.Status.APPROVED, decided_by=by, decided_at=now)
    payment_events.add(refund.payment, "refund_approved", PaymentEvent.Source.STAFF, refund=str(refund.pk))
    audit.record(refund.payment, by=by, event="refund_approved", reason=reason, refund=str(refund.pk))
    if not refund.is_manual:
        jobs.enqueue("billing.send_refund", str(refund.pk))
    return refund


@transaction.atomic
def reject(refund: Refund, *, reason: str, by: Any) -> None:
    """Say no, with an answer that the customer reads; the tokens return. Raises WrongState, InvalidInput."""
    reason = audit.checked_reason(reason)
    refund = refund_reports.lock(refund.pk)
    now = timezone.now()
    decided = {"decided_by": by, "decided_at": now, "ended_at": now, "answer": reason}
    if not states.move(refund, Refund.Status.REJECTED, **decided):
        raise WrongState
    if refund.hold is not None:
        unused_holds.give_back(refund.hold)
    payment_events.add(refund.payment, "refund_rejected", PaymentEvent.Source.STAFF, refund=str(refund.pk))
    audit.record(refund.payment, by=by, event="refund_rejected", reason=reason, refund=str(refund.pk))
    jobs.enqueue("billing.tell_refund_ended", str(refund.pk))


@transaction.atomic
def record_payout(refund: Refund, *, proof: str, by: Any) -> None:
    """Money was sent by hand (crypto, or found out in the gateway's cabinet): `proof` names the transaction.

    Raises WrongState unless it is approved or sent, InvalidInput without a proof.
    """
    proof = audit.checked_reason(proof)
    refund = refund_reports.lock(refund.pk)
    if not refund_reports.succeed(refund, PaymentEvent.Source.STAFF, proof=proof[:500]):
        raise WrongState
    audit.record(refund.payment, by=by, event="refund_paid_out", reason=proof, refund=str(refund.pk))


@transaction.atomic
def record_failure(refund: Refund, *, reason: str, by: Any) -> None:
    """The gateway's cabinet shows that no money went: the tokens return. Raises WrongState, InvalidInput."""
    reason = audit.checked_reason(reason)
    refund = refund_reports.lock(refund.pk)
    if not refund_reports.fail(refund, reason, PaymentEvent.Source.STAFF):
        raise WrongState(_("This refund has ended or was not approved."))
    audit.record(refund.payment, by=by, event="refund_failed", reason=reason, refund=str(refund.pk))
