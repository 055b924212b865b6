"""Background jobs and the periodic sweeps of billing."""

from uuid import UUID

from celery import shared_task

from billing.services import (
    closings,
    low_balance,
    payment_notices,
    payment_polls,
    reconciliation,
    refund_sending,
)
from neuralbox.core.jobs import job


@job(name="billing.tell_paid")
def tell_paid(payment_id: str) -> None:
    payment_notices.tell_paid(UUID(payment_id))


@job(name="billing.tell_refund_ended")
def tell_refund_ended(refund_id: str) -> None:
    payment_notices.tell_refund_ended(UUID(refund_id))


@job(name="billing.ask_about_payment", queue="poll")
def ask_about_payment(payment_id: str) -> None:
    payment_polls.ask(UUID(payment_id))


@job(name="billing.send_refund", queue="poll")
def send_refund(refund_id: str) -> None:
    refund_sending.send(UUID(refund_id))


@job(name="billing.reconcile", max_attempts=6)
def reconcile(gateway: str, day: str) -> None:
    reconciliation.run(gateway, day)


@job(name="billing.close_prepayment")
def close_prepayment(payment_id: str) -> None:
    closings.close(UUID(payment_id))


@job(name="billing.send_closing_receipt", queue="poll")
def send_closing_receipt(receipt_id: str) -> None:
    closings.send(UUID(receipt_id))


@shared_task(name="billing.close_prepayments")
def close_prepayments() -> None:
    closings.begin()


@shared_task(name="billing.begin_due")
def begin_due() -> None:
    payment_polls.begin_due()


@shared_task(name="billing.begin_reconciliation")
def begin_reconciliation() -> None:
    reconciliation.begin()


@shared_task(name="billing.tell_low_balances")
def tell_low_balances() -> None:
    low_balance.tell()


@shared_task(name="billing.forget_refused")
def forget_refused() -> None:
    payment_notices.forget_refused()
