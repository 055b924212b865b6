"""CryptoCloud: invoices, the page, and postbacks whose token proves only who sent them."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty

API_KEY, SHOP_ID, SECRET_KEY = "stand-in-api-key", "stand-in-shop", "stand-in-secret-key"
ENVIRONMENT = {
    "CRYPTOCLOUD_API_KEY": API_KEY,
    "CRYPTOCLOUD_SHOP_ID": SHOP_ID,
    "CRYPTOCLOUD_SECRET_KEY": SECRET_KEY,
}
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def token(claims: dict[str, Any] | None = None, *, key: str = SECRET_KEY, algorithm: str = "HS256") -> str:
    """A token of five minutes, made anew for each postback."""
    claims = {"id": 42, "exp": int(time.time()) + 300} if claims is None else claims
    parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
    mac = hmac.new(key.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, _encoded(mac)])


class CryptoCloudParty(PaymentParty):
    prefix = "cryptocloud"
    name = "CryptoCloud"
    open_statuses = frozenset({"created", "partial"})
    paid_statuses = frozenset()
    open_actions = ("pay", "part", "more", "twice", "late", "expire")
    routes: ClassVar = (
        *PaymentParty.page_routes,
        ("POST", "/v2/invoice/create", "create"),
        ("POST", "/v2/invoice/merchant/info", "info"),
        ("POST", "/v2/invoice/merchant/list", "list_all"),
        ("POST", "/v2/invoice/merchant/canceled", "cancel"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.sends_forms = False
        self.is_test = False

    def create(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        asked = request.json()
        if asked.get("shop_id") != SHOP_ID:
            return as_json({"status": "error", "result": {"shop_id": "Неверный shop_id"}}, 400)
        if asked["amount"] < 1:
            return as_json({"status": "error", "result": {"amount": "Сумма меньше минимальной"}}, 400)
        wait = asked.get("add_fields", {}).get("time_to_pay", {"hours": 24, "minutes": 0})
        payment = Payment(
            id="".join(secrets.choice(_LETTERS) for _ in range(8)),
            reference=asked["order_id"].partition("_")[0],
            amount=Decimal(str(asked["amount"])),
            currency=asked.get("currency", "USD"),
            description="",
            language=request.query.get("locale", "ru"),
            status="created",
            asked=asked,
        )
        payment.extra["expires_at"] = payment.created_at + timedelta(hours=wait["hours"], minutes=wait["minutes"])
        self.payments[payment.id] = payment
        return as_json({"status": "success", "result": {**self.shown(payment), "fiat_currency": payment.currency}})

    def info(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        numbers = [number.removeprefix("INV-") for number in request.json()["uuids"]]
        found = [self.shown(self.payments[number]) for number in numbers if number in self.payments]
        return as_json({"status": "success", "result": found})

    def list_all(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        asked = request.json()
        start, end = (datetime.strptime(asked[edge], "%d.%m.%Y").replace(tzinfo=UTC) for edge in ("start", "end"))
        found = [one for one in self.payments.values() if start <= one.created_at < end + timedelta(days=1)]
        page = found[asked["offset"] : asked["offset"] + asked["limit"]]
        return as_json({"status": "success", "result": [self.shown(one) for one in page], "all_count": len(found)})

    def cancel(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        payment = self.payments.get(request.json()["uuid"].removeprefix("INV-"))
        if payment is None or payment.status != "created":
            return as_json({"status": "error", "result": {"uuid": "Счёт нельзя отменить"}}, 400)
        payment.status = "canceled"
        return as_json({"status": "success", "result": ["ok"]})

    def return_url(self, payment: Payment, *, is_success: bool) -> str:
        """The return address belongs to the project; the numbers are appended."""
        if not self.house.site_url:
            return ""
        numbers = urlencode({"order_id": payment.reference, "invoice_uuid": f"INV-{payment.id}"})
        return f"{self.house.site_url}/wallet?{numbers}"

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        if action == "expire":
            payment.status = "canceled"
            payment.extra["expires_at"] = datetime.now(UTC) - timedelta(seconds=1)
            return
        share = {"pay": Decimal(1), "part": Decimal("0.5"), "more": Decimal("1.2")}[action]
        payment.received = payment.amount * share
        payment.status = {"pay": "paid", "part": "partial", "more": "overpaid"}[action]
        yield self.told(payment)

    def told(self, payment: Payment, **changes: Any) -> Outgoing:
        """A postback to the address of the project; the token is made anew for each copy."""
        shown = self.shown(payment)

        def build() -> tuple[dict[str, str], bytes]:
            message = {
                "status": "success",
                "invoice_id": payment.id,
                "amount_crypto": shown["amount_paid"],
                "currency": "USDT_TRC20",
                "order_id": payment.reference,
                "token": token(),
                "invoice_info": {**shown, "invoice_status": "success"},
                **changes,
            }
            if not self.sends_forms:
                return {"Content-Type": "application/json"}, json.dumps(message).encode()
            message["invoice_info"] = json.dumps(message["invoice_info"])
            return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(message).encode()

        return Outgoing(self.house.cabinet_address("cryptocloud"), build)

    def shown(self, payment: Payment) -> dict[str, Any]:
        coins = float(payment.amount)
        return {
            "uuid": f"INV-{payment.id}",
            "created": payment.created_at.replace(tzinfo=None).isoformat(" "),
            "expiry_date": payment.extra["expires_at"].replace(tzinfo=None).isoformat(" "),
            "address": "T-stand-in",
            "amount": coins,
            "amount_usd": coins,
            "amount_to_pay": coins,
            "amount_paid": float(payment.received),
            "amount_in_fiat": float(payment.amount),
            "fee": 0.5,
            "service_fee": 0.1,
            "status": payment.status,
            "order_id": payment.asked["order_id"],
            "currency": {"code": "USDT", "fullcode": "USDT_TRC20", "network": {"code": "TRC20"}},
            "project": {"id": 1, "name": "stand-in"},
            "test_mode": self.is_test,
            "link": self.page_url(payment),
        }

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Token {API_KEY}":
            return as_json({"authorization": "Неверный ключ"}, 401)
        return None


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
