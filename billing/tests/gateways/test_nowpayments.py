import dataclasses
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.fakes import nowpayments as stand_in
from billing.gateways import exact
from billing.gateways.base import Money, NotificationKind, PaymentState, RawNotification, Refunds
from billing.gateways.errors import (
    Blame,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
)
from billing.gateways.nowpayments import wire
from billing.gateways.nowpayments.gateway import NowPaymentsGateway
from billing.tests.gateways import helpers

gateway = NowPaymentsGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.nowpayments


def dollars(**changes):
    return helpers.order("20.00", "USD", **changes)


def signed(body, *, secret=stand_in.IPN_SECRET, form=None):
    """A call whose header covers `form` (by default the sorted body)."""
    form = wire.canonical(exact.loads(body)) if form is None else form
    signature = hmac.new(secret.encode(), form.encode(), hashlib.sha512).hexdigest()
    return RawNotification("POST", "", {"x-nowpayments-sig": signature}, body)


def told(party, **changes):
    invoice = gateway.create(dollars())
    payment = party.payments[invoice.external_id]
    payment.extra["number"] = 777
    headers, body = party.told(payment, **changes).build()
    return gateway.parse_notification(RawNotification("POST", "", headers, body))


def test_what_an_invoice_is_asked_for(party):
    order = dollars()
    invoice = gateway.create(order)
    asked = party.requests[-1].json()
    assert (asked["price_amount"], asked["price_currency"]) == (20, "usd")
    assert asked["order_id"] == str(order.payment_id)
    assert asked["ipn_callback_url"] == order.notification_url
    assert party.requests[-1].headers["x-api-key"] == stand_in.API_KEY
    assert invoice.redirect_url.startswith(party.url)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b'{"b": 0.00001234, "a": 1e-7}', '{"a":1e-7,"b":0.00001234}'),
        (b'{"b": {"d": 1, "c": [2, {"f": 3, "e": 4}]}}', '{"b":{"c":[2,{"e":4,"f":3}],"d":1}}'),
        ('{"слово": "ё/\\u0451\\n"}'.encode(), '{"слово":"ё/ё\\n"}'),
        (b'{"a": null, "b": true, "c": false, "d": ""}', '{"a":null,"b":true,"c":false,"d":""}'),
        (b'{"a": 123456789012345678901234567890}', '{"a":123456789012345678901234567890}'),
        (b'{"price_amount": 15, "pay_amount": 0.10}', '{"pay_amount":0.10,"price_amount":15}'),
    ],
)
def test_the_canonical_form(body, form):
    assert wire.canonical(exact.loads(body)) == form


def test_arrays_may_be_signed_in_either_form(party):
    body = b'{"payment_extra_ids": [1, 2], "payout": 1}'
    for form in ('{"payment_extra_ids":[1,2],"payout":1}', '{"payment_extra_ids":{"0":1,"1":2},"payout":1}'):
        assert gateway.parse_notification(signed(body, form=form)).kind == NotificationKind.OTHER


@pytest.mark.parametrize(
    ("status", "state", "review"),
    [
        ("waiting", PaymentState.PENDING, ""),
        ("confirming", PaymentState.PENDING, ""),
        ("confirmed", PaymentState.PENDING, ""),
        ("sending", PaymentState.PENDING, ""),
        ("finished", PaymentState.PAID, ""),
        ("partially_paid", PaymentState.PENDING, "partial_payment"),
        ("failed", PaymentState.FAILED, ""),
        ("refunded", PaymentState.FAILED, "returned"),
        ("expired", PaymentState.EXPIRED, ""),
        ("cancelled", PaymentState.CANCELLED, ""),
        ("canceled", PaymentState.CANCELLED, ""),
        ("a_status_of_tomorrow", PaymentState.PENDING, ""),
    ],
)
def test_statuses_asked_and_told(party, status, state, review):
    order = dollars()
    invoice = gateway.create(order)
    payment = party.payments[invoice.external_id]
    payment.extra["number"], payment.status, payment.received = 5555, status, payment.amount
    headers, body = party.told(payment).build()
    report = gateway.parse_notification(RawNotification("POST", "", headers, body)).payment
    assert (report.state, report.review, report.raw_status) == (state, review, status)
    assert (report.amount, report.received) == (order.amount, None)
    assert (report.external_id, report.charge_id) == (invoice.external_id, "5555")
    assert report.order_reference == str(order.payment_id)
    assert gateway.fetch(helpers.ref(order, invoice, report)) == report


