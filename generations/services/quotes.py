"""Priced offers that are kept: opened here, redeemed by `generations_create`, expired by the sweep."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from generations.models import Quote
from generations.services import catalogue, inputs, pricing
from neuralbox.core import ids

LIFETIME = timedelta(minutes=15)
_BATCH = 1000


def open_quote(*, user_id: UUID, model: str, raw_input: Any) -> Quote:
    """Accept and price an input; the price holds for 15 minutes, whatever happens to the model's price meanwhile.

    Raises UnknownModel, ModelUnavailable, InvalidInput.
    """
    offer = catalogue.offered(model)
    accepted = inputs.accept(offer, raw_input, user_id=user_id)
    price = pricing.price(offer, accepted)
    now = timezone.now()
    return Quote.objects.create(
        id=ids.new(),
        user_id=user_id,
        version_id=offer.version_id,
        input=accepted.input,
        upload_ids=[str(upload.pk) for upload in accepted.uploads],
        tokens=price.tokens,
        breakdown=[line.stored() for line in price.breakdown],
        created_at=now,
        expires_at=now + LIFETIME,
    )


def expire_due() -> int:
    """Close quotes whose time is over, up to a thousand at a time. Returns how many were closed."""
    due = Quote.objects.filter(status=Quote.Status.OPEN, expires_at__lte=timezone.now()).order_by("expires_at")
    return Quote.objects.filter(pk__in=due.values("pk")[:_BATCH], status=Quote.Status.OPEN).update(
        status=Quote.Status.EXPIRED
    )
