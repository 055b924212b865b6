"""Offers at a price that will be kept for a while."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from generations.models import Quote
from generations.services import catalogue, inputs, pricing

LIFETIME = timedelta(minutes=15)
KEPT_FOR = timedelta(days=7)


def open_quote(*, user_id: UUID, model: str, raw_input: Any) -> Quote:
    """Price an input and keep the offer open for 15 minutes. Raises UnknownModel, ModelUnavailable, InvalidInput."""
    offer = catalogue.offered(model)
    accepted = inputs.accept(offer, raw_input, user_id=user_id)
    price = pricing.price(offer, accepted)
    return Quote.objects.create(
        user_id=user_id,
        version_id=offer.version_id,
        input=accepted.input,
        upload_ids=[str(upload.pk) for upload in accepted.uploads],
        tokens=price.tokens,
        breakdown=price.breakdown,
        expires_at=timezone.now() + LIFETIME,
    )


def expire_due() -> int:
    """Close quotes that nobody redeemed in time, and forget those of last week. Returns how many were closed."""
    now = timezone.now()
    closed = Quote.objects.filter(status=Quote.Status.OPEN, expires_at__lte=now).update(status=Quote.Status.EXPIRED)
    Quote.objects.filter(status=Quote.Status.EXPIRED, expires_at__lte=now - KEPT_FOR).delete()
    return closed
