"""The log of each payment: what happened, and how we learned of it."""

from typing import Any

from billing.models import Payment, PaymentEvent


def add(payment: Payment, kind: str, source: PaymentEvent.Source, **details: Any) -> None:
    """Append one event. `details` are JSON-ready and name no person."""
    PaymentEvent.objects.create(payment=payment, kind=kind, source=source, details=details)
