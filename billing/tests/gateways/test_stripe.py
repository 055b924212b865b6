import dataclasses
import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from billing.fakes import stripe as stand_in
from billing.gateways.base import DisputeState, Money, NotificationKind, PaymentState, RawNotification, RefundState
from billing.gateways.errors import (
    Blame,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    RefundUnknown,
)
from billing.gateways.stripe.gateway import StripeGateway
from billing.tests.gateways import helpers

gateway = StripeGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.stripe


def dollars(amount="9.99", **changes):
    return helpers.order(amount, "USD", **changes)


def paid(party):
    order = dollars()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    return helpers.ref(order, invoice, gateway.fetch(helpers.ref(order, invoice)))


def told(party, event, subject, **changes):
    headers, body = party.told(event, subject, **changes).build()
    return RawNotification("POST", "", headers, body)


def read(party, event, subject, **changes):
    return gateway.parse_notification(told(party, event, subject, **changes))


@pytest.mark.parametrize(("amount", "currency", "minor"), [("9.99", "USD", "999"), ("1500", "JPY", "1500")])
def test_what_a_session_is_asked_for(party, amount, currency, minor):
    order = helpers.order(amount, currency)
    invoice = gateway.create(order)
    asked = party.requests[-1].form()
    assert asked["line_items[0][price_data][unit_amount]"] == minor
    assert asked["line_items[0][price_data][currency]"] == currency.lower()
    assert asked["client_reference_id"] == str(order.payment_id)
    assert asked["metadata[payment_id]"] == asked["payment_intent_data[metadata][payment_id]"] == str(order.payment_id)
    assert asked["adaptive_pricing[enabled]"] == "false"
    assert party.requests[-1].headers["idempotency-key"] == str(order.payment_id)
    assert invoice.redirect_url.startswith(party.url)
    assert invoice.expires_at == order.expires_at
    assert gateway.fetch(helpers.ref(order, invoice)).amount == order.amount


def test_paying_tells_one_fact_by_several_events(party):
    order = dollars()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "twice")
    events = [gateway.parse_notification(raw) for raw in helpers.news(party)]
    assert len({one.delivery_id for one in events}) == 3
    reports = [one.payment for one in events if one.kind == NotificationKind.PAYMENT]
    assert len(reports) == 4
    assert {(one.state, one.amount, one.order_reference) for one in reports} == {
        (PaymentState.PAID, order.amount, str(order.payment_id))
    }
    assert len({one.charge_id for one in reports}) == 1
    assert {one.test for one in reports} == {gateway.is_test()} == {True}
    assert {one.external_id for one in reports} == {"", invoice.external_id}


def test_declined_is_no_end_and_expired_is(party):
    order = dollars()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "decline")
    declined = gateway.parse_notification(helpers.news(party)[-1]).payment
    assert (declined.state, declined.failure) == (PaymentState.PENDING, "insufficient_funds")
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.PENDING
    party.act(invoice.external_id, "expire")
    assert gateway.parse_notification(helpers.news(party)[-1]).payment.state == PaymentState.EXPIRED
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.EXPIRED


@pytest.mark.parametrize(
    ("event", "status", "payment_status", "state"),
    [
        ("completed", "complete", "paid", PaymentState.PAID),
        ("completed", "complete", "unpaid", PaymentState.PENDING),
        ("completed", "complete", "no_payment_required", PaymentState.PENDING),
        ("async_payment_succeeded", "complete", "paid", PaymentState.PAID),
        ("async_payment_failed", "complete", "unpaid", PaymentState.FAILED),
        ("expired", "expired", "unpaid", PaymentState.EXPIRED),
    ],
)
def test_only_paid_is_paid(party, event, status, payment_status, state):
    payment = party.payments[gateway.create(dollars()).external_id]
    session = party.session(payment) | {"status": status, "payment_status": payment_status}
    assert read(party, f"checkout.session.{event}", session).payment.state == state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("requires_payment_method", PaymentState.PENDING),
        ("requires_confirmation", PaymentState.PENDING),
        ("requires_action", PaymentState.PENDING),
        ("processing", PaymentState.PENDING),
        ("requires_capture", PaymentState.PENDING),
        ("canceled", PaymentState.CANCELLED),
        ("succeeded", PaymentState.PAID),
    ],
)
def test_statuses_of_an_intent(party, status, state):
    payment = party.payments[gateway.create(dollars()).external_id]
    intent = party.intent(payment) | {"status": status, "amount_received": 500}
    report = read(party, "payment_intent.succeeded", intent).payment
    assert report.state == state
    assert report.amount == Money(500 if state == PaymentState.PAID else 999, "USD")


def test_a_delayed_method_whose_money_never_came_has_failed(party):
    order = dollars()
    invoice = gateway.create(order)
    party.payments[invoice.external_id].status = "unpaid"
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.FAILED


@pytest.mark.parametrize("event", ["charge.succeeded", "customer.created", "payment_intent.created", "brand.new"])
def test_other_events_change_nothing(party, event):
    assert read(party, event, {"id": "x"}).kind == NotificationKind.OTHER


