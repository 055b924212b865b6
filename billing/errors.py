"""Refusals of billing."""

from django.utils.translation import gettext_lazy as _

from neuralbox.core.errors import Conflict, DomainError, InvalidInput


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


class InvalidAmount(InvalidInput):
    code = "invalid_amount"
    title = _("An amount of tokens is a whole number from 1 to 1,000,000,000,000")


class ReferenceTaken(Conflict):
    """The reference stands for something else already: another wallet, another amount or another kind."""

    code = "reference_taken"
    title = _("This reference has been used for something else")


class CaptureExceedsHold(Conflict):
    code = "capture_exceeds_hold"
    title = _("More would be taken than was set aside")


class SecondPersonNeeded(DomainError):
    """A correction above the limit, decided by the one who proposed it."""

    code = "second_person_needed"
    status = 403
    title = _("Above the limit, somebody else has to approve this")


class AlreadyDecided(Conflict):
    code = "already_decided"
    title = _("This correction has been decided already")