def test_paying_in_part_in_full_and_more(party):
    order = dollars()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "part")
    part = gateway.parse_notification(helpers.news(party)[-1]).payment
    assert (part.state, part.received, part.review) == (PaymentState.PENDING, Money(10_00, "USD"), "partial_payment")
    party.act(invoice.external_id, "more")
    more = gateway.parse_notification(helpers.news(party)[-1]).payment
    assert (more.state, more.received, more.review) == (PaymentState.PAID, Money(24_00, "USD"), "")
    assert more.amount == order.amount


@pytest.mark.parametrize(
    ("paid", "review"), [("0.0002", ""), ("0.000199001", ""), ("0.0001989", "underpaid"), ("0", "underpaid")]
)
def test_finished_with_less_than_was_asked(party, paid, review):
    report = told(party, payment_status="finished", actually_paid=Decimal(paid)).payment
    assert (report.state, report.review) == (PaymentState.PAID, review)


def test_a_second_deposit_is_for_a_person(party):
    order = dollars()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    party.send([party.deposit_again(party.payments[invoice.external_id])])
    first, second = (gateway.parse_notification(raw).payment for raw in helpers.news(party)[-2:])
    assert (first.review, second.review) == ("", "repeated_deposit")
    assert first.charge_id != second.charge_id
    assert first.external_id == second.external_id == invoice.external_id
    assert gateway.fetch(helpers.ref(order, invoice)).charge_id == first.charge_id


def test_the_same_state_twice_is_one_event(party):
    party.act(gateway.create(dollars()).external_id, "twice")
    events = [gateway.parse_notification(raw) for raw in helpers.news(party)]
    assert len(events) == 4
    assert len({one.delivery_id for one in events}) == 2


def test_the_signature_covers_every_field(party):
    party.act(gateway.create(dollars()).external_id, "pay")
    good = helpers.news(party)[-1]
    header = good.header("x-nowpayments-sig")
    assert gateway.parse_notification(dataclasses.replace(good, headers={"X-NOWPAYMENTS-SIG": header.upper()}))
    for body in (
        good.body.replace(b"finished", b"finishes"),
        good.body.replace(b"20", b"21", 1),
        good.body.replace(b'"depositFee":0.0000009', b'"depositFee":0.0000008'),
        good.body[:-1] + b', "more": 1}',
    ):
        assert body != good.body
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(dataclasses.replace(good, body=body))
    for bad in ("", header[:-1], header + "0", "g" * 128, "é" * 128):
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(dataclasses.replace(good, headers={"x-nowpayments-sig": bad}))


def test_without_a_secret_nothing_is_believed(party, settings):
    body = b'{"payment_id": 1, "payment_status": "finished"}'
    settings.NOWPAYMENTS_IPN_SECRET = " "
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(signed(body, secret=""))
    settings.NOWPAYMENTS_IPN_SECRET = f" {stand_in.IPN_SECRET}\n"
    assert gateway.parse_notification(signed(b'{"id": 1}')).kind == NotificationKind.OTHER


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"a": NaN}', b'{"a": Infinity}', b"{", b"1"])
def test_unreadable_notifications_are_refused(party, body):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(RawNotification("POST", "", {"x-nowpayments-sig": "0" * 128}, body))
    assert gateway.refused().status == 403


@pytest.mark.parametrize(
    "body",
    [
        b'{"payment_id": 1, "payment_status": "finished"}',
        b'{"payment_id": 1, "payment_status": "finished", "price_amount": "x", "price_currency": "usd"}',
        b'{"payment_id": 1, "payment_status": "finished", "price_amount": 1.001, "price_currency": "usd"}',
    ],
)
def test_a_signed_payment_without_a_price_is_refused(party, body):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(signed(body))


