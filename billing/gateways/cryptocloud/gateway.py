"""CryptoCloud as a gateway."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import parse_qsl
from uuid import uuid4

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.gateways import base, exact, masking, tokens
from billing.gateways.base import (
    GatewayFacts,
    Limits,
    Notification,
    NotificationKind,
    Order,
    PaymentRef,
    PaymentReport,
    RawNotification,
    RefundOrder,
    RefundReport,
    Refunds,
)
from billing.gateways.calls import Calls, page_address, read, versioned
from billing.gateways.cryptocloud import wire
from billing.gateways.errors import (
    Blame,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
)

_PAGE = 100
_LONGEST = timedelta(hours=23, minutes=59)
_SHORTEST = timedelta(minutes=30)
_HIDDEN = frozenset({"token", "email"})


class CryptoCloudGateway:
    """The return addresses belong to the project in their cabinet. No refunds by call."""

    slug: ClassVar[str] = "cryptocloud"
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("CryptoCloud: cryptocurrency"),
        company="CryptoCloud",
        country="",
        privacy_policy="https://cryptocloud.plus/",
        currencies={
            "RUB": Limits(500_00, 5_000_000_00),
            "USD": Limits(5_00, 50_000_00),
            "EUR": Limits(5_00, 50_000_00),
        },
        methods=("crypto",),
        refunds=Refunds.NONE,
        is_crypto=True,
    )

    def __init__(self) -> None:
        self._calls = Calls("CryptoCloud", lambda: (settings.CRYPTOCLOUD_BASE_URL,))

    def is_configured(self) -> bool:
        return bool(settings.CRYPTOCLOUD_API_KEY and settings.CRYPTOCLOUD_SHOP_ID and settings.CRYPTOCLOUD_SECRET_KEY)

    def is_test(self) -> bool:
        return bool(settings.CRYPTOCLOUD_TEST)

    def shop(self) -> str:
        return str(settings.CRYPTOCLOUD_SHOP_ID)

    def create(self, order: Order) -> base.Invoice:
        """No idempotency key there; an invoice whose number was lost is one that nobody can pay."""
        left = min(max(order.expires_at - datetime.now(UTC), _SHORTEST), _LONGEST)
        hours, seconds = divmod(int(left.total_seconds()), 3600)
        message: dict[str, Any] = {
            "shop_id": settings.CRYPTOCLOUD_SHOP_ID,
            "amount": float(order.amount.value),
            "currency": order.amount.currency,
            "order_id": wire.order_number(order.payment_id, order.amount.currency),
            "add_fields": {"time_to_pay": {"hours": hours, "minutes": seconds // 60}},
        }
        answer = self._calls.change(
            "POST",
            self._address("/invoice/create"),
            params={"locale": order.language},
            json=message,
            headers=self._key(),
        )
        invoice = _read(_result(answer, OutcomeUnknown), OutcomeUnknown)
        return base.Invoice(invoice.uuid, page_address(invoice.link), invoice.expiry_date)

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        if not payment.external_id:
            raise PaymentUnknown("CryptoCloud cannot be asked by our own number")
        report = self._invoice(payment.external_id)
        if report.order_reference not in {"", str(payment.payment_id)}:
            raise PaymentUnknown("that invoice belongs to another order")
        return report

    def cancel(self, payment: PaymentRef) -> bool:
        if not payment.external_id:
            return False
        message = {"uuid": payment.external_id}
        answer = self._calls.change(
            "POST", self._address("/invoice/merchant/canceled"), json=message, headers=self._key()
        )
        try:
            _result(answer, OutcomeUnknown)
        except GatewayRefused:
            return False
        return True

    def refund(self, order: RefundOrder) -> RefundReport:
        raise GatewayRefused("by_hand", "a payout by a person, in the cabinet", Blame.STAFF)

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        raise GatewayRefused("by_hand", "a payout by a person, in the cabinet", Blame.STAFF)

    def parse_notification(self, raw: RawNotification) -> Notification:
        try:
            told = wire.Postback.model_validate(_fields(raw))
            number = wire.invoice_number(told.invoice_id)
        except ValueError as error:
            raise InvalidNotification("no postback of theirs") from error
        tokens.verify(told.token, settings.CRYPTOCLOUD_SECRET_KEY)
        return Notification(NotificationKind.PAYMENT, str(uuid4()), needs_query=True, external_id=number)

    def resolve(self, notification: Notification) -> Notification:
        if not notification.needs_query:
            return notification
        report = self._invoice(notification.external_id)
        return replace(notification, needs_query=False, payment=report, raw_status=report.raw_status)

    def accepted(self, notification: Notification) -> base.Answer:
        return base.Answer(body="OK")

    def refused(self) -> base.Answer:
        return base.Answer(status=403, body="refused")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        return self._pages(since, until)

    def mask(self, raw: RawNotification) -> str:
        if _is_json(raw):
            return masking.json_body(raw.body, _HIDDEN)
        return masking.form_body(raw.body.decode("utf-8", "replace"), _HIDDEN)

    def _pages(self, since: datetime, until: datetime) -> Iterator[PaymentReport]:
        """Their list knows whole days only; what lies outside of the time asked for is left out here."""
        offset = 0
        while True:
            message = {"start": _day(since), "end": _day(until), "offset": offset, "limit": _PAGE}
            answer = self._calls.ask("POST", self._address("/invoice/merchant/list"), json=message, headers=self._key())
            found = _result(answer, GatewayUnavailable)
            if not isinstance(found, list):
                raise GatewayUnavailable("an unreadable answer of CryptoCloud")
            for entry in found:
                report = _report(_read(entry, GatewayUnavailable))
                if report.created_at is None or since <= report.created_at < until:
                    yield report
            if len(found) < _PAGE:
                return
            offset += _PAGE

    def _invoice(self, number: str) -> PaymentReport:
        answer = self._calls.ask(
            "POST", self._address("/invoice/merchant/info"), json={"uuids": [number]}, headers=self._key()
        )
        found = _result(answer, GatewayUnavailable)
        if not isinstance(found, list):
            raise GatewayUnavailable("an unreadable answer of CryptoCloud")
        if not found:
            raise PaymentUnknown("CryptoCloud has no such invoice")
        report = _report(_read(found[0], GatewayUnavailable))
        if report.external_id != number:
            raise PaymentUnknown("CryptoCloud told of another invoice")
        return report

    def _address(self, path: str) -> str:
        return versioned(settings.CRYPTOCLOUD_BASE_URL, "v2") + path

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Token {settings.CRYPTOCLOUD_API_KEY}"}


def _is_json(raw: RawNotification) -> bool:
    return raw.body.lstrip()[:1] == b"{"


def _fields(raw: RawNotification) -> Mapping[str, Any]:
    """A project is set to send JSON or a form."""
    if _is_json(raw):
        return exact.loads(raw.body)
    return dict(parse_qsl(raw.body.decode("utf-8", "replace"), keep_blank_values=True))


def _result(answer: requests.Response, broken: type[GatewayError]) -> Any:
    message = read(wire.Answer, answer, broken=broken)
    if answer.status_code < HTTPStatus.MULTIPLE_CHOICES and message.status == "success":
        return message.result
    fields = message.result if isinstance(message.result, dict) else {}
    code = ",".join(sorted(fields))[:60] or str(answer.status_code)
    blame = Blame.LIMIT if set(fields) == {"amount"} else Blame.STAFF
    raise GatewayRefused(code, masking.text(json.dumps(fields, ensure_ascii=False)), blame)


def _read(entry: Any, broken: type[GatewayError]) -> wire.Invoice:
    try:
        return wire.Invoice.model_validate(entry)
    except ValidationError:
        raise broken("an unreadable answer of CryptoCloud") from None


def _report(invoice: wire.Invoice) -> PaymentReport:
    try:
        return invoice.as_report()
    except ValueError:
        raise GatewayUnavailable("CryptoCloud named a price that is none") from None


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%d.%m.%Y")
