"""Refusals of billing."""

from django.utils.translation import gettext_lazy as _

from neuralbox.core.errors import DomainError


class InsufficientTokens(DomainError):
    """Extras: `needed` and `available`, in tokens."""

    code = "insufficient_tokens"
    status = 402
    title = _("Not enough tokens")


class SpendCapReached(DomainError):
    """Extras: `window`, `limit` and `used`, in tokens."""

    code = "spend_cap_reached"
    status = 402
    title = _("This would pass the spending limit")
