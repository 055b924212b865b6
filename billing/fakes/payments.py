"""What the stand-ins of the gateways have in common: payments with a page where a person decides how it goes."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from billing.fakes.frame import Outgoing, Party, Request, Response, as_html, see_other
from billing.fakes.pages import payment_page

# Buttons that send the person back to the site, and whether as a success.
_RETURNS = {"pay": True, "twice": True, "late": True, "part": True, "more": True, "decline": False, "expire": False}


@dataclass(slots=True)
class Payment:
    """A payment as its party keeps it. `status` is in the party's own words; `asked` is the request that made it."""

    id: str
    reference: str
    amount: Decimal
    currency: str
    description: str
    language: str
    status: str
    success_url: str = ""
    fail_url: str = ""
    notification_url: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    refunded: Decimal = Decimal(0)
    received: Decimal = Decimal(0)
    extra: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class Refund:
    id: str
    payment: Payment
    amount: Decimal
    status: str
    reference: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class PaymentParty(Party):
    """A party with a payment page at `/pay/{id}`. A subclass says what its actions change and what it then sends."""

    name: ClassVar[str]
    open_statuses: ClassVar[frozenset[str]]
    paid_statuses: ClassVar[frozenset[str]]
    open_actions: ClassVar[tuple[str, ...]] = ("pay", "decline", "twice", "late", "expire")
    paid_actions: ClassVar[tuple[str, ...]] = ("give_back",)
    page_routes: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("GET", r"/pay/(?P<id>[\w-]+)", "page_show"),
        ("POST", r"/pay/(?P<id>[\w-]+)", "page_act"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        # A site that was restarted remembers the numbers of its earlier stand-ins.
        self.numbers = itertools.count(int(time.time() * 10))

    def page_url(self, payment: Payment) -> str:
        return f"{self.url}/pay/{payment.id}"

    def page_show(self, request: Request, id: str) -> Response:
        payment = self.payments.get(id)
        if payment is None:
            return as_html("<h1>404</h1>", 404)
        page = payment_page(
            party=self.name,
            language=request.query.get("lang") or payment.language,
            amount=payment.amount,
            currency=payment.currency,
            description=payment.description,
            reference=payment.reference,
            status=payment.status,
            actions=self.actions(payment),
            back_url=payment.success_url or self.house.site_url,
            own_address=self.page_url(payment),
        )
        return as_html(page)

    def page_act(self, request: Request, id: str) -> Response:
        payment = self.payments.get(id)
        action = request.form().get("action", "")
        if payment is None or action not in self.actions(payment):
            return see_other(f"{self.url}/pay/{id}")
        self.act(payment, action)
        if action not in _RETURNS:
            return see_other(self.page_url(payment))
        target = self.return_url(payment, is_success=_RETURNS[action])
        return see_other(target or self.page_url(payment))

    def return_url(self, payment: Payment, *, is_success: bool) -> str:
        return payment.success_url if is_success else payment.fail_url

    def actions(self, payment: Payment) -> tuple[str, ...]:
        """What can happen to the payment now."""
        if payment.status in self.open_statuses:
            return self.open_actions
        return self.paid_actions if payment.status in self.paid_statuses else ()

    def act(self, payment: Payment | str, action: str) -> None:
        """Let it happen, as if a person had pressed the button, and send what this party sends then."""
        if isinstance(payment, str):
            payment = self.payments[payment]
        with self.lock:
            outgoing = list(self.happen(payment, "pay" if action in {"twice", "late"} else action))
        if action == "late":
            return
        copies = 2 if action == "twice" else 1
        self.send(Outgoing(one.url, one.build, one.method, copies) for one in outgoing)

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        """Change the payment; the notifications that follow from it."""
        raise NotImplementedError

    def of_reference(self, reference: str) -> Payment:
        """The latest payment under that number of ours. Raises KeyError."""
        for payment in reversed(self.payments.values()):
            if payment.reference == reference:
                return payment
        raise KeyError(reference)
