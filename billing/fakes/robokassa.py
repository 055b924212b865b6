"""Robokassa: Indexjson, OpStateExt, refunds, the page, and ResultURL."""

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode
from xml.sax.saxutils import escape

from billing.fakes.frame import Outgoing, Request, Response, as_json
from billing.fakes.payments import Payment, PaymentParty, Refund

LOGIN, PASSWORD_1, PASSWORD_2, PASSWORD_3 = "stand-in-shop", "first-password", "second-password", "third-password"
ENVIRONMENT = {
    "ROBOKASSA_MERCHANT_LOGIN": LOGIN,
    "ROBOKASSA_PASSWORD_1": PASSWORD_1,
    "ROBOKASSA_PASSWORD_2": PASSWORD_2,
    "ROBOKASSA_PASSWORD_3": PASSWORD_3,
    "ROBOKASSA_HASH": "sha256",
}
_OPTIONAL = ("OutSumCurrency", "UserIp", "Receipt", "StepByStep", "ResultUrl2")


def sign(*parts: str, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, ":".join(parts).encode()).hexdigest().upper()


class RobokassaParty(PaymentParty):
    prefix = "robokassa"
    name = "Robokassa"
    open_statuses = frozenset({"5"})
    paid_statuses = frozenset({"100"})
    routes: ClassVar = (
        ("POST", "/Merchant/Indexjson.aspx", "index_json"),
        ("GET", r"/Merchant/Index/(?P<id>[\w-]+)", "page_show"),
        ("POST", r"/Merchant/Index/(?P<id>[\w-]+)", "page_act"),
        ("GET", "/Merchant/WebService/Service.asmx/OpStateExt", "operation_state"),
        ("POST", "/RefundService/Refund/Create", "refund"),
        ("GET", "/RefundService/Refund/GetState", "refund_state"),
        ("POST", "/RoboFiscal/Receipt/Status", "receipt_status"),
        ("POST", "/RoboFiscal/Receipt/Attach", "attach_receipt"),
    )

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.algorithm = "sha256"
        self.result_method = "POST"
        self.refuse_with = ""
        self.second_receipts: dict[str, dict[str, Any]] = {}

    def is_accepted(self, status: int, answer: str) -> bool:
        return status == 200 and bool(re.fullmatch(r"OK\d+", answer))

    def page_url(self, payment: Payment) -> str:
        return f"{self.url}/Merchant/Index/{payment.id}"

    def page_show(self, request: Request, id: str) -> Response:
        if id in self.payments:
            self.payments[id].extra["opened"] = True
        return super().page_show(request, id)

    def return_url(self, payment: Payment, *, is_success: bool) -> str:
        """The payer carries a signature by the first password, which proves nothing."""
        if not is_success:
            return payment.fail_url
        out_sum = f"{payment.amount:.6f}"
        shp = f"Shp_payment={payment.reference}"
        carried = {
            "OutSum": out_sum,
            "InvId": payment.extra["number"],
            "SignatureValue": sign(out_sum, payment.extra["number"], PASSWORD_1, shp),
            "Shp_payment": payment.reference,
        }
        return f"{payment.success_url}{'&' if '?' in payment.success_url else '?'}{urlencode(carried)}"

    def index_json(self, request: Request) -> Response:
        asked = request.form()
        parts = [asked["MerchantLogin"], asked["OutSum"], asked["InvId"]]
        parts += [asked[name] for name in _OPTIONAL if name in asked]
        for name in ("SuccessUrl2", "FailUrl2"):
            if name in asked:
                parts += [asked[name], asked[f"{name}Method"]]
        shp = sorted(f"{name}={value}" for name, value in asked.items() if name.startswith("Shp_"))
        expected = sign(*parts, PASSWORD_1, *shp, algorithm=self.algorithm)
        if asked["MerchantLogin"] != LOGIN or asked["SignatureValue"].upper() != expected:
            return as_json(
                {
                    "invoiceID": str(uuid.UUID(int=0)),
                    "errorCode": 29,
                    "errorMessage": "Неверный параметр SignatureValue",
                }
            )
        receipt = json.loads(unquote(asked["Receipt"])) if "Receipt" in asked else None
        if receipt and sum(Decimal(str(item["sum"])) for item in receipt["items"]) != Decimal(asked["OutSum"]):
            return as_json({"invoiceID": None, "errorCode": 30, "errorMessage": "Неверная сумма чека"})
        payment = Payment(
            id=str(uuid.uuid4()),
            reference=asked.get("Shp_payment", ""),
            amount=Decimal(asked["OutSum"]),
            currency="RUB",
            description=asked.get("Description", ""),
            language=asked.get("Culture", "ru"),
            status="5",
            success_url=asked.get("SuccessUrl2", ""),
            fail_url=asked.get("FailUrl2", ""),
            asked={**asked, "receipt": receipt},
            extra={"number": asked["InvId"], "operation_key": str(uuid.uuid4())},
        )
        self.payments[payment.id] = payment
        return as_json({"invoiceID": payment.id, "errorCode": 0, "errorMessage": None})

    def operation_state(self, request: Request) -> Response:
        asked = request.query
        number = asked["InvoiceID"]
        expected = sign(asked["MerchantLogin"], number, PASSWORD_2, algorithm=self.algorithm)
        if asked["MerchantLogin"] != LOGIN:
            return _xml("<Result><Code>2</Code></Result>")
        if asked["Signature"].upper() != expected:
            return _xml("<Result><Code>1</Code></Result>")
        if self.refuse_with:
            code, self.refuse_with = self.refuse_with, ""
            return _xml(f"<Result><Code>{code}</Code></Result>")
        found = [one for one in self.payments.values() if one.extra["number"] == number and "opened" in one.extra]
        if not found:
            return _xml("<Result><Code>3</Code></Result>")
        return _xml(_state(found[-1]))

    def refund(self, request: Request) -> Response:
        header, payload, signature = request.json().split(".")
        expected = hmac.new(PASSWORD_3.encode(), f"{header}.{payload}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(_decoded(signature), expected):
            return as_json({"success": False, "message": "Unauthorized"}, 401)
        asked = json.loads(_decoded(payload))
        payment = next((one for one in self.payments.values() if one.extra["operation_key"] == asked["OpKey"]), None)
        if payment is None or payment.status != "100":
            return as_json({"success": False, "message": "OperationNotFound"}, 400)
        rest = payment.amount - payment.refunded
        amount = Decimal(str(asked.get("RefundSum", rest)))
        if rest <= 0:
            return as_json({"success": False, "message": "AlreadyRefunded"}, 400)
        if amount > rest:
            return as_json({"success": False, "message": "NotEnoughOperationFunds"}, 400)
        refund = Refund(str(uuid.uuid4()), payment, amount, "processing")
        refund.payment.extra["refund_asked"] = asked
        self.refunds[refund.id] = refund
        payment.refunded += amount
        return as_json({"success": True, "message": None, "requestId": refund.id})

    def refund_state(self, request: Request) -> Response:
        refund = self.refunds.get(request.query["id"])
        if refund is None:
            return as_json({"message": "NotFound"}, 404)
        label = refund.status
        if label == "processing":
            # Their slowness, in a few seconds: asked again, it is done.
            refund.status = "finished"
        return as_json({"requestId": refund.id, "amount": float(refund.amount), "label": label})

    def receipt_status(self, request: Request) -> Response:
        asked = self._fiscal(request)
        if asked is None:
            return as_json({"Code": "1000", "Description": "Signature"})
        if asked["id"] in self.second_receipts:
            return as_json(_registered(int(asked["id"]) % 100_000))
        found = [one for one in self.payments.values() if one.extra["number"] == asked["id"]]
        if not found or not found[-1].asked["receipt"] or found[-1].status != "100":
            return as_json({"Code": "1000", "Description": "Not found"})
        return as_json(_registered(int(asked["id"]) % 100_000))

    def attach_receipt(self, request: Request) -> Response:
        """One per operation: its first receipt was the prepayment's."""
        asked = self._fiscal(request)
        if asked is None:
            return as_json({"ResultCode": "3", "ResultDescription": "Signature"})
        origins = {one["originId"] for one in self.second_receipts.values()}
        found = [one for one in self.payments.values() if one.extra["number"] == asked["originId"]]
        settles = all(item["payment_method"] == "full_payment" for item in asked["items"])
        from_prepayment = [one["sum"] for one in asked["payments"] if one["type"] == 2] == [asked["total"]]
        if not found or found[-1].status != "100" or not settles or not from_prepayment or asked["originId"] in origins:
            return as_json({"ResultCode": "3", "ResultDescription": "No such receipt can be made"})
        self.second_receipts[asked["id"]] = asked
        return as_json({"ResultCode": "0", "ResultDescription": "ok", "OpKey": found[-1].extra["operation_key"]})

    def _fiscal(self, request: Request) -> dict[str, Any] | None:
        """The message of a call about receipts; None when it is not signed as it should be."""
        text, _, signature = request.body.decode().partition(".")
        expected = hashlib.new(self.algorithm, (text + PASSWORD_1).encode()).hexdigest()
        if not hmac.compare_digest(_decoded(signature), expected.encode()):
            return None
        message: dict[str, Any] = json.loads(_decoded(text))
        return message if message["merchantId"] == LOGIN else None

    def happen(self, payment: Payment, action: str) -> Iterable[Outgoing]:
        payment.extra["opened"] = True
        match action:
            case "pay":
                payment.status = "100"
                yield self.told(payment)
            case "decline" | "expire":
                payment.status = "10"
            case "give_back":
                payment.status = "60"

    def told(self, payment: Payment, **changes: str) -> Outgoing:
        """The call to the ResultURL of the cabinet."""
        out_sum, number = f"{payment.amount:.6f}", payment.extra["number"]
        fields = {
            "OutSum": out_sum,
            "InvId": number,
            "Fee": "17.150000",
            "EMail": payment.asked.get("Email", ""),
            "SignatureValue": sign(
                out_sum, number, PASSWORD_2, f"Shp_payment={payment.reference}", algorithm=self.algorithm
            ),
            "PaymentMethod": "BankCard",
            "IncCurrLabel": "BankCardPSR",
            "IncSum": out_sum,
            "Shp_payment": payment.reference,
        }
        form = urlencode(fields | changes)
        url = self.house.cabinet_address("robokassa")
        if self.result_method == "GET":
            return Outgoing(f"{url}?{form}" if url else "", lambda: ({}, b""), method="GET")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Outgoing(url, lambda: (headers, form.encode()))


def _state(payment: Payment) -> str:
    return f"""<Result><Code>0</Code></Result>
<State><Code>{payment.status}</Code><RequestDate>2026-11-24T12:00:00.1234567+03:00</RequestDate>
<StateDate>2026-11-24T12:00:00.1234567+03:00</StateDate></State>
<Info><IncCurrLabel>BankCardPSR</IncCurrLabel><IncSum>{payment.amount:.6f}</IncSum><IncAccount>430000******0777</IncAccount>
<PaymentMethod><Code>BankCard</Code></PaymentMethod><OutCurrLabel>RUB</OutCurrLabel>
<OutSum>{payment.amount:.6f}</OutSum><OpKey>{payment.extra["operation_key"]}</OpKey></Info>
<UserField><Field><Name>shp_payment</Name><Value>{escape(payment.reference)}</Value></Field></UserField>"""


def _registered(document: int) -> dict[str, Any]:
    return {
        "Code": "2",
        "Description": "Done",
        "FnNumber": "9289000100348548",
        "FiscalDocumentNumber": str(document),
        "FiscalDocumentAttribute": "207899681",
        "FiscalDate": None,
        "FiscalType": None,
    }


def _xml(inner: str) -> Response:
    root = '<OperationStateResponse xmlns="http://merchant.roboxchange.com/WebService/">'
    body = f'<?xml version="1.0" encoding="utf-8"?>{root}{inner}</OperationStateResponse>'
    return Response(200, body.encode(), "text/xml; charset=utf-8")


def _decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
