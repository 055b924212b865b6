"""What people are told about their money."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Notice
from accounts.notice_texts import in_each_language
from accounts.services import notices
from billing.gateways.money import Money
from billing.models import Payment, PaymentNotification, Refund
from billing.money_words import with_symbol

# Calls that were not the gateway's are kept this long, for who looks into an attack.
REFUSED_ARE_KEPT = timedelta(days=30)
_KIND_OF_END = {
    Refund.Status.SUCCEEDED: Notice.Kind.REFUND_SENT,
    Refund.Status.REJECTED: Notice.Kind.REFUND_DECLINED,
    Refund.Status.FAILED: Notice.Kind.REFUND_FAILED,
}


def tell_paid(payment_id: UUID) -> None:
    """Once, however often it is called."""
    payment = Payment.objects.select_related("wallet").get(pk=payment_id)
    notices.send(
        user_id=payment.wallet.owner_id,
        kind=Notice.Kind.PAYMENT_RECEIVED,
        reference=f"payment:{payment.pk}",
        link=f"/wallet/payments/{payment.pk}",
        tokens=payment.tokens + payment.bonus_tokens,
    )


def tell_refund_ended(refund_id: UUID) -> None:
    """That it was sent, declined, or did not go through. Once, however often it is called."""
    refund = Refund.objects.select_related("payment__wallet").get(pk=refund_id)
    payment = refund.payment
    kind = _KIND_OF_END[Refund.Status(refund.status)]
    reason = {"reason": refund.answer} if kind == Notice.Kind.REFUND_DECLINED else {}
    notices.send(
        user_id=payment.wallet.owner_id,
        kind=kind,
        reference=f"refund:{refund.pk}",
        link=f"/wallet/payments/{payment.pk}",
        amount=in_each_language(lambda: with_symbol(Money(refund.amount, payment.currency))),
        **reason,
    )


def forget_refused() -> int:
    """Delete old calls that were nobody's. Returns how many."""
    old = PaymentNotification.objects.filter(
        verdict=PaymentNotification.Verdict.REFUSED, received_at__lt=timezone.now() - REFUSED_ARE_KEPT
    )
    return old.delete()[0]
