"""NOWPayments: invoices, payments that are born on the page, the list behind a login, and signed IPNs."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty

API_KEY, IPN_SECRET = "stand-in-api-key", "stand-in-ipn-secret"
EMAIL, PASSWORD, TOKEN = "shop@example.com", "stand-in-login", "stand-in-token"
ENVIRONMENT = {
    "NOWPAYMENTS_API_KEY": API_KEY,
    "NOWPAYMENTS_IPN_SECRET": IPN_SECRET,
    "NOWPAYMENTS_EMAIL": EMAIL,
    "NOWPAYMENTS_PASSWORD": PASSWORD,
}
# One dollar or euro in coins, at a rate that needs no rounding.
_RATE = Decimal("0.00001")


def sign(body: str) -> str:
    """The header over the sorted form of a body. Written for bodies whose numbers keep their text."""
    return hmac.new(IPN_SECRET.encode(), body.encode(), hashlib.sha512).hexdigest()


def javascript(value: Any) -> str:
    """JSON as their server prints it: sorted, without spaces, small numbers not in scientific notation."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{javascript(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(javascript, value)) + "]"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return json.dumps(value, ensure_ascii=False)


class NowPaymentsParty(PaymentParty):
    prefix = "nowpayments"
    name = "NOWPayments"
    open_statuses = frozenset({"waiting", "partially_paid"})
    paid_statuses = frozenset({"finished"})
    open_actions = ("pay", "part", "more", "twice", "late", "decline", "expire")
    routes: ClassVar = (
        *PaymentParty.page_routes,
        ("POST", "/v1/invoice", "create"),
        ("GET", r"/v1/payment/(?P<id>\w+)", "fetch"),
        ("GET", "/v1/payment/", "list_all"),
        ("POST", "/v1/auth", "sign_in"),
    )

    def create(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        asked = request.json()
        if asked["price_amount"] < 1:
            return _error(400, "AMOUNT_MINIMAL_ERROR", "amountTo is too small")
        payment = Payment(
            id=str(next(self.numbers)),
            reference=asked["order_id"],
            amount=Decimal(str(asked["price_amount"])),
            currency=asked["price_currency"].upper(),
            description=asked["order_description"],
            language="en",
            status="waiting",
            success_url=asked["success_url"],
            fail_url=asked["cancel_url"],
            notification_url=asked["ipn_callback_url"],
            asked=asked,
        )
        self.payments[payment.id] = payment
        return as_json(
            {
                "id": payment.id,
                "token_id": "1",
                "order_id": payment.reference,
                "price_amount": str(asked["price_amount"]),
                "price_currency": asked["price_currency"],
                "pay_currency": None,
                "invoice_url": self.page_url(payment),
                "created_at": payment.created_at.isoformat(),
            }
        )

    def fetch(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        for payment in self.payments.values():
            for shown in self._deposits(payment):
                if str(shown["payment_id"]) == id:
                    return Response(200, javascript(shown).encode())
        return _error(404, "PAYMENT_NOT_FOUND", "Payment not found")

    def list_all(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "AUTH_REQUIRED", "Authorization header is empty")
        query = request.query
        found = [one for payment in self.payments.values() for one in self._deposits(payment)]
        if invoice := query.get("invoiceId"):
            found = [one for one in found if str(one["invoice_id"]) == invoice]
        if "dateFrom" in query:
            since, until = datetime.fromisoformat(query["dateFrom"]), datetime.fromisoformat(query["dateTo"])
            found = [one for one in found if since <= datetime.fromisoformat(one["created_at"]) < until]
        start = int(query["page"]) * int(query["limit"])
        page = found[start : start + int(query["limit"])]
        return Response(200, javascript({"data": page, "total": len(found)}).encode())

    def sign_in(self, request: Request) -> Response:
        if request.json() != {"email": EMAIL, "password": PASSWORD}:
            return _error(401, "AUTH_FAILED", "Invalid credentials")
        return as_json({"token": TOKEN})

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        payment.extra.setdefault("number", next(self.numbers))
        paid = {"pay": Decimal(1), "part": Decimal("0.5"), "more": Decimal("1.2")}.get(action)
        if paid is not None:
            payment.received = payment.amount * paid
            if action == "part":
                payment.status = "partially_paid"
                yield self.told(payment)
                return
            for payment.status in ("confirming", "finished"):
                yield self.told(payment)
            return
        payment.status = {"decline": "failed", "expire": "expired", "give_back": "refunded"}[action]
        yield self.told(payment)

    def deposit_again(self, payment: Payment) -> Outgoing:
        """A second transfer to the same address: another payment with this one as its parent."""
        again = {"payment_id": next(self.numbers), "parent_payment_id": payment.extra["number"]}
        payment.extra["again"] = again
        return self.told(payment, **again)

    def told(self, payment: Payment, **changes: Any) -> Outgoing:
        """An IPN. What is sent need not be sorted; what is signed is."""
        message = {**self.shown(payment), **changes}
        body = javascript(message)
        signature = sign(body)
        unsorted = "{" + ", ".join(f'"{name}": {javascript(message[name])}' for name in reversed(message)) + "}"
        headers = {"Content-Type": "application/json", "x-nowpayments-sig": signature}
        return Outgoing(payment.notification_url, lambda: (headers, unsorted.encode()))

    def shown(self, payment: Payment) -> dict[str, Any]:
        return {
            "payment_id": payment.extra.get("number", 0),
            "parent_payment_id": None,
            "invoice_id": int(payment.id),
            "payment_status": payment.status,
            "pay_address": "bc1-stand-in",
            "payin_extra_id": None,
            "price_amount": payment.amount,
            "price_currency": payment.currency.lower(),
            "pay_amount": payment.amount * _RATE,
            "actually_paid": payment.received * _RATE,
            "actually_paid_at_fiat": 0,
            "pay_currency": "btc",
            "order_id": payment.reference,
            "order_description": payment.description,
            "purchase_id": "6084744717",
            "outcome_amount": Decimal("0.00001234"),
            "outcome_currency": "btc",
            "created_at": payment.created_at.isoformat(),
            "fee": {"currency": "btc", "depositFee": Decimal("0.0000009"), "withdrawalFee": 0, "serviceFee": 0},
        }

    def _deposits(self, payment: Payment) -> list[dict[str, Any]]:
        """The payments of an invoice: none before a coin was chosen, several when money came again."""
        if "number" not in payment.extra:
            return []
        again = [{**self.shown(payment), **payment.extra["again"]}] if "again" in payment.extra else []
        return [self.shown(payment), *again]

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("x-api-key") != API_KEY:
            return _error(403, "INVALID_API_KEY", "Invalid api key")
        return None


def _error(status: int, code: str, message: str) -> Response:
    return as_json({"status": False, "statusCode": status, "code": code, "message": message}, status)
