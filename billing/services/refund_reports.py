"""News of money that went back: of refunds that we asked for, and of those made in a gateway's cabinet.

The row of the payment is locked first, then that of the refund, then the wallet: everywhere.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Least
from django.utils import timezone

from billing import refundable
from billing.gateways.base import RefundReport, RefundState
from billing.gateways.money import Money
from billing.models import Hold, Payment, PaymentEvent, PaymentNotification, Refund, ReviewCase
from billing.services import payment_events, receipts, reviews, unused_holds
from neuralbox.core import jobs, states

Verdict = PaymentNotification.Verdict


def lock(refund_id: UUID) -> Refund:
    """The refund, with its payment and itself locked for the caller's transaction."""
    payment_id = Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id)
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    refund = (
        Refund.objects.select_for_update(no_key=True, of=("self",)).select_related("hold__wallet").get(pk=refund_id)
    )
    refund.payment = payment
    return refund


@transaction.atomic
def apply(refund_id: UUID, report: RefundReport) -> bool:
    """Take the gateway's answer about a refund of ours. Safe to repeat. True when something changed."""
    refund = lock(refund_id)
    if report.external_id and not refund.external_id:
        refund.external_id = report.external_id[:200]
        refund.save(update_fields=["external_id"])
    is_new = _move(refund, report)
    if report.receipt is not None:
        is_new |= receipts.apply(refund.payment, report.receipt, refund)
    return is_new


def _move(refund: Refund, report: RefundReport) -> bool:
    match report.state:
        case RefundState.SUCCEEDED:
            return succeed(refund, PaymentEvent.Source.QUERY)
        case RefundState.FAILED:
            return fail(refund, report.failure or report.raw_status, PaymentEvent.Source.QUERY)
        case RefundState.PENDING:
            Refund.objects.filter(pk=refund.pk).update(is_outcome_unknown=False)
            return states.move(refund, Refund.Status.SENT)
    return False


@transaction.atomic
def apply_to_payment(payment_id: UUID, report: RefundReport, *, notification: PaymentNotification | None = None) -> str:
    """Take pushed news of a refund of this payment: one of ours, or one that somebody made in the cabinet."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    refund = _own_refund(payment, report)
    if refund is not None:
        return Verdict.APPLIED if apply(refund.pk, report) else Verdict.IGNORED
    if report.state != RefundState.SUCCEEDED or report.amount is None:
        return Verdict.IGNORED
    if report.amount.currency != payment.currency or payment.status not in Payment.MONEY_CAME:
        reviews.raise_case(
            ReviewCase.Kind.REFUND,
            gateway=payment.gateway,
            key=f"{payment.pk}:{report.external_id}",
            payment=payment,
            notification=notification,
            amount=str(report.amount),
        )
        return Verdict.REVIEW
    _record_external(payment, report.amount.minor, report.external_id, notification)
    return Verdict.APPLIED


def _own_refund(payment: Payment, report: RefundReport) -> Refund | None:
    """Ours by its number, by theirs, or the one whose answer was lost and whose sum fits."""
    own = payment.refunds.order_by("-created_at")
    try:
        if report.reference and (named := own.filter(pk=UUID(report.reference)).first()):
            return named
    except ValueError:
        pass
    if report.external_id and (named := own.filter(external_id=report.external_id).first()):
        return named
    amounts = {} if report.amount is None else {"amount": report.amount.minor}
    return (
        own.filter(status__in=[Refund.Status.APPROVED, Refund.Status.SENT], external_id="", **amounts)
        .exclude(sent_at=None)
        .first()
    )


def apply_total(payment: Payment, total: Money, *, notification: PaymentNotification | None = None) -> bool:
    """The gateway says how much went back in all: end the refund that explains it; the rest was made outside of us.

    Call it with the payment locked. True when something changed.
    """
    beyond = total.minor - payment.refunded_amount
    if total.currency != payment.currency or beyond <= 0 or payment.status not in Payment.MONEY_CAME:
        return False
    waiting = payment.refunds.filter(status__in=[Refund.Status.APPROVED, Refund.Status.SENT]).exclude(sent_at=None)
    for refund_id in waiting.filter(amount__lte=beyond).values_list("pk", flat=True):
        refund = lock(refund_id)
        if succeed(refund, PaymentEvent.Source.QUERY):
            beyond -= refund.amount
    payment.refresh_from_db(fields=["refunded_amount", "refunded_tokens", "refunded_bonus", "status"])
    if beyond > 0 and not payment.refunds.filter(status=Refund.Status.SENT).exists():
        _record_external(payment, beyond, "", notification)
    return True


def _record_external(payment: Payment, minor: int, external_id: str, notification: PaymentNotification | None) -> None:
    """A refund that we did not ask for: its tokens go as far as they are there, and staff hear of it."""
    minor = min(minor, payment.amount - payment.refunded_amount)
    if minor <= 0:
        return
    left_tokens, left_bonus = not_on_their_way(payment)
    wanted = min(left_tokens, refundable.share(amount=minor, of=payment.amount, tokens=payment.tokens))
    bonus = min(left_bonus, refundable.share(amount=minor, of=payment.amount, tokens=payment.bonus_tokens))
    refund = Refund(
        payment=payment,
        source=Refund.Source.GATEWAY,
        status=Refund.Status.SUCCEEDED,
        amount=minor,
        tokens=0,
        external_id=external_id[:200],
        ended_at=timezone.now(),
    )
    taken = unused_holds.place(
        wallet_id=payment.wallet_id,
        paid=wanted,
        bonus=bonus,
        reference=f"refund:{refund.pk}",
        purpose=Hold.Purpose.REFUND,
        in_part=True,
    )
    refund.hold_id, refund.tokens, refund.bonus_tokens = taken.hold_id, taken.paid, taken.bonus
    refund.save()
    _settle(refund, PaymentEvent.Source.NOTIFICATION)
    reviews.raise_case(
        ReviewCase.Kind.REFUND,
        gateway=payment.gateway,
        key=str(refund.pk),
        payment=payment,
        notification=notification,
        amount=str(Money(minor, payment.currency)),
        tokens=taken.paid,
        missing=wanted - taken.paid,
    )


def not_on_their_way(payment: Payment) -> tuple[int, int]:
    """How many paid and bonus tokens of a payment no refund has taken or set aside."""
    waiting = payment.refunds.filter(status__in=Refund.OPEN).aggregate(paid=Sum("tokens"), bonus=Sum("bonus_tokens"))
    return (
        payment.tokens - payment.refunded_tokens - (waiting["paid"] or 0),
        payment.bonus_tokens - payment.refunded_bonus - (waiting["bonus"] or 0),
    )


def stop_unsent(payment: Payment, why: str) -> None:
    """End refunds that were not sent yet: the payer's bank takes the money. Call it with the payment locked."""
    unsent = payment.refunds.filter(status__in=[Refund.Status.REQUESTED, Refund.Status.APPROVED], sent_at=None)
    for refund_id in unsent.values_list("pk", flat=True):
        refund = lock(refund_id)
        if refund.sent_at is None and refund.hold is not None:
            to = Refund.Status.REJECTED if refund.status == Refund.Status.REQUESTED else Refund.Status.FAILED
            if states.move(refund, to, ended_at=timezone.now(), next_poll_at=None, failure=why):
                unused_holds.give_back(refund.hold)


