"""Stripe: Checkout Sessions, refunds, disputes, the page, and signed events."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, ClassVar

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty, Refund

SECRET_KEY, WEBHOOK_SECRET = "sk_test_stand_in", "whsec_stand_in"
ENVIRONMENT = {"STRIPE_SECRET_KEY": SECRET_KEY, "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}
_WHOLE_UNITS = frozenset({"JPY", "KRW", "VND"})


def sign(body: bytes, stamp: int | None = None, secret: str = WEBHOOK_SECRET) -> str:
    """The header over these very bytes."""
    stamp = int(time.time()) if stamp is None else stamp
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={signature},v0=ignored"


class StripeParty(PaymentParty):
    prefix = "stripe"
    name = "Stripe"
    open_statuses = frozenset({"open"})
    paid_statuses = frozenset({"paid", "disputed"})
    routes: ClassVar = (
        *PaymentParty.page_routes,
        ("POST", "/v1/checkout/sessions", "create"),
        ("GET", "/v1/checkout/sessions", "list_all"),
        ("GET", r"/v1/checkout/sessions/(?P<id>\w+)", "fetch"),
        ("POST", r"/v1/checkout/sessions/(?P<id>\w+)/expire", "expire"),
        ("POST", "/v1/refunds", "refund"),
        ("GET", "/v1/refunds", "list_refunds"),
        ("GET", r"/v1/refunds/(?P<id>\w+)", "fetch_refund"),
        ("GET", "/v1/disputes", "list_disputes"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.refuse_with: tuple[int, dict[str, str]] | None = None
        self.refunds_are = "succeeded"
        self.page_size = 100
        self._by_key: dict[str, tuple[dict[str, str], Response]] = {}

    def actions(self, payment: Payment) -> tuple[str, ...]:
        if payment.status == "disputed":
            return ("win", "lose")
        return ("give_back", "dispute") if payment.status == "paid" else super().actions(payment)

    def create(self, request: Request) -> Response:
        return self._once(request, self._create)

    def fetch(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments.get(id)
        return as_json(self.session(payment, is_expanded=True)) if payment else _missing()

    def list_all(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        since, until = (int(request.query[f"created[{edge}]"]) for edge in ("gte", "lt"))
        found = [one for one in self.payments.values() if since <= one.created_at.timestamp() < until]
        if last := request.query.get("starting_after"):
            found = found[[one.id for one in found].index(last) + 1 :]
        page = [self.session(one, is_expanded=True) for one in found[: self.page_size]]
        return as_json({"object": "list", "data": page, "has_more": len(found) > self.page_size})

    def expire(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments.get(id)
        if payment is None or payment.status != "open":
            return _error(400, code="", message="Only open sessions can be expired.")
        payment.status = "expired"
        return as_json(self.session(payment))

    def refund(self, request: Request) -> Response:
        return self._once(request, self._refund)

    def list_refunds(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        found = [one for one in self.refunds.values() if _intent_id(one.payment) == request.query["payment_intent"]]
        return as_json({"object": "list", "data": [self.refund_shown(one) for one in found], "has_more": False})

    def fetch_refund(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        refund = self.refunds.get(id)
        return as_json(self.refund_shown(refund)) if refund else _missing()

    def list_disputes(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        since, until = (int(request.query[f"created[{edge}]"]) for edge in ("gte", "lt"))
        states = {"disputed": "needs_response", "paid": "won", "lost": "lost"}
        found = [
            self.dispute(one, states[one.status])
            for one in self.payments.values()
            if "dispute" in one.extra and since <= one.created_at.timestamp() < until
        ]
        return as_json({"object": "list", "data": found, "has_more": False})

    def forget_keys(self) -> None:
        """A day has passed."""
        self._by_key.clear()

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        match action:
            case "pay":
                payment.status = "paid"
                yield self.told("charge.succeeded", self.charge(payment))
                yield self.told("payment_intent.succeeded", self.intent(payment))
                yield self.told("checkout.session.completed", self.session(payment))
            case "decline":
                payment.extra["declined"] = True
                yield self.told("payment_intent.payment_failed", self.intent(payment))
            case "expire":
                payment.status = "expired"
                yield self.told("checkout.session.expired", self.session(payment))
            case "give_back":
                refund = self._new_refund(payment, payment.amount - payment.refunded, "succeeded", {})
                yield self.told("refund.created", self.refund_shown(refund))
                yield self.told("charge.refunded", self.charge(payment))
            case "dispute":
                payment.status = "disputed"
                payment.extra["dispute"] = f"dp_{uuid.uuid4().hex}"
                yield self.told("charge.dispute.created", self.dispute(payment, "needs_response"))
                yield self.told("charge.dispute.funds_withdrawn", self.dispute(payment, "needs_response"))
            case "win" | "lose":
                payment.status = "paid" if action == "win" else "lost"
                yield self.told("charge.dispute.closed", self.dispute(payment, "won" if action == "win" else "lost"))

    def told(self, event: str, subject: dict[str, Any], **changes: Any) -> Outgoing:
        """An event; it goes to the address of the cabinet. Each copy is signed anew."""
        message = {
            "id": f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "livemode": False,
            "type": event,
            "data": {"object": subject},
        }
        body = json.dumps(message | changes, indent=2).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return Outgoing(
            self.house.cabinet_address("stripe"), lambda: ({**headers, "Stripe-Signature": sign(body)}, body)
        )

    def session(self, payment: Payment, *, is_expanded: bool = False) -> dict[str, Any]:
        is_paid = payment.status not in {"open", "expired", "unpaid"}
        has_intent = is_paid or payment.status == "unpaid" or "declined" in payment.extra
        intent: Any = self.intent(payment) if is_expanded else _intent_id(payment)
        return {
            "id": payment.id,
            "object": "checkout.session",
            "amount_total": _minor(payment.amount, payment.currency),
            "client_reference_id": payment.reference,
            "created": int(payment.created_at.timestamp()),
            "currency": payment.currency.lower(),
            "expires_at": int(payment.asked["expires_at"]),
            "livemode": False,
            "metadata": {"payment_id": payment.reference},
            "payment_intent": intent if has_intent else None,
            "payment_status": "paid" if is_paid else "unpaid",
            "status": payment.status if payment.status in {"open", "expired"} else "complete",
            "customer_details": {"email": "alice@example.com", "name": "Alice"},
            "url": self.page_url(payment) if payment.status == "open" else None,
        }

    def intent(self, payment: Payment) -> dict[str, Any]:
        is_paid = payment.status not in {"open", "expired", "unpaid"}
        minor = _minor(payment.amount, payment.currency)
        declined = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "No."}
        return {
            "id": _intent_id(payment),
            "object": "payment_intent",
            "amount": minor,
            "amount_received": minor if is_paid else 0,
            "currency": payment.currency.lower(),
            "livemode": False,
            "metadata": {"payment_id": payment.reference},
            "status": "succeeded" if is_paid else "requires_payment_method",
            "latest_charge": self.charge(payment) if is_paid else None,
            "last_payment_error": declined if "declined" in payment.extra and not is_paid else None,
        }

    def charge(self, payment: Payment) -> dict[str, Any]:
        return {
            "id": f"ch_{payment.id[8:]}",
            "object": "charge",
            "amount": _minor(payment.amount, payment.currency),
            "amount_refunded": _minor(payment.refunded, payment.currency),
            "currency": payment.currency.lower(),
            "livemode": False,
            "metadata": {"payment_id": payment.reference},
            "payment_intent": _intent_id(payment),
            "payment_method_details": {"type": "card", "card": {"last4": "4242", "exp_year": 2030, "brand": "visa"}},
            "billing_details": {"name": "Alice"},
        }

    def dispute(self, payment: Payment, status: str) -> dict[str, Any]:
        return {
            "id": payment.extra.get("dispute", "dp_1"),
            "object": "dispute",
            "amount": _minor(payment.amount, payment.currency),
            "currency": payment.currency.lower(),
            "charge": f"ch_{payment.id[8:]}",
            "payment_intent": _intent_id(payment),
            "reason": "fraudulent",
            "status": status,
            "evidence_details": {"due_by": int(time.time()) + 7 * 24 * 3600},
            "livemode": False,
        }

    def refund_shown(self, refund: Refund) -> dict[str, Any]:
        metadata = {"refund_id": refund.reference, "payment_id": refund.payment.reference} if refund.reference else {}
        return {
            "id": refund.id,
            "object": "refund",
            "amount": _minor(refund.amount, refund.payment.currency),
            "currency": refund.payment.currency.lower(),
            "payment_intent": _intent_id(refund.payment),
            "status": refund.status,
            "failure_reason": "expired_or_canceled_card" if refund.status == "failed" else None,
            "metadata": metadata,
        }

    def _create(self, asked: dict[str, str]) -> Response:
        price = "line_items[0][price_data]"
        currency = asked[f"{price}[currency]"].upper()
        minor = int(asked[f"{price}[unit_amount]"])
        if minor < 50:
            return _error(400, code="amount_too_small", message="Amount must convert to at least 50 cents.")
        payment = Payment(
            id=f"cs_test_{uuid.uuid4().hex}",
            reference=asked["client_reference_id"],
            amount=_main(minor, currency),
            currency=currency,
            description=asked[f"{price}[product_data][name]"],
            language=asked.get("locale", "en"),
            status="open",
            success_url=asked["success_url"],
            fail_url=asked["cancel_url"],
            asked=asked,
        )
        self.payments[payment.id] = payment
        return as_json(self.session(payment))

    def _refund(self, asked: dict[str, str]) -> Response:
        payment = next((one for one in self.payments.values() if _intent_id(one) == asked["payment_intent"]), None)
        if payment is None:
            return _missing()
        amount = _main(int(asked["amount"]), payment.currency)
        if payment.refunded >= payment.amount:
            return _error(400, code="charge_already_refunded", message="Charge has already been refunded.")
        if payment.refunded + amount > payment.amount:
            return _error(400, code="", message="Refund amount is greater than unrefunded amount on charge.")
        metadata = {name[9:-1]: value for name, value in asked.items() if name.startswith("metadata[")}
        return as_json(self.refund_shown(self._new_refund(payment, amount, self.refunds_are, metadata)))

    def _new_refund(self, payment: Payment, amount: Decimal, status: str, metadata: dict[str, str]) -> Refund:
        refund = Refund(f"re_{uuid.uuid4().hex}", payment, amount, status, metadata.get("refund_id", ""))
        self.refunds[refund.id] = refund
        if status not in {"failed", "canceled"}:
            payment.refunded += amount
        return refund

    def _once(self, request: Request, create: Callable[[dict[str, str]], Response]) -> Response:
        if refusal := self._refusal(request):
            return refusal
        key, asked = request.headers.get("idempotency-key", ""), request.form()
        if key in self._by_key:
            known, answer = self._by_key[key]
            if known != asked:
                return _error(400, type="idempotency_error", message="Keys for idempotent requests …")
            return answer
        answer = create(asked)
        self._by_key[key] = (asked, answer)
        return answer

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return _error(401, message="Invalid API Key provided")
        if self.refuse_with:
            status, error = self.refuse_with
            self.refuse_with = None
            return _error(status, **error)
        return None


def _intent_id(payment: Payment) -> str:
    return f"pi_{payment.id[8:]}"


def _minor(amount: Decimal, currency: str) -> int:
    return int(amount if currency in _WHOLE_UNITS else amount * 100)


def _main(minor: int, currency: str) -> Decimal:
    return Decimal(minor) if currency in _WHOLE_UNITS else Decimal(minor) / 100


def _missing() -> Response:
    return _error(404, code="resource_missing", message="No such object")


def _error(status: int, **error: str) -> Response:
    return as_json({"error": {"type": "invalid_request_error", **error}}, status)