def test_payouts_and_subscriptions_are_something_else(party):
    body = b'{"id": "1", "batch_withdrawal_id": "2", "status": "FINISHED", "amount": "50"}'
    assert gateway.parse_notification(signed(body)).kind == NotificationKind.OTHER


def test_a_second_wall_of_addresses(party, settings):
    settings.NOWPAYMENTS_NETWORKS = ["51.89.194.21/32"]
    good = signed(b'{"id": 1}')
    assert gateway.parse_notification(dataclasses.replace(good, peer="51.89.194.21"))
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(dataclasses.replace(good, peer="51.89.194.22"))


def test_before_a_coin_is_chosen_nothing_can_be_told(party, settings):
    order = dollars()
    invoice = gateway.create(order)
    assert gateway.fetch(helpers.ref(order, invoice)).raw_status == "untold"
    party.act(invoice.external_id, "pay")
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.PAID
    settings.NOWPAYMENTS_EMAIL = ""
    report = gateway.fetch(helpers.ref(order, invoice))
    assert (report.state, report.raw_status) == (PaymentState.PENDING, "untold")
    assert gateway.list_payments(datetime.now(UTC), datetime.now(UTC)) is None


def test_a_payment_of_another_order_is_not_ours(party):
    invoice = gateway.create(dollars())
    party.act(invoice.external_id, "pay")
    number = str(party.payments[invoice.external_id].extra["number"])
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(helpers.ref(dollars()), charge_id=number))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(helpers.ref(dollars()), charge_id="1"))


def test_the_list_has_all_pages(party):
    order = dollars()
    first = party.payments[gateway.create(order).external_id]
    party.act(first, "pay")
    for number in range(250):
        party.payments[f"x{number}"] = dataclasses.replace(first, id=str(number), extra={"number": number})
    now = datetime.now(UTC) + timedelta(seconds=1)
    listed = list(gateway.list_payments(now - timedelta(hours=1), now))
    assert len(listed) == 251
    assert listed[0].order_reference == str(order.payment_id)
    assert list(gateway.list_payments(now - timedelta(hours=2), now - timedelta(hours=1))) == []


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_invoice_harms_nobody(party, fault):
    order = dollars()
    party.fail_next(fault, path="/invoice")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    assert gateway.create(order).redirect_url


def test_refusals(party, settings):
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order("0.50", "USD"))
    assert (refused.value.code, refused.value.blame) == ("AMOUNT_MINIMAL_ERROR", Blame.LIMIT)
    party.fail_next("limit", path="/invoice")
    with pytest.raises(GatewayUnavailable):
        gateway.create(dollars())
    settings.NOWPAYMENTS_API_KEY = "wrong"
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(dollars())
    assert (refused.value.code, refused.value.blame) == ("INVALID_API_KEY", Blame.STAFF)


def test_money_goes_back_by_hand_only(party):
    refund = helpers.refund(helpers.ref(dollars()))
    for call in (lambda: gateway.refund(refund), lambda: gateway.fetch_refund(refund, "")):
        with pytest.raises(GatewayRefused) as refused:
            call()
        assert refused.value.code == "by_hand"
    assert gateway.facts.refunds == Refunds.NONE
    assert gateway.cancel(refund.payment) is False


def test_its_keys(settings):
    settings.NOWPAYMENTS_API_KEY, settings.NOWPAYMENTS_IPN_SECRET = "a", "b"
    assert gateway.is_configured()
    assert not gateway.is_test()
    settings.NOWPAYMENTS_BASE_URL = "https://api-sandbox.nowpayments.io/v1"
    assert gateway.is_test()
    settings.NOWPAYMENTS_IPN_SECRET = ""
    assert not gateway.is_configured()


def test_what_may_be_stored(party):
    party.act(gateway.create(dollars()).external_id, "pay")
    stored = json.loads(gateway.mask(helpers.news(party)[-1]))
    assert stored["payment_status"] == "finished"
    assert stored["outcome_amount"] == "0.00001234"
