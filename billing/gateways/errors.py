"""The only errors that leave a gateway. None of them is shown to a customer as it is."""

from enum import StrEnum


class GatewayError(Exception):
    """Any of the errors below."""


class GatewayUnavailable(GatewayError):
    """The call surely did nothing: try again later, or elsewhere."""


class OutcomeUnknown(GatewayError):
    """The answer was lost or is no answer: the gateway may have done what was asked."""


class Blame(StrEnum):
    """Who can do something about a refusal."""

    CUSTOMER = "customer"  # another card, another way to pay
    LIMIT = "limit"  # another amount
    LATER = "later"  # nobody: ask again later, staff may have to fill an account
    NUMBER = "number"  # the order's number is spent: begin a new payment
    STAFF = "staff"  # our configuration or our request is wrong: raise an alarm


class GatewayRefused(GatewayError):
    """The gateway said no. Nothing was done. `code` is the gateway's own, `message` is for staff and never parsed."""

    def __init__(self, code: str, message: str, blame: Blame) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.blame = blame


class PaymentUnknown(GatewayError):
    """The gateway knows no such payment (yet: some know it once the customer has opened the page)."""


class RefundUnknown(GatewayError):
    """The gateway surely began no such refund: it may be sent again."""


class ReceiptUnknown(GatewayError):
    """The gateway surely began no such receipt: it may be asked for again."""


class CannotTell(GatewayError):
    """The gateway offers no way to learn it. A person has to look into its cabinet."""


class InvalidNotification(GatewayError):
    """Not theirs, too old, or unreadable. Nothing in it may be believed, and no order may change by it."""
