"""What generations refuse, in words that a user can act on."""

from django.utils.translation import gettext_lazy as _

from neuralbox.core.errors import Conflict, DomainError, NotFound


class UnknownModel(NotFound):
    code = "unknown_model"
    title = _("There is no such model")


class ModelUnavailable(Conflict):
    code = "model_unavailable"
    title = _("This model cannot be ordered now")
    retryable = True


class QuoteNotOpen(Conflict):
    code = "quote_not_open"
    title = _("This quote has expired or was used already")


class PriceAboveLimit(DomainError):
    code = "price_above_limit"
    status = 422
    title = _("The price is above the limit that you set")


class IdempotencyMismatch(DomainError):
    code = "idempotency_key_reused"
    status = 422
    title = _("This Idempotency-Key was used with another body")


class WrongState(Conflict):
    code = "wrong_state"
    title = _("The generation's state does not allow this")
