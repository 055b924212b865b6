"""YooKassa: payments, refunds, lists, the page, and notifications without a signature."""

import base64
import json
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty, Refund

SHOP_ID, SECRET_KEY = "100500", "test_stand-in-secret"
ENVIRONMENT = {"YOOKASSA_SHOP_ID": SHOP_ID, "YOOKASSA_SECRET_KEY": SECRET_KEY}
_AUTHORIZATION = "Basic " + base64.b64encode(f"{SHOP_ID}:{SECRET_KEY}".encode()).decode()


class YooKassaParty(PaymentParty):
    prefix = "yookassa"
    name = "YooKassa"
    open_statuses = frozenset({"pending"})
    paid_statuses = frozenset({"succeeded"})
    routes: ClassVar = (
        *PaymentParty.page_routes,
        ("POST", "/v3/payments", "create"),
        ("GET", "/v3/payments", "list_all"),
        ("GET", r"/v3/payments/(?P<id>[\w-]+)", "fetch"),
        ("POST", r"/v3/payments/(?P<id>[\w-]+)/cancel", "cancel"),
        ("POST", "/v3/refunds", "refund"),
        ("GET", "/v3/refunds", "list_refunds"),
        ("GET", r"/v3/refunds/(?P<id>[\w-]+)", "fetch_refund"),
        ("POST", "/v3/receipts", "receipt"),
        ("GET", "/v3/receipts", "list_receipts"),
        ("GET", r"/v3/receipts/(?P<id>[\w-]+)", "fetch_receipt"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.refuse_with: tuple[int, str, str] | None = None
        self.refunds_are = "succeeded"
        self.page_size = 100
        self.receipts: dict[str, dict[str, Any]] = {}
        self._by_key: dict[str, tuple[str, Any]] = {}

    def create(self, request: Request) -> Response:
        return self._once(request, self._create)

    def fetch(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments.get(id)
        return as_json(self.shown(payment)) if payment else _error(404, "not_found")

    def list_all(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        since, until = (datetime.fromisoformat(request.query[f"created_at.{edge}"]) for edge in ("gte", "lt"))
        found = [one for one in self.payments.values() if since <= one.created_at < until]
        start = int(request.query.get("cursor", 0))
        page = {"type": "list", "items": [self.shown(one) for one in found[start : start + self.page_size]]}
        if start + self.page_size < len(found):
            page["next_cursor"] = str(start + self.page_size)
        return as_json(page)

    def cancel(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments[id]
        if payment.status != "waiting_for_capture":
            return _error(400, "invalid_request")
        payment.status = "canceled"
        return as_json(self.shown(payment))

    def refund(self, request: Request) -> Response:
        return self._once(request, self._refund)

    def list_refunds(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        found = [one for one in self.refunds.values() if one.payment.id == request.query["payment_id"]]
        return as_json({"type": "list", "items": [self.refund_shown(one) for one in found]})

    def fetch_refund(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        refund = self.refunds.get(id)
        return as_json(self.refund_shown(refund)) if refund else _error(404, "not_found")

    def receipt(self, request: Request) -> Response:
        return self._once(request, self._receipt)

    def list_receipts(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        found = [one for one in self.receipts.values() if one["payment_id"] == request.query["payment_id"]]
        return as_json({"type": "list", "items": found})

    def fetch_receipt(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        return as_json(self.receipts[id]) if id in self.receipts else _error(404, "not_found")

    def forget_keys(self) -> None:
        """A day has passed."""
        self._by_key.clear()

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        match action:
            case "pay":
                payment.status = "succeeded"
                yield self.told("payment.succeeded", self.shown(payment))
            case "decline" | "expire":
                payment.status = "canceled"
                is_decline = action == "decline"
                payment.extra["cancellation_details"] = {
                    "party": "payment_network" if is_decline else "yoo_money",
                    "reason": "insufficient_funds" if is_decline else "expired_on_confirmation",
                }
                yield self.told("payment.canceled", self.shown(payment))
            case "give_back":
                rest = payment.amount - payment.refunded
                if rest > 0:
                    refund = self._new_refund(payment, rest, "succeeded", {})
                    yield self.told("refund.succeeded", self.refund_shown(refund))

    def told(self, event: str, shown: dict[str, Any]) -> Outgoing:
        """A notification; it goes to the address of the cabinet."""
        body = json.dumps({"type": "notification", "event": event, "object": shown}).encode()
        return Outgoing(self.house.cabinet_address("yookassa"), lambda: ({"Content-Type": "application/json"}, body))

    def shown(self, payment: Payment) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": payment.id,
            "status": payment.status,
            "paid": payment.status == "succeeded",
            "amount": _sum(payment.amount),
            "confirmation": {"type": "redirect", "confirmation_url": self.page_url(payment)},
            "created_at": payment.created_at.isoformat().replace("+00:00", "Z"),
            "description": payment.description,
            "metadata": payment.asked.get("metadata", {}),
            "recipient": {"account_id": SHOP_ID, "gateway_id": "1"},
            "refundable": payment.status == "succeeded",
            "test": True,
        }
        if payment.status == "succeeded":
            shown["refunded_amount"] = _sum(payment.refunded)
            shown["payment_method"] = {
                "type": "bank_card",
                "id": payment.id,
                "saved": False,
                "card": {"first6": "555555", "last4": "4444", "expiry_month": "12", "expiry_year": "2030"},
            }
        if payment.status != "pending":
            del shown["confirmation"]
        if "receipt" in payment.asked:
            shown["receipt_registration"] = "succeeded" if payment.status == "succeeded" else "pending"
        return shown | payment.extra

    def refund_shown(self, refund: Refund) -> dict[str, Any]:
        shown = {
            "id": refund.id,
            "payment_id": refund.payment.id,
            "status": refund.status,
            "amount": _sum(refund.amount),
            "created_at": refund.created_at.isoformat().replace("+00:00", "Z"),
            "metadata": {"refund_id": refund.reference} if refund.reference else {},
        }
        if "receipt" in refund.payment.asked and refund.status == "succeeded":
            shown["receipt_registration"] = "succeeded"
        if refund.status == "canceled":
            shown["cancellation_details"] = {"party": "payment_network", "reason": "rejected_by_payee"}
        return shown

    def _create(self, asked: dict[str, Any]) -> Response:
        payment = Payment(
            id=str(uuid.uuid4()),
            reference=asked["metadata"]["payment_id"],
            amount=Decimal(asked["amount"]["value"]),
            currency=asked["amount"]["currency"],
            description=asked.get("description", ""),
            language="en" if asked["confirmation"].get("locale") == "en_US" else "ru",
            status="pending",
            success_url=asked["confirmation"]["return_url"],
            fail_url=asked["confirmation"]["return_url"],
            asked=asked,
        )
        receipt = asked.get("receipt")
        if receipt and sum(Decimal(item["amount"]["value"]) for item in receipt["items"]) != payment.amount:
            return _error(400, "invalid_request", "receipt.items")
        self.payments[payment.id] = payment
        return as_json(self.shown(payment))

    def _refund(self, asked: dict[str, Any]) -> Response:
        payment = self.payments.get(asked["payment_id"])
        amount = Decimal(asked["amount"]["value"])
        if payment is None or payment.status != "succeeded":
            return _error(400, "invalid_request", "payment_id")
        if payment.refunded + amount > payment.amount:
            return _error(400, "invalid_request", "amount")
        return as_json(
            self.refund_shown(self._new_refund(payment, amount, self.refunds_are, asked.get("metadata", {})))
        )

    def _receipt(self, asked: dict[str, Any]) -> Response:
        payment = self.payments.get(asked["payment_id"])
        lines = sum(Decimal(item["amount"]["value"]) for item in asked["items"])
        settled = sum(Decimal(one["amount"]["value"]) for one in asked["settlements"] if one["type"] == "prepayment")
        if payment is None or payment.status != "succeeded" or "receipt" not in payment.asked:
            return _error(400, "invalid_request", "payment_id")
        if lines != settled or not asked["send"]:
            return _error(400, "invalid_request", "settlements")
        receipt = {
            "id": f"rt-{uuid.uuid4()}",
            "type": asked["type"],
            "payment_id": payment.id,
            "status": "succeeded",
            "fiscal_document_number": str(len(self.receipts) + 3986),
            "fiscal_storage_number": "9288000100115785",
            "fiscal_attribute": "2617603921",
            "registered_at": datetime.now(UTC).isoformat(),
            "tax_system_code": asked["tax_system_code"],
            "items": asked["items"],
            "settlements": asked["settlements"],
        }
        self.receipts[receipt["id"]] = receipt
        return as_json(receipt)

    def _new_refund(self, payment: Payment, amount: Decimal, status: str, metadata: dict[str, str]) -> Refund:
        refund = Refund(str(uuid.uuid4()), payment, amount, status, metadata.get("refund_id", ""))
        self.refunds[refund.id] = refund
        if status != "canceled":
            payment.refunded += amount
        return refund

    def _once(self, request: Request, create: Callable[[dict[str, Any]], Response]) -> Response:
        """The same key and the same body: the same answer. The same key and another body: a refusal."""
        if refusal := self._refusal(request):
            return refusal
        key = request.headers.get("idempotence-key", "")
        if not key or len(key) > 64:
            return _error(400, "invalid_request", "Idempotence-Key")
        text = json.dumps(request.json(), sort_keys=True)
        if key in self._by_key:
            known, answer = self._by_key[key]
            return answer if known == text else _error(400, "invalid_request", "Idempotence-Key")
        answer = create(request.json())
        self._by_key[key] = (text, answer)
        return answer

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != _AUTHORIZATION:
            return _error(401, "invalid_credentials")
        if self.refuse_with:
            status, code, parameter = self.refuse_with
            self.refuse_with = None
            return _error(status, code, parameter)
        return None


def _sum(amount: Decimal) -> dict[str, str]:
    return {"value": f"{amount:.2f}", "currency": "RUB"}


def _error(status: int, code: str, parameter: str = "") -> Response:
    message = {"type": "error", "id": str(uuid.uuid4()), "code": code, "description": "Отказ"}
    return as_json(message | ({"parameter": parameter} if parameter else {}), status)
