"""The sandbox gateway of local mode. Its wire is described in `billing/gateways/sandbox.py`."""

import hashlib
import hmac
import json
import os
import time
import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty, Refund

SECRET = os.environ.get("SANDBOX_SECRET", "sandbox-secret-of-local-mode")


class SandboxParty(PaymentParty):
    prefix = "sandbox"
    name = "Sandbox"
    open_statuses = frozenset({"pending"})
    paid_statuses = frozenset({"paid"})
    routes: ClassVar = (
        *PaymentParty.page_routes,
        ("POST", "/payments", "create"),
        ("GET", "/payments", "list_all"),
        ("GET", r"/payments/(?P<id>[\w-]+)", "fetch"),
        ("POST", r"/payments/(?P<id>[\w-]+)/cancel", "cancel"),
        ("POST", "/refunds", "refund"),
        ("GET", r"/refunds/(?P<id>[\w-]+)", "fetch_refund"),
        ("POST", "/receipts", "receipt"),
        ("GET", r"/receipts/(?P<reference>[\w-]+)", "fetch_receipt"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.receipts: dict[str, dict[str, Any]] = {}

    def create(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        asked = request.json()
        known = [one for one in self.payments.values() if one.reference == asked["reference"]]
        if known:
            return as_json(self._shown(known[0]))
        payment = Payment(
            id=f"sp_{uuid.uuid4().hex}",
            reference=asked["reference"],
            amount=Decimal(asked["amount"]) / 100,
            currency=asked["currency"],
            description=asked["description"],
            language=asked["language"],
            status="pending",
            success_url=asked["success_url"],
            fail_url=asked["fail_url"],
            notification_url=asked["notification_url"],
            asked=asked,
        )
        self.payments[payment.id] = payment
        return as_json(self._shown(payment), 201)

    def fetch(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments.get(id)
        return as_json(self._shown(payment)) if payment else as_json({"code": "not_found"}, 404)

    def list_all(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        since, until = (datetime.fromisoformat(request.query[name]) for name in ("since", "until"))
        found = [one for one in self.payments.values() if since <= one.created_at < until]
        if reference := request.query.get("reference"):
            found = [one for one in found if one.reference == reference]
        return as_json({"payments": [self._shown(one) for one in found]})

    def cancel(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments.get(id)
        if payment is None:
            return as_json({"code": "not_found"}, 404)
        if payment.status != "pending":
            return as_json({"code": "wrong_state"}, 409)
        payment.status = "cancelled"
        return as_json(self._shown(payment))

    def refund(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        asked = request.json()
        for known in self.refunds.values():
            if known.reference == asked["reference"]:
                return as_json(self._refund_shown(known))
        payment = self.payments.get(asked["payment"])
        amount = Decimal(asked["amount"]) / 100
        if payment is None or payment.status != "paid":
            return as_json({"code": "wrong_state"}, 409)
        if payment.refunded + amount > payment.amount:
            return as_json({"code": "more_than_paid"}, 409)
        refund = Refund(f"sr_{uuid.uuid4().hex}", payment, amount, "succeeded", asked["reference"])
        self.refunds[refund.id] = refund
        payment.refunded += amount
        return as_json(self._refund_shown(refund), 201)

    def fetch_refund(self, request: Request, id: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        refund = self.refunds.get(id)
        return as_json(self._refund_shown(refund)) if refund else as_json({"code": "not_found"}, 404)

    def receipt(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        asked = request.json()
        payment = self.payments.get(asked["payment"])
        if payment is None or not payment.asked.get("receipt"):
            return as_json({"code": "no_prepayment"}, 409)
        url = f"{self.page_url(payment)}#closing"
        return as_json(self.receipts.setdefault(asked["reference"], {**asked, "state": "issued", "url": url}), 201)

    def fetch_receipt(self, request: Request, reference: str) -> Response:
        if refusal := self._refusal(request):
            return refusal
        known = self.receipts.get(reference)
        return as_json(known) if known else as_json({"code": "not_found"}, 404)

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        match action:
            case "pay":
                payment.status = "paid"
            case "decline":
                payment.status = "failed"
            case "expire":
                payment.status = "expired"
            case "give_back":
                rest = payment.amount - payment.refunded
                if rest <= 0:
                    return
                refund = Refund(f"sr_{uuid.uuid4().hex}", payment, rest, "succeeded")
                self.refunds[refund.id] = refund
                payment.refunded = payment.amount
                yield self._news(payment, refund)
                return
        yield self._news(payment)

    def _news(self, payment: Payment, refund: Refund | None = None) -> Outgoing:
        message: dict[str, Any] = {"id": f"se_{uuid.uuid4().hex}", "payment": self._shown(payment)}
        if refund:
            message["refund"] = self._refund_shown(refund)
        body = json.dumps(message).encode()
        return Outgoing(payment.notification_url, lambda: (_signed(body), body))

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return as_json({"code": "unauthorized"}, 401)
        return None

    def _shown(self, payment: Payment) -> dict[str, Any]:
        shown = {
            "id": payment.id,
            "reference": payment.reference,
            "status": payment.status,
            "amount": int(payment.amount * 100),
            "currency": payment.currency,
            "refunded": int(payment.refunded * 100),
            "url": self.page_url(payment),
            "created_at": payment.created_at.isoformat(),
        }
        if payment.asked.get("receipt") and payment.status == "paid":
            shown["receipt"] = {"state": "issued", "url": f"{self.page_url(payment)}#receipt"}
        return shown

    def _refund_shown(self, refund: Refund) -> dict[str, Any]:
        page = self.page_url(refund.payment)
        receipt = (
            {"receipt": {"state": "issued", "url": f"{page}#refund"}} if refund.payment.asked.get("receipt") else {}
        )
        return receipt | {
            "id": refund.id,
            "reference": refund.reference,
            "payment": refund.payment.id,
            "status": refund.status,
            "amount": int(refund.amount * 100),
            "currency": refund.payment.currency,
        }


def _signed(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "Sandbox-Signature": f"t={stamp},v1={signature}"}