def test_the_signature_covers_every_byte(party):
    party.act(gateway.create(dollars()).external_id, "pay")
    good = helpers.news(party)[-1]
    header = good.header("Stripe-Signature")
    assert gateway.parse_notification(good)
    for body in (good.body + b"\n", good.body.replace(b"999", b"998"), json.dumps(json.loads(good.body)).encode(), b""):
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(dataclasses.replace(good, body=body))
    stamp, first, _ = header.split(",")
    for accepted in (f"{stamp},v1={'0' * 64},{first}", f"{stamp},v2=x,{first}"):
        assert gateway.parse_notification(dataclasses.replace(good, headers={"stripe-signature": accepted}))
    for refused in ("", "t=1", f"{stamp}", f"{stamp},v0={first[3:]}", f"t=x,{first}", f"{stamp},v1=é"):
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(dataclasses.replace(good, headers={"Stripe-Signature": refused}))


def test_old_times_other_secrets_and_bytes_that_are_no_text_are_refused(party, settings):
    body = party.told("charge.succeeded", {}).build()[1]
    old = stand_in.sign(body, int(time.time()) - 301)
    recent = stand_in.sign(body, int(time.time()) - 200)
    assert gateway.parse_notification(RawNotification("POST", "", {"Stripe-Signature": recent}, body))
    for header, content in (
        (old, body),
        (stand_in.sign(body, secret="whsec_other"), body),
        (stand_in.sign(b"\xff"), b"\xff"),
        (stand_in.sign(b"[]"), b"[]"),
        (stand_in.sign(b'{"object": "v2.core.event"}'), b'{"object": "v2.core.event"}'),
    ):
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(RawNotification("POST", "", {"Stripe-Signature": header}, content))
    settings.STRIPE_WEBHOOK_SECRET = ""
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(
            RawNotification("POST", "", {"Stripe-Signature": stand_in.sign(body, secret="")}, body)
        )


def test_a_thin_event_is_refused(party):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(told(party, "charge.refunded", {}, object="v2.core.event"))
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(told(party, "charge.dispute.created", {"id": "dp_1"}))


def test_the_mode_is_told(party):
    payment = party.payments[gateway.create(dollars()).external_id]
    live = read(party, "checkout.session.completed", party.session(payment) | {"livemode": True}, livemode=True)
    assert live.payment.test is False


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_answer_is_asked_again_under_the_same_key(party, fault):
    order = dollars()
    party.fail_next(fault, path="/sessions")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    gateway.create(order)
    assert len(party.payments) == 1


def test_a_number_that_stands_for_another_order(party):
    order = dollars()
    gateway.create(order)
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(dataclasses.replace(order, amount=Money(1, "USD")))
    assert refused.value.blame == Blame.NUMBER


@pytest.mark.parametrize(
    ("status", "error", "code", "blame"),
    [
        (400, {"code": "amount_too_small"}, "amount_too_small", Blame.LIMIT),
        (400, {"code": "amount_too_large"}, "amount_too_large", Blame.LIMIT),
        (400, {"code": "parameter_unknown"}, "parameter_unknown", Blame.STAFF),
        (404, {"code": "resource_missing"}, "resource_missing", Blame.STAFF),
        (402, {"type": "card_error", "code": "card_declined"}, "card_declined", Blame.CUSTOMER),
        (403, {}, "PermissionError", Blame.STAFF),
    ],
)
def test_refusals(party, status, error, code, blame):
    party.refuse_with = (status, error)
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(dollars())
    assert (refused.value.code, refused.value.blame) == (code, blame)


def test_a_wrong_key_is_for_staff(party, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_other"
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(dollars())
    assert refused.value.blame == Blame.STAFF


def test_while_the_first_call_runs_the_outcome_is_unknown(party):
    party.refuse_with = (409, {"code": "lock_timeout"})
    with pytest.raises(OutcomeUnknown):
        gateway.create(dollars())
    party.fail_next("limit", path="/sessions")
    with pytest.raises(GatewayUnavailable):
        gateway.create(dollars())


def test_reading_fails_softly(party):
    payment = paid(party)
    party.fail_next("broken", path="/sessions")
    with pytest.raises(GatewayUnavailable):
        gateway.fetch(payment)
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(payment, external_id="cs_none"))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(payment, external_id=""))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(helpers.ref(dollars()), external_id=payment.external_id))


def test_refunds_in_parts(party):
    payment = paid(party)
    part = helpers.refund(payment, "4.00")
    report = gateway.refund(part)
    assert (report.state, report.amount, report.reference) == (
        RefundState.SUCCEEDED,
        Money(400, "USD"),
        str(part.refund_id),
    )
    assert party.requests[-1].headers["idempotency-key"] == str(part.refund_id)
    assert gateway.fetch(payment).refunded == Money(400, "USD")
    assert gateway.fetch_refund(part, report.external_id) == report
    gateway.refund(helpers.refund(payment, "5.99"))
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment, "0.01"))
    assert refused.value.code == "charge_already_refunded"
    with pytest.raises(RefundUnknown):
        gateway.fetch_refund(part, "re_none")


