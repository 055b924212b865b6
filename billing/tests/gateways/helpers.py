"""Orders, receipts and notifications for the tests of gateways."""

from dataclasses import replace as replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from billing.fakes.frame import Delivery, Party
from billing.gateways.base import Invoice, Money, Order, PaymentRef, PaymentReport, RawNotification, RefundOrder
from billing.gateways.receipts import Receipt, ReceiptLine, Settlement, Subject, TaxSystem, Vat

SITE = "http://127.0.0.1:9"


def receipt(amount: Money, *, vat: Vat = Vat.VAT_22_122) -> Receipt:
    line = ReceiptLine("1000 токенов", amount, vat, Subject.SERVICE, Settlement.FULL_PREPAYMENT)
    return Receipt((line,), TaxSystem.GENERAL, email="alice@example.com")


def order(amount: str = "490.00", currency: str = "RUB", **changes: object) -> Order:
    money = Money.of(Decimal(amount), currency)
    payment_id = uuid4()
    values = {
        "payment_id": payment_id,
        "number": payment_id.int % 2_000_000_000,
        "amount": money,
        "description": "NeuralBox: 1000 токенов",
        "language": "ru",
        "success_url": f"{SITE}/wallet/payments/{payment_id}",
        "fail_url": f"{SITE}/wallet/payments/{payment_id}",
        "notification_url": f"{SITE}/webhooks/payments/any",
        "expires_at": datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1),
    }
    return Order(**(values | changes))


def ref(order: Order, invoice: Invoice | None = None, report: PaymentReport | None = None) -> PaymentRef:
    return PaymentRef(
        order.payment_id,
        order.number,
        order.amount,
        external_id=invoice.external_id if invoice else "",
        charge_id=report.charge_id if report else "",
        method=report.method if report else "",
    )


def refund(payment: PaymentRef, amount: str | None = None, *, refund_id: UUID | None = None, **rest) -> RefundOrder:
    money = payment.amount if amount is None else Money.of(Decimal(amount), payment.amount.currency)
    return RefundOrder(refund_id or uuid4(), payment, money, money == payment.amount, **rest)


def raw(delivery: Delivery, **changes: object) -> RawNotification:
    """A notification of a stand-in as the site receives it."""
    query = delivery.url.partition("?")[2] if delivery.method == "GET" else ""
    values = {
        "method": delivery.method,
        "query": query,
        "headers": delivery.headers,
        "body": delivery.body,
        "peer": "127.0.0.1",
    }
    return RawNotification(**(values | changes))


def news(party: Party) -> list[RawNotification]:
    """All that the stand-in has sent, in order."""
    return [raw(delivery) for delivery in party.deliveries]
