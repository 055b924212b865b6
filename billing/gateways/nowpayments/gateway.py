"""NOWPayments as a gateway: an invoice, on whose page the payer chooses a coin."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.gateways import exact, masking, origin
from billing.gateways.base import (
    Answer,
    GatewayFacts,
    Invoice,
    Limits,
    Notification,
    NotificationKind,
    Order,
    PaymentRef,
    PaymentReport,
    PaymentState,
    RawNotification,
    RefundOrder,
    RefundReport,
    Refunds,
)
from billing.gateways.calls import Calls, page_address, read, versioned
from billing.gateways.errors import (
    Blame,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
)
from billing.gateways.nowpayments import wire

_PAGE = 100
# Should they ever ignore the number of the invoice, a question must not read all that we ever sold.
_LATEST_PAGES = 5
_PAYMENT_FIELDS = ("payment_id", "payment_status")
_WEIGHT = {state: weight for weight, state in enumerate(("failed", "cancelled", "expired", "pending", "paid"))}


class NowPaymentsGateway:
    """No refunds by call. Without a login only told payments can be asked about: the list needs one."""

    slug: ClassVar[str] = "nowpayments"
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("NOWPayments: cryptocurrency"),
        company="NOWPayments",
        country="",
        privacy_policy="https://nowpayments.io/",
        currencies={"USD": Limits(10_00, 50_000_00), "EUR": Limits(10_00, 50_000_00)},
        methods=("crypto",),
        refunds=Refunds.NONE,
        knows_payers_number=True,
        is_crypto=True,
    )

    def __init__(self) -> None:
        self._calls = Calls("NOWPayments", lambda: (settings.NOWPAYMENTS_BASE_URL,))

    def is_configured(self) -> bool:
        return bool(settings.NOWPAYMENTS_API_KEY and settings.NOWPAYMENTS_IPN_SECRET)

    def is_test(self) -> bool:
        return "sandbox" in settings.NOWPAYMENTS_BASE_URL

    def shop(self) -> str:
        return ""

    def create(self, order: Order) -> Invoice:
        """No idempotency key there; an invoice whose number was lost is one that nobody can pay."""
        message = {
            "price_amount": float(order.amount.value),
            "price_currency": order.amount.currency.lower(),
            "order_id": str(order.payment_id),
            "order_description": order.description,
            "ipn_callback_url": order.notification_url,
            "success_url": order.success_url,
            "cancel_url": order.fail_url,
            "partially_paid_url": order.success_url,
        }
        answer = self._calls.change("POST", self._address("/invoice"), json=message, headers=self._key())
        _refuse(answer, OutcomeUnknown)
        invoice = read(wire.Invoice, answer, broken=OutcomeUnknown)
        return Invoice(invoice.id, page_address(invoice.invoice_url), order.expires_at)

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        """Of several payments of one invoice (the payer may begin anew with another coin), the one that says most."""
        found = []
        if self._has_login() and payment.external_id:
            listed = self._listed(invoiceId=payment.external_id, orderBy="desc", pages=_LATEST_PAGES)
            found = [one for one in listed if one.invoice_id == payment.external_id]
        if not found and payment.charge_id:
            found = [self._payment(payment.charge_id)]
        if not found:
            return PaymentReport(PaymentState.PENDING, external_id=payment.external_id, raw_status="untold")
        if any(one.order_id not in {"", str(payment.payment_id)} for one in found):
            raise PaymentUnknown("that payment belongs to another order")
        reports = [_report(one, GatewayUnavailable, payment.external_id) for one in found]
        return max(reports, key=lambda report: (_WEIGHT[report.state], not report.review))

    def cancel(self, payment: PaymentRef) -> bool:
        """They have no call for it; an invoice that nobody pays harms nobody."""
        return False

    def refund(self, order: RefundOrder) -> RefundReport:
        raise GatewayRefused("by_hand", "a payout by a person, with a second factor", Blame.STAFF)

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        raise GatewayRefused("by_hand", "a payout by a person, with a second factor", Blame.STAFF)

    def parse_notification(self, raw: RawNotification) -> Notification:
        origin.check(raw.peer, settings.NOWPAYMENTS_NETWORKS)
        fields = exact.loads(raw.body)
        if not wire.is_signed(fields, raw.header("x-nowpayments-sig"), settings.NOWPAYMENTS_IPN_SECRET):
            raise InvalidNotification("the signature does not match")
        if any(fields.get(name) is None for name in _PAYMENT_FIELDS):
            # Payouts and subscriptions send other bodies to the same kind of address.
            return Notification(NotificationKind.OTHER, delivery_id="")
        try:
            told = wire.Payment.model_validate(fields)
        except ValidationError as error:
            raise InvalidNotification("a field is missing or of another kind") from error
        report = _report(told, InvalidNotification)
        return Notification(
            NotificationKind.PAYMENT,
            delivery_id=f"{told.payment_id}:{told.payment_status}:{told.actually_paid}",
            external_id=report.external_id,
            payment=report,
            raw_status=told.payment_status,
        )

    def resolve(self, notification: Notification) -> Notification:
        return notification

    def accepted(self, notification: Notification) -> Answer:
        return Answer(body="OK")

    def refused(self) -> Answer:
        return Answer(status=403, body="refused")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        if not self._has_login():
            return None
        listed = self._listed(dateFrom=_utc(since), dateTo=_utc(until))
        return (_report(one, GatewayUnavailable) for one in listed)

    def mask(self, raw: RawNotification) -> str:
        return masking.json_body(raw.body, frozenset({"email", "customer_email"}))

    def _payment(self, number: str) -> wire.Payment:
        answer = self._calls.ask("GET", self._address(f"/payment/{quote(number, safe='')}"), headers=self._key())
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise PaymentUnknown("NOWPayments has no such payment")
        _refuse(answer, GatewayUnavailable)
        return read(wire.Payment, answer, broken=GatewayUnavailable)

    def _listed(self, *, pages: int | None = None, **query: str) -> Iterator[wire.Payment]:
        headers = self._key() | {"Authorization": f"Bearer {self._sign_in()}"}
        page = 0
        while True:
            asked: dict[str, Any] = {"limit": _PAGE, "page": page, "sortBy": "created_at", "orderBy": "asc", **query}
            answer = self._calls.ask("GET", self._address("/payment/"), params=asked, headers=headers)
            _refuse(answer, GatewayUnavailable)
            payments = read(wire.PaymentList, answer, broken=GatewayUnavailable).data
            yield from payments
            page += 1
            if len(payments) < _PAGE or page == pages:
                return

    def _sign_in(self) -> str:
        """A token for the list. It lives for minutes, so it is not kept."""
        login = {"email": settings.NOWPAYMENTS_EMAIL, "password": settings.NOWPAYMENTS_PASSWORD}
        answer = self._calls.ask("POST", self._address("/auth"), json=login)
        _refuse(answer, GatewayUnavailable)
        return read(wire.SignedIn, answer, broken=GatewayUnavailable).token

    def _has_login(self) -> bool:
        return bool(settings.NOWPAYMENTS_EMAIL and settings.NOWPAYMENTS_PASSWORD)

    def _address(self, path: str) -> str:
        return versioned(settings.NOWPAYMENTS_BASE_URL, "v1") + path

    def _key(self) -> dict[str, str]:
        return {"x-api-key": settings.NOWPAYMENTS_API_KEY}


def _refuse(answer: requests.Response, broken: type[GatewayError]) -> None:
    if answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
        return
    refusal = read(wire.Refusal, answer, broken=broken)
    code = refusal.code or str(answer.status_code)
    blame = Blame.LIMIT if "AMOUNT" in code else Blame.STAFF
    raise GatewayRefused(code, masking.text(refusal.message), blame)


def _report(payment: wire.Payment, broken: type[GatewayError], invoice_id: str = "") -> PaymentReport:
    try:
        return payment.as_report(invoice_id)
    except ValueError:
        raise broken("NOWPayments named a price that is none") from None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