def test_a_refund_without_the_charge_finds_it(party):
    payment = paid(party)
    report = gateway.refund(helpers.refund(dataclasses.replace(payment, charge_id="")))
    assert report.charge_id == payment.charge_id
    order = dollars()
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(helpers.ref(order, gateway.create(order))))
    assert refused.value.code == "nothing_paid"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", RefundState.PENDING),
        ("requires_action", RefundState.PENDING),
        ("succeeded", RefundState.SUCCEEDED),
        ("failed", RefundState.FAILED),
        ("canceled", RefundState.FAILED),
    ],
)
@pytest.mark.parametrize("event", ["created", "updated", "failed"])
def test_statuses_of_refunds(party, status, state, event):
    party.refunds_are = status
    payment = paid(party)
    refund = helpers.refund(payment)
    report = gateway.refund(refund)
    news = read(party, f"refund.{event}", party.refund_shown(party.refunds[report.external_id]))
    assert (news.kind, news.refund) == (NotificationKind.REFUND, report)
    assert report.state == state


@pytest.mark.parametrize("is_next_day", [False, True])
def test_a_lost_answer_to_a_refund_never_refunds_twice(party, is_next_day):
    refund = helpers.refund(paid(party), "4.00")
    party.fail_next("lost", path="/refunds")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    if is_next_day:
        party.forget_keys()
    assert gateway.fetch_refund(refund, "").state == RefundState.SUCCEEDED
    assert len(party.refunds) == 1


def test_a_refund_from_the_cabinet_is_told_twice_over(party):
    payment = paid(party)
    party.act(payment.external_id, "give_back")
    refund, charge = (gateway.parse_notification(raw) for raw in helpers.news(party)[-2:])
    assert (refund.refund.amount, refund.refund.reference) == (payment.amount, "")
    assert refund.refund.charge_id == charge.payment.charge_id == payment.charge_id
    assert charge.payment.refunded == payment.amount


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", DisputeState.INQUIRY),
        ("warning_under_review", DisputeState.INQUIRY),
        ("warning_closed", DisputeState.WON),
        ("needs_response", DisputeState.OPEN),
        ("under_review", DisputeState.OPEN),
        ("appeal_needs_response", DisputeState.OPEN),
        ("appeal_under_review", DisputeState.OPEN),
        ("prevented", DisputeState.OPEN),
        ("won", DisputeState.WON),
        ("lost", DisputeState.LOST),
    ],
)
def test_disputes(party, status, state):
    payment = paid(party)
    shown = party.dispute(party.payments[payment.external_id], status)
    for event in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated"):
        news = read(party, f"charge.dispute.{event}", shown)
        assert (news.kind, news.dispute.state) == (NotificationKind.DISPUTE, state)
        assert (news.dispute.charge_id, news.dispute.amount) == (payment.charge_id, payment.amount)
        assert news.dispute.answer_by > datetime.now(UTC)


def test_a_dispute_from_the_page(party):
    payment = paid(party)
    for action, state in (("dispute", DisputeState.OPEN), ("win", DisputeState.WON)):
        party.act(payment.external_id, action)
        assert gateway.parse_notification(helpers.news(party)[-1]).dispute.state == state


def test_an_open_session_can_be_cancelled(party):
    order = dollars()
    payment = helpers.ref(order, gateway.create(order))
    assert gateway.cancel(payment) is True
    assert gateway.fetch(payment).state == PaymentState.EXPIRED
    assert gateway.cancel(payment) is False
    assert gateway.cancel(helpers.ref(order)) is False


def test_the_list_has_all_pages(party):
    party.page_size = 2
    orders = [dollars() for _ in range(5)]
    for order in orders:
        gateway.create(order)
    now = datetime.now(UTC) + timedelta(seconds=2)
    listed = list(gateway.list_payments(now - timedelta(hours=1), now))
    assert [one.order_reference for one in listed] == [str(order.payment_id) for order in orders]


def test_its_times_fit_what_is_allowed(party):
    now = datetime.now(UTC)
    for wanted in (now + timedelta(minutes=1), now + timedelta(days=3)):
        expires = gateway.create(dollars(expires_at=wanted)).expires_at
        assert timedelta(minutes=30) < expires - now < timedelta(hours=24)


def test_nothing_secret_is_logged(party, caplog):
    caplog.set_level(logging.DEBUG)
    paid(party)
    for secret in (stand_in.SECRET_KEY, stand_in.WEBHOOK_SECRET):
        assert secret not in caplog.text


def test_what_may_be_stored(party):
    party.act(gateway.create(dollars()).external_id, "pay")
    stored = " ".join(gateway.mask(raw) for raw in helpers.news(party))
    for personal in ("alice@example.com", "4242", '"Alice"'):
        assert personal not in stored
    assert "checkout.session.completed" in stored


def test_its_keys(settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "rk_live_1", "whsec_1"
    assert gateway.is_configured()
    assert not gateway.is_test()
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert not gateway.is_configured()
