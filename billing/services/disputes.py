"""Disputes: a payer's bank takes the money back, or tries to. Unused tokens are frozen, as many as there are."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from billing.gateways.base import DisputeReport, DisputeState
from billing.models import Dispute, Hold, Payment, PaymentEvent, PaymentNotification, ReviewCase
from billing.services import payment_events, refund_reports, reviews, unused_holds
from neuralbox.core import states

Verdict = PaymentNotification.Verdict
_STATUS = {
    DisputeState.INQUIRY: Dispute.Status.INQUIRY,
    DisputeState.OPEN: Dispute.Status.OPEN,
    DisputeState.WON: Dispute.Status.WON,
    DisputeState.LOST: Dispute.Status.LOST,
}


@transaction.atomic
def apply(payment_id: UUID, report: DisputeReport, *, notification: PaymentNotification | None = None) -> str:
    """Take news of a dispute. Safe to repeat, in any order. Returns the verdict on the news."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    if payment.status not in Payment.MONEY_CAME:
        return Verdict.REVIEW
    dispute = payment.disputes.select_related("hold__wallet").filter(external_id=report.external_id).first()
    if dispute is None:
        dispute = Dispute.objects.create(
            payment=payment,
            external_id=report.external_id[:200],
            status=Dispute.Status.INQUIRY,
            amount=report.amount.minor,
            reason=report.reason[:200],
            answer_by=report.answer_by,
        )
        is_new = True
        reviews.raise_case(
            ReviewCase.Kind.DISPUTE,
            gateway=payment.gateway,
            key=report.external_id,
            payment=payment,
            notification=notification,
            reason=report.reason[:200],
            amount=str(report.amount),
        )
        payment_events.add(payment, "dispute_opened", PaymentEvent.Source.NOTIFICATION, dispute=str(dispute.pk))
    else:
        is_new = False
    is_new |= _move(dispute, payment, report)
    return Verdict.APPLIED if is_new else Verdict.IGNORED


def _move(dispute: Dispute, payment: Payment, report: DisputeReport) -> bool:
    status = _STATUS[report.state]
    if status == Dispute.Status.INQUIRY:
        return False
    # A decision may be the first that we hear: what is lost is taken all the same.
    if status != Dispute.Status.WON and dispute.status == Dispute.Status.INQUIRY:
        _freeze(dispute, payment)
    is_over = status in (Dispute.Status.WON, Dispute.Status.LOST)
    changes: dict[str, object] = {"raw_status": report.raw_status[:60]}
    if is_over:
        changes["ended_at"] = timezone.now()
    if not states.move(dispute, status, **changes):
        return False
    if status == Dispute.Status.LOST:
        _lose(dispute, payment)
    elif status == Dispute.Status.WON:
        _win(dispute, payment)
    if is_over:
        payment_events.add(payment, f"dispute_{status}", PaymentEvent.Source.NOTIFICATION, dispute=str(dispute.pk))
    return True


def _freeze(dispute: Dispute, payment: Payment) -> None:
    refund_reports.stop_unsent(payment, "disputed")
    wanted, bonus = refund_reports.not_on_their_way(payment)
    frozen = unused_holds.place(
        wallet_id=payment.wallet_id,
        paid=wanted,
        bonus=bonus,
        reference=f"dispute:{dispute.pk}",
        purpose=Hold.Purpose.DISPUTE,
        in_part=True,
    )
    dispute.hold_id, dispute.frozen_tokens, dispute.shortfall = frozen.hold_id, frozen.paid, wanted - frozen.paid
    dispute.save(update_fields=["hold", "frozen_tokens", "shortfall"])
    states.move(payment, Payment.Status.DISPUTED)


def _lose(dispute: Dispute, payment: Payment) -> None:
    bonus = 0
    if dispute.hold is not None:
        unused_holds.take(dispute.hold)
        bonus = dispute.hold.bonus
    Payment.objects.filter(pk=payment.pk).update(
        refunded_amount=Least(F("refunded_amount") + dispute.amount, F("amount")),
        refunded_tokens=F("refunded_tokens") + dispute.frozen_tokens,
        refunded_bonus=F("refunded_bonus") + bonus,
    )
    payment.refresh_from_db(fields=["refunded_amount", "refunded_tokens", "refunded_bonus"])
    _end(payment)


def _win(dispute: Dispute, payment: Payment) -> None:
    if dispute.hold is not None:
        unused_holds.give_back(dispute.hold)
    _end(payment)


def _end(payment: Payment) -> None:
    if not payment.disputes.filter(status=Dispute.Status.OPEN).exists():
        refund_reports.show_refunded(payment)
