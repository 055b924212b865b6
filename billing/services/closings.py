"""Closing receipts (54-FZ): prepaid tokens that have been spent are a service rendered, and that has a receipt too.

Once a day each prepaid payment is looked at: what of it is earned and closed by no receipt yet gets one, from the
gateway that took the money. What is spent follows the rule that says what can be returned (`billing.refundable`):
bought first, spent first; tokens of running work are not spent yet. A receipt is asked for once: before the call the
row says so, and whoever finds it after a crash or a lost answer asks first.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from billing import refundable, selectors_payments
from billing.errors import WrongState
from billing.gateways import registry
from billing.gateways.closings import ClosingOrder
from billing.gateways.errors import (
    Blame,
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    OutcomeUnknown,
    ReceiptUnknown,
)
from billing.gateways.money import Money
from billing.gateways.receipts import PREPAYMENTS, Closing, ReceiptReport, ReceiptState
from billing.models import Dispute, Hold, Payment, PaymentEvent, Receipt, Refund, ReviewCase, Wallet
from billing.models.payments import NextNumber
from billing.services import pauses, payment_events, payments, receipts, refund_reports, reviews
from neuralbox.core import audit, jobs, states

logger = logging.getLogger(__name__)
_LATER = timedelta(hours=1)
# A receipt that the gateway takes this long to print is left to it.
_ASKED_FOR = timedelta(days=3)


def begin() -> int:
    """Have every payment looked at that a closing receipt may be owed for, each by a job. Returns how many."""
    when = Closing(settings.FISCAL_CLOSING)
    if when is Closing.NEVER:
        return 0
    slugs = [slug for slug in registry.configured() if registry.closer(slug)]
    open_ones = Payment.objects.filter(
        gateway__in=slugs,
        status__in=[Payment.Status.PAID, Payment.Status.PARTIALLY_REFUNDED],
        receipt_terms__isnull=False,
        closed_amount__lt=F("amount") - F("refunded_amount"),
        receipt_terms__settlement__in=[str(one) for one in PREPAYMENTS],
    )
    if when is Closing.MONTHLY:
        month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        this_month = Receipt.objects.filter(kind=Receipt.Kind.CLOSING, created_at__gte=month)
        open_ones = open_ones.filter(paid_at__lt=month).exclude(pk__in=this_month.values("payment_id"))
    found = list(open_ones.values_list("pk", flat=True))
    with transaction.atomic():
        for payment_id in found:
            jobs.enqueue("billing.close_prepayment", str(payment_id))
    return len(found)


@transaction.atomic
def close(payment_id: UUID) -> Receipt | None:
    """Begin a receipt of what has been spent of a payment since the last one; None when there is nothing to say.

    May be repeated: while one has not been made, no other is begun.
    """
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    closer = registry.closer(payment.gateway)
    if closer is None or not _may_close(payment):
        return None
    Wallet.objects.select_for_update(no_key=True).get(pk=payment.wallet_id)
    unused = _unused(payment)
    money = refundable.spent_money(
        amount=payment.amount,
        tokens=payment.tokens,
        unused_tokens=unused,
        returned=payment.refunded_amount,
        closed=payment.closed_amount,
    )
    waits_for_all = closer.closes_once or Closing(settings.FISCAL_CLOSING) is Closing.SPENT
    if not money or (waits_for_all and unused):
        return None
    receipt = Receipt.objects.create(
        payment=payment,
        kind=Receipt.Kind.CLOSING,
        number=NextNumber(),
        lines=receipts.shown_lines(receipts.of_closing(payment, Money(money, payment.currency))),
        next_try_at=timezone.now(),
    )
    payment.closed_amount += money
    payment.save(update_fields=["closed_amount"])
    payment_events.add(payment, "closing_begun", PaymentEvent.Source.SITE, receipt=str(receipt.pk), amount=money)
    jobs.enqueue("billing.send_closing_receipt", str(receipt.pk))
    return receipt


def _may_close(payment: Payment) -> bool:
    """Not while a refund or a bank may still change what is earned, nor before the receipt begun last was made."""
    terms = payment.receipt_terms
    if terms is None or terms["settlement"] not in PREPAYMENTS:
        return False
    if payment.status not in (Payment.Status.PAID, Payment.Status.PARTIALLY_REFUNDED):
        return False
    if payment.disputes.filter(status__in=[Dispute.Status.INQUIRY, Dispute.Status.OPEN]).exists():
        return False
    if payment.refunds.filter(status__in=Refund.OPEN).exists():
        return False
    unmade = Q(status=Receipt.Status.FAILED) | Q(status=Receipt.Status.PENDING, sent_at=None)
    unmade |= Q(status=Receipt.Status.PENDING, is_outcome_unknown=True)
    return not payment.receipts.filter(unmade, kind=Receipt.Kind.CLOSING).exists()


def _unused(payment: Payment) -> int:
    """How many bought tokens of a payment are neither spent nor taken or set aside by a refund."""
    left, _bonus = refund_reports.not_on_their_way(payment)
    running = Hold.objects.filter(
        wallet_id=payment.wallet_id, status=Hold.Status.ACTIVE, purpose=Hold.Purpose.SPEND
    ).aggregate(sum=Sum("paid"))
    there = Wallet.objects.values_list("paid", flat=True).get(pk=payment.wallet_id) + (running["sum"] or 0)
    newer = selectors_payments.left_of_newer(payment)
    return refundable.unused(left=left, in_wallet=there, newer=newer)


def send(receipt_id: UUID) -> None:
    """Ask for a closing receipt, or find out what became of it. May run at any time, any number of times."""
    now = timezone.now()
    due = Receipt.objects.filter(pk=receipt_id, kind=Receipt.Kind.CLOSING, status=Receipt.Status.PENDING)
    pause = pauses.after(due.values_list("tries", flat=True).first() or 0)
    # The claim: of two workers one goes on.
    if not due.filter(next_try_at__lte=now).update(next_try_at=now + pause, tries=F("tries") + 1):
        return
    receipt = Receipt.objects.select_related("payment").get(pk=receipt_id)
    if receipt.sent_at is None:
        _attempt(receipt)
    else:
        _ask(receipt)


def order_of(receipt: Receipt) -> ClosingOrder:
    """The receipt as its gateway is asked for it: the same every time."""
    payment = receipt.payment
    printed = receipts.printed(receipt)
    others = payment.receipts.exclude(pk=receipt.pk).exclude(external_id="").values_list("external_id", flat=True)
    return ClosingOrder(
        receipt_id=receipt.pk,
        number=receipt.number or 0,
        payment=payments.reference_of(payment),
        amount=Money(sum(line.amount.minor for line in printed.lines), payment.currency),
        receipt=printed,
        others=tuple(others),
    )


def _closer(receipt: Receipt) -> Any:
    return registry.closer(receipt.payment.gateway)


def _attempt(receipt: Receipt) -> None:
    mine = Receipt.objects.filter(pk=receipt.pk, status=Receipt.Status.PENDING)
    if not mine.update(is_outcome_unknown=True, sent_at=timezone.now()):
        return
    try:
        report = _closer(receipt).close(order_of(receipt))
    except GatewayUnavailable:
        mine.update(is_outcome_unknown=False, sent_at=None)
    except OutcomeUnknown:
        logger.warning("outcome of a closing receipt unknown", extra={"receipt": str(receipt.pk)})
    except GatewayRefused as refusal:
        _refused(receipt, refusal)
    else:
        _take(receipt, report)


def _ask(receipt: Receipt) -> None:
    try:
        report = _closer(receipt).fetch_closing(order_of(receipt), receipt.external_id)
    except ReceiptUnknown:
        _attempt(receipt)
    except CannotTell:
        Receipt.objects.filter(pk=receipt.pk).update(next_try_at=None)
        if receipt.is_outcome_unknown:
            _tell_staff(receipt, code="unknown", message="")
    except (GatewayUnavailable, OutcomeUnknown) as error:
        logger.warning("closing receipt not asked about: %s", type(error).__name__, extra={"receipt": str(receipt.pk)})
    except GatewayRefused as refusal:
        _refused(receipt, refusal)
    else:
        _take(receipt, report)


def _take(receipt: Receipt, report: ReceiptReport) -> None:
    taken = {"is_outcome_unknown": False, "external_id": report.external_id[:200] or receipt.external_id}
    Receipt.objects.filter(pk=receipt.pk).update(**taken)
    receipts.note(receipt, report)
    if report.state is ReceiptState.FAILED:
        _tell_staff(receipt, code=report.raw_status, message="")
    elif report.state is ReceiptState.PENDING and timezone.now() - receipt.created_at > _ASKED_FOR:
        states.move(receipt, Receipt.Status.UNTOLD, next_try_at=None)


def _refused(receipt: Receipt, refusal: GatewayRefused) -> None:
    """Asked again later where that can help; otherwise it waits for staff."""
    if refusal.blame is Blame.LATER:
        again = {"is_outcome_unknown": False, "sent_at": None, "next_try_at": timezone.now() + _LATER}
        Receipt.objects.filter(pk=receipt.pk).update(**again)
        return
    failed = {"is_outcome_unknown": False, "next_try_at": None, "raw_status": refusal.code[:60]}
    if states.move(receipt, Receipt.Status.FAILED, **failed):
        _tell_staff(receipt, code=refusal.code, message=refusal.message[:300])


def _tell_staff(receipt: Receipt, *, code: str, message: str) -> None:
    reviews.raise_case(
        ReviewCase.Kind.RECEIPT,
        gateway=receipt.payment.gateway,
        key=f"{receipt.pk}:{receipt.tries}",
        payment=receipt.payment,
        receipt=str(receipt.pk),
        code=code,
        message=message,
    )


@transaction.atomic
def send_again(receipt: Receipt, *, reason: str, by: Any) -> None:
    """Staff know that it was not made: it is asked for anew. Raises WrongState, InvalidInput without a reason."""
    reason = audit.checked_reason(reason)
    receipt = _locked(receipt)
    states.move(receipt, Receipt.Status.PENDING)
    again = {"is_outcome_unknown": False, "sent_at": None, "next_try_at": timezone.now()}
    Receipt.objects.filter(pk=receipt.pk).update(**again)
    audit.record(receipt.payment, by=by, event="receipt_sent_again", reason=reason, receipt=str(receipt.pk))
    jobs.enqueue("billing.send_closing_receipt", str(receipt.pk))


@transaction.atomic
def made_elsewhere(receipt: Receipt, *, proof: str, by: Any) -> None:
    """Staff saw it made, or made it by hand: `proof` is its fiscal number. Raises WrongState, InvalidInput."""
    proof = audit.checked_reason(proof)
    receipt = _locked(receipt)
    receipts.note(receipt, ReceiptReport(ReceiptState.ISSUED, fiscal_document=proof, raw_status="staff"))
    audit.record(receipt.payment, by=by, event="receipt_made_elsewhere", reason=proof, receipt=str(receipt.pk))


def _locked(receipt: Receipt) -> Receipt:
    locked = Receipt.objects.select_for_update(no_key=True, of=("self",)).select_related("payment").get(pk=receipt.pk)
    waits = locked.status == Receipt.Status.FAILED or (
        locked.status == Receipt.Status.PENDING and locked.next_try_at is None
    )
    if locked.kind != Receipt.Kind.CLOSING or not waits:
        raise WrongState
    return locked
