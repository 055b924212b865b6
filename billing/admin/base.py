"""What the admin pages of billing have in common: how a person's rows are found, how a refusal is shown."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest

from billing.models import Wallet
from neuralbox.core.errors import DomainError

WALLETS_AT_MOST = 50


def as_uuid(term: str) -> UUID | None:
    try:
        return UUID(term.strip())
    except ValueError:
        return None


def wallets_of(term: str) -> list[UUID]:
    """The wallets that a search term names: by their id or their owner's, by the owner's e-mail or name.

    Found first, so that a large table is asked for them by its index and is never compared with the term row by row.
    """
    key = as_uuid(term)
    if key is not None:
        named = Q(pk=key) | Q(owner_id=key)
    else:
        named = Q(owner__email__icontains=term.strip()) | Q(owner__name__icontains=term.strip())
    return list(Wallet.objects.filter(named).values_list("pk", flat=True)[:WALLETS_AT_MOST])


def say(request: HttpRequest, refusal: DomainError) -> None:
    """Show a refusal, with what is wrong with each field."""
    details = [str(error.detail) for error in refusal.errors]
    messages.error(request, " ".join([str(refusal.detail), *details]))