def succeed(refund: Refund, source: PaymentEvent.Source, **changes: object) -> bool:
    """The money is gone: take the tokens for good and tell the customer. Locked by the caller. False: known already."""
    ended = {"ended_at": timezone.now(), "next_poll_at": None, "is_outcome_unknown": False, **changes}
    if not states.move(refund, Refund.Status.SUCCEEDED, **ended):
        return False
    _settle(refund, source)
    return True


def _settle(refund: Refund, source: PaymentEvent.Source) -> None:
    payment = refund.payment
    if refund.hold is not None:
        unused_holds.take(refund.hold)
    Payment.objects.filter(pk=payment.pk).update(
        # Never more than was paid, even where a bank took the same money a second time.
        refunded_amount=Least(F("refunded_amount") + refund.amount, F("amount")),
        refunded_tokens=F("refunded_tokens") + refund.tokens,
        refunded_bonus=F("refunded_bonus") + refund.bonus_tokens,
    )
    payment.refresh_from_db(fields=["refunded_amount", "refunded_tokens", "refunded_bonus"])
    if payment.status != Payment.Status.DISPUTED:
        show_refunded(payment)
    payment_events.add(payment, "refunded", source, refund=str(refund.pk), amount=refund.amount)
    receipts.begin(payment, refund)
    jobs.enqueue("billing.tell_refund_ended", str(refund.pk))


def show_refunded(payment: Payment) -> None:
    """Have the status say how much of the payment went back."""
    if payment.refunded_amount >= payment.amount:
        states.move(payment, Payment.Status.REFUNDED)
    elif payment.refunded_amount:
        states.move(payment, Payment.Status.PARTIALLY_REFUNDED)
    else:
        states.move(payment, Payment.Status.PAID)


def fail(refund: Refund, why: str, source: PaymentEvent.Source) -> bool:
    """The money stays with us: the tokens return. Locked by the caller. False: it had ended.

    A bank may send money back after a success: that is for staff, since the customer has been told otherwise.
    """
    ended = {"ended_at": timezone.now(), "next_poll_at": None, "is_outcome_unknown": False, "failure": why[:500]}
    if not states.move(refund, Refund.Status.FAILED, **ended):
        if refund.status == Refund.Status.SUCCEEDED:
            reviews.raise_case(
                ReviewCase.Kind.RETURNED,
                gateway=refund.payment.gateway,
                key=str(refund.pk),
                payment=refund.payment,
                why=why[:300],
            )
        return False
    if refund.hold is not None:
        unused_holds.give_back(refund.hold)
    payment_events.add(refund.payment, "refund_failed", source, refund=str(refund.pk), why=why[:300])
    jobs.enqueue("billing.tell_refund_ended", str(refund.pk))
    return True
