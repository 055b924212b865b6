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


class NumberNotTheirs(InvalidInput):
    code = "number_not_theirs"
    title = _("The payment system knows no payment of this order under that number")


class NotOffered(InvalidInput):
    code = "not_offered"
    title = _("This is not on offer")


class AmountOutOfLimits(InvalidInput):
    """Extras: `minimum`, `maximum` in minor units, and `currency`."""

    code = "amount_out_of_limits"
    title = _("This amount cannot be paid this way")


class UnusableCode(InvalidInput):
    code = "unusable_code"
    title = _("This code cannot be used")


class GatewayNotUsable(InvalidInput):
    """Not configured here, or not for this currency. Extras: `usable`, the slugs of those that are."""

    code = "gateway_not_usable"
    title = _("This way to pay is not available")


class GatewayTrouble(DomainError):
    """The gateway does not answer or refuses us. Nothing was paid."""

    code = "gateway_unavailable"
    status = 503
    title = _("The payment system does not answer")
    retryable = True


class PaymentRefused(DomainError):
    """The gateway will not take this payment. Nothing was paid."""

    code = "payment_refused"
    status = 422
    title = _("The payment system refused this payment")


class NotRefundable(Conflict):
    """Extras: `why`, one of not_paid, disputed, refunded, in_progress, spent."""

    code = "not_refundable"
    title = _("Nothing of this payment can be returned")


class WrongState(Conflict):
    code = "wrong_state"
    title = _("The present state does not allow this")
