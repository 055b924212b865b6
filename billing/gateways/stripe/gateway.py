"""Stripe as a gateway: hosted Checkout Sessions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from billing.gateways import exact, masking
from billing.gateways.base import (
    Answer,
    DisputeReport,
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
from billing.gateways.calls import Calls, Message, page_address
from billing.gateways.errors import (
    Blame,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    RefundUnknown,
)
from billing.gateways.stripe import wire

if TYPE_CHECKING:
    import stripe

_SHORTEST, _LONGEST = timedelta(minutes=31), timedelta(hours=23, minutes=59)
_MISSING = "resource_missing"
_EXPAND = ["payment_intent.latest_charge"]
_HIDDEN = frozenset(
    {
        "last4", "fingerprint", "exp_month", "exp_year", "iin", "email", "phone", "name", "address", "customer_details",
        "customer_email", "billing_details", "client_secret", "receipt_url", "receipt_email", "url", "ip",
    }
)  # fmt: skip


class StripeGateway:
    """Every change carries our number as its idempotency key, so a lost answer is asked for again."""

    slug: ClassVar[str] = "stripe"
    facts: ClassVar[GatewayFacts] = GatewayFacts(
        name=_("Stripe: cards from other countries"),
        company="Stripe Payments Europe, Limited",
        country="IE",
        privacy_policy="https://stripe.com/privacy",
        currencies={
            "USD": Limits(1_00, 10_000_00),
            "EUR": Limits(1_00, 10_000_00),
            "GBP": Limits(1_00, 10_000_00),
            "JPY": Limits(150, 1_500_000),
        },
        methods=("bank_card", "apple_pay", "google_pay", "link"),
        refunds=Refunds.PARTIAL,
        refund_days=10,
    )

    def __init__(self) -> None:
        self._calls = Calls("Stripe", lambda: (settings.STRIPE_BASE_URL,))

    def is_configured(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET)

    def is_test(self) -> bool:
        return "_test_" in settings.STRIPE_SECRET_KEY

    def shop(self) -> str:
        return ""

    def create(self, order: Order) -> Invoice:
        now = datetime.now(UTC)
        expires_at = min(max(order.expires_at, now + _SHORTEST), now + _LONGEST)
        numbers = {"payment_id": str(order.payment_id)}
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": order.amount.currency.lower(),
                        "unit_amount": order.amount.minor,
                        "product_data": {"name": order.description},
                    },
                }
            ],
            "success_url": order.success_url,
            "cancel_url": order.fail_url,
            "client_reference_id": str(order.payment_id),
            "metadata": numbers,
            "payment_intent_data": {"metadata": numbers, "description": order.description},
            "adaptive_pricing": {"enabled": False},
            "locale": order.language,
            "expires_at": int(expires_at.timestamp()),
        }
        session = self._change(
            wire.Session,
            lambda client: client.v1.checkout.sessions.create(params=params, options=_key(order.payment_id)),  # type: ignore[arg-type]
        )
        if not session.url:
            raise GatewayRefused("no_page", f"the session is {session.status} already", Blame.NUMBER)
        return Invoice(session.id, page_address(session.url), session.expires_at)

    def fetch(self, payment: PaymentRef) -> PaymentReport:
        if not payment.external_id:
            raise PaymentUnknown("Stripe cannot be asked by our own number")
        try:
            session = self._ask(
                wire.Session,
                lambda client: client.v1.checkout.sessions.retrieve(payment.external_id, params={"expand": _EXPAND}),
            )
        except GatewayRefused as refused:
            if refused.code == _MISSING:
                raise PaymentUnknown("Stripe has no such session") from refused
            raise
        if session.client_reference_id not in {"", str(payment.payment_id)}:
            raise PaymentUnknown("that session belongs to another order")
        return session.as_report()

    def cancel(self, payment: PaymentRef) -> bool:
        if not payment.external_id:
            return False
        try:
            session = self._change(wire.Session, lambda client: client.v1.checkout.sessions.expire(payment.external_id))
        except GatewayRefused:
            return False
        return session.status == "expired"

    def refund(self, order: RefundOrder) -> RefundReport:
        charge_id = order.payment.charge_id or self._charge_id(order.payment)
        params: dict[str, Any] = {
            "payment_intent": charge_id,
            "amount": order.amount.minor,
            "reason": "requested_by_customer",
            "metadata": {"refund_id": str(order.refund_id), "payment_id": str(order.payment.payment_id)},
        }
        return self._change(
            wire.Refund,
            lambda client: client.v1.refunds.create(params=params, options=_key(order.refund_id)),  # type: ignore[arg-type]
        ).as_report()

    def fetch_refund(self, order: RefundOrder, external_id: str) -> RefundReport:
        """Without a number the list is looked at first: a key is forgotten after a day, the list never."""
        if external_id:
            try:
                return self._ask(wire.Refund, lambda client: client.v1.refunds.retrieve(external_id)).as_report()
            except GatewayRefused as refused:
                if refused.code == _MISSING:
                    raise RefundUnknown("Stripe has no such refund") from refused
                raise
        charge_id = order.payment.charge_id or self._charge_id(order.payment)
        for refund in self._refunds_of(charge_id):
            if refund.metadata.get("refund_id") == str(order.refund_id):
                return refund.as_report()
        return self.refund(order)

    def parse_notification(self, raw: RawNotification) -> Notification:
        import stripe

        try:
            stripe.WebhookSignature.verify_header(
                raw.body,
                raw.header("Stripe-Signature"),
                settings.STRIPE_WEBHOOK_SECRET,
                stripe.Webhook.DEFAULT_TOLERANCE,
            )
        except (stripe.SignatureVerificationError, TypeError, ValueError) as error:
            # TypeError: a signature that is no ASCII; ValueError: a body that is no text.
            raise InvalidNotification("the signature does not match") from error
        try:
            event = wire.Event.model_validate(exact.loads(raw.body))
            if event.object != "event":
                raise InvalidNotification("an event of another kind")
            return _as_notification(event)
        except ValidationError as error:
            raise InvalidNotification("the event is unreadable") from error

    def resolve(self, notification: Notification) -> Notification:
        return notification

    def accepted(self, notification: Notification) -> Answer:
        return Answer(body="OK")

    def refused(self) -> Answer:
        return Answer(status=400, body="refused")

    def list_payments(self, since: datetime, until: datetime) -> Iterator[PaymentReport] | None:
        return self._sessions(since, until)

    def list_disputes(self, since: datetime, until: datetime) -> Iterator[DisputeReport]:
        params: dict[str, Any] = {
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
            "limit": 100,
        }
        while True:
            page = self._ask(_DisputePage, lambda client, params=params: client.v1.disputes.list(params=params))  # type: ignore[misc]
            for dispute in page.data:
                yield dispute.as_report()
            if not page.has_more or not page.data:
                return
            params = params | {"starting_after": page.data[-1].id}

    def mask(self, raw: RawNotification) -> str:
        return masking.json_body(raw.body, _HIDDEN)

    def _charge_id(self, payment: PaymentRef) -> str:
        try:
            charge_id = self.fetch(payment).charge_id
        except PaymentUnknown as error:
            raise GatewayRefused("payment_unknown", str(error), Blame.STAFF) from error
        if not charge_id:
            raise GatewayRefused("nothing_paid", "the session has no payment", Blame.STAFF)
        return charge_id

    def _sessions(self, since: datetime, until: datetime) -> Iterator[PaymentReport]:
        created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        params: dict[str, Any] = {
            "created": created,
            "limit": 100,
            "expand": ["data.payment_intent.latest_charge"],
        }
        while True:
            page = self._ask(
                _SessionPage,
                lambda client, params=params: client.v1.checkout.sessions.list(params=params),  # type: ignore[misc]
            )
            for session in page.data:
                yield session.as_report()
            if not page.has_more or not page.data:
                return
            params = params | {"starting_after": page.data[-1].id}

    def _refunds_of(self, charge_id: str) -> list[wire.Refund]:
        params: Any = {"payment_intent": charge_id, "limit": 100}
        return self._ask(_RefundPage, lambda client: client.v1.refunds.list(params=params)).data

    def _ask(self, kind: type["Read"], call: Callable[["stripe.StripeClient"], Any]) -> "Read":
        return self._call(kind, call, lost=GatewayUnavailable)

    def _change(self, kind: type["Read"], call: Callable[["stripe.StripeClient"], Any]) -> "Read":
        return self._call(kind, call, lost=OutcomeUnknown)

    def _call(
        self, kind: type["Read"], call: Callable[["stripe.StripeClient"], Any], *, lost: type[GatewayError]
    ) -> "Read":
        # The package takes a third of a second to import, which processes that sell nothing need not spend.
        import stripe

        from billing.gateways.stripe import client

        try:
            answer = call(client.build(self._calls, settings.STRIPE_SECRET_KEY, settings.STRIPE_BASE_URL))
        except (stripe.StripeError, client.NoAnswer) as error:
            raise client.translated(error, lost) from None
        try:
            return kind.model_validate_json(answer.last_response.body)
        except ValidationError:
            raise lost("an unreadable answer of Stripe") from None


Read = TypeVar("Read", bound=Message)


class _SessionPage(Message):
    data: list[wire.Session] = []
    has_more: bool = False


class _DisputePage(Message):
    data: list[wire.Dispute] = []
    has_more: bool = False


class _RefundPage(Message):
    data: list[wire.Refund] = []


def _as_notification(event: wire.Event) -> Notification:
    """Raises ValidationError when the object is not what the event's type says."""
    bare = Notification(NotificationKind.OTHER, event.id, raw_status=event.type)
    subject = event.data.object
    match event.type.split("."):
        case ["checkout", "session", ("completed" | "async_payment_succeeded" | "async_payment_failed" | "expired")]:
            report = wire.Session.model_validate(subject).as_report()
            if event.type.endswith("async_payment_failed"):
                report = replace(report, state=PaymentState.FAILED)
            return _payment(bare, report, event)
        case ["payment_intent", ("succeeded" | "payment_failed" | "canceled")]:
            return _payment(bare, wire.Intent.model_validate(subject).as_report(), event)
        case ["charge", "refunded"]:
            return _payment(bare, wire.Charge.model_validate(subject).as_report(), event)
        case ["refund", ("created" | "updated" | "failed")]:
            refund = wire.Refund.model_validate(subject).as_report()
            return replace(bare, kind=NotificationKind.REFUND, refund=refund)
        case ["charge", "dispute", _]:
            dispute = wire.Dispute.model_validate(subject).as_report()
            return replace(bare, kind=NotificationKind.DISPUTE, dispute=dispute)
    return bare


def _payment(bare: Notification, report: PaymentReport, event: wire.Event) -> Notification:
    report = replace(report, test=not event.livemode)
    return replace(bare, kind=NotificationKind.PAYMENT, external_id=report.external_id, payment=report)


def _key(number: object) -> "stripe.RequestOptions":
    return {"idempotency_key": str(number)}
