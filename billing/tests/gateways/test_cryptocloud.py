import dataclasses
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from billing.fakes import cryptocloud as stand_in
from billing.gateways.base import Money, NotificationKind, PaymentState, RawNotification, Refunds
from billing.gateways.cryptocloud import wire
from billing.gateways.cryptocloud.gateway import CryptoCloudGateway
from billing.gateways.errors import (
    Blame,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
)
from billing.tests.gateways import helpers

gateway = CryptoCloudGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.cryptocloud


def begun(party, amount="20.00", currency="USD"):
    order = helpers.order(amount, currency)
    invoice = gateway.create(order)
    return order, invoice, party.payments[invoice.external_id.removeprefix("INV-")]


def postback(token=None, **fields):
    message = {"status": "success", "invoice_id": "ABCD1234", "token": stand_in.token() if token is None else token}
    return RawNotification("POST", "", {}, json.dumps(message | fields).encode())


def test_what_an_invoice_is_asked_for(party):
    order, invoice, _ = begun(party, "490.00", "RUB")
    asked = party.requests[-1]
    assert asked.headers["authorization"] == f"Token {stand_in.API_KEY}"
    assert asked.query == {"locale": "ru"}
    message = asked.json()
    assert (message["amount"], message["currency"], message["shop_id"]) == (490.0, "RUB", stand_in.SHOP_ID)
    assert message["order_id"] == f"{order.payment_id}_RUB"
    wait = message["add_fields"]["time_to_pay"]
    assert 58 <= wait["hours"] * 60 + wait["minutes"] <= 60
    assert invoice.external_id.startswith("INV-")
    assert abs(invoice.expires_at - order.expires_at) <= timedelta(minutes=2)


@pytest.mark.parametrize(
    ("status", "state", "review"),
    [
        ("created", PaymentState.PENDING, ""),
        ("paid", PaymentState.PAID, ""),
        ("overpaid", PaymentState.PAID, ""),
        ("partial", PaymentState.PENDING, "partial_payment"),
        ("canceled", PaymentState.CANCELLED, ""),
        ("a_status_of_tomorrow", PaymentState.PENDING, ""),
    ],
)
def test_statuses(party, status, state, review):
    order, invoice, payment = begun(party)
    payment.status, payment.received = status, payment.amount
    report = gateway.fetch(helpers.ref(order, invoice))
    assert (report.state, report.review, report.raw_status) == (state, review, status)
    assert (report.amount, report.external_id) == (order.amount, invoice.external_id)
    assert report.order_reference == str(order.payment_id)
    assert report.test is gateway.is_test() is False
    assert report.method == "USDT_TRC20"


def test_what_ran_out_is_told_from_what_was_closed(party):
    order, invoice, _ = begun(party)
    party.act(invoice.external_id.removeprefix("INV-"), "expire")
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.EXPIRED
    order, invoice, _ = begun(party)
    assert gateway.cancel(helpers.ref(order, invoice)) is True
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.CANCELLED
    assert gateway.cancel(helpers.ref(order, invoice)) is False
    assert gateway.cancel(helpers.ref(order)) is False


@pytest.mark.parametrize("is_form", [False, True])
@pytest.mark.parametrize(
    ("action", "state", "received", "review"),
    [
        ("pay", PaymentState.PAID, None, ""),
        ("part", PaymentState.PENDING, 10_00, "partial_payment"),
        ("more", PaymentState.PAID, 24_00, ""),
    ],
)
def test_a_postback_only_makes_us_ask(party, is_form, action, state, received, review):
    party.sends_forms = is_form
    order, invoice, payment = begun(party)
    party.act(payment, action)
    hint = gateway.parse_notification(helpers.news(party)[0])
    assert (hint.kind, hint.needs_query, hint.payment) == (NotificationKind.PAYMENT, True, None)
    assert hint.external_id == invoice.external_id
    news = gateway.resolve(hint)
    assert (news.payment.state, news.payment.review) == (state, review)
    assert news.payment.received == (Money(received, "USD") if received else None)
    assert news.payment.amount == order.amount
    assert gateway.resolve(news) is news
    assert gateway.accepted(news).status == 200


def test_whoever_sees_a_live_token_can_only_make_us_ask(party):
    order, invoice, _ = begun(party)
    forged = postback(
        invoice_id=invoice.external_id,
        invoice_info={"uuid": invoice.external_id, "status": "paid", "amount_paid": 1_000_000},
        order_id=str(order.payment_id),
    )
    assert gateway.resolve(gateway.parse_notification(forged)).payment.state == PaymentState.PENDING
    with pytest.raises(PaymentUnknown):
        gateway.resolve(gateway.parse_notification(postback(invoice_id="NOBODY22")))
    first, second = (gateway.parse_notification(forged) for _ in range(2))
    assert first.delivery_id != second.delivery_id


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        stand_in.token(key="other"),
        stand_in.token(algorithm="none"),
        stand_in.token(algorithm="HS512"),
        stand_in.token({"id": 1}),
        stand_in.token({"id": 1, "exp": 1_700_000_000}),
        "x" * 5000,
    ],
    ids=["empty", "nonsense", "another key", "none", "HS512", "no end", "over", "long"],
)
def test_tokens_that_prove_nothing(party, token):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(postback(token))
    assert gateway.refused().status == 403


def test_without_a_secret_nothing_is_believed(party, settings):
    settings.CRYPTOCLOUD_SECRET_KEY = ""
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(postback(stand_in.token(key="")))
    assert not gateway.is_configured()


def test_a_token_lives_until_its_end(party):
    assert gateway.parse_notification(postback(stand_in.token({"exp": int(time.time()) + 5})))


@pytest.mark.parametrize(
    ("text", "number"), [("ABCD1234", "INV-ABCD1234"), ("INV-ABCD1234", "INV-ABCD1234"), ("abcd1234", "INV-ABCD1234")]
)
def test_numbers_with_and_without_their_beginning(party, text, number):
    assert gateway.parse_notification(postback(invoice_id=text)).external_id == number


@pytest.mark.parametrize("number", ["", "../x", "INV-", "A B", "A" * 65, None, {}, "INV-INV-ABCD1234"])
def test_numbers_that_are_none(party, number):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(postback(invoice_id=number))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff", b"{", b"token=x", urlencode({"invoice_id": "ABCD1234"}).encode()]
)
def test_unreadable_postbacks_are_refused(party, body):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(RawNotification("POST", "", {}, body))


def test_a_project_in_test_mode_is_told(party):
    party.is_test = True
    order, invoice, payment = begun(party)
    party.act(payment, "pay")
    assert gateway.fetch(helpers.ref(order, invoice)).test is True


@pytest.mark.parametrize(
    ("value", "minor"), [("20", 2000), ("20.0000001", 2000), ("19.9999999", 2000), ("20.01", 2001)]
)
def test_prices_are_floats_there(value, minor):
    invoice = wire.Invoice(uuid="INV-1", amount_in_fiat=value, fiat_currency="usd")
    assert invoice.as_report().amount == Money(minor, "USD")


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ({"amount_in_fiat": 490, "order_id": "1_RUB"}, Money(490_00, "RUB")),
        ({"amount_in_fiat": 490, "order_id": "1_RUB", "fiat_currency": "EUR"}, Money(490_00, "EUR")),
        ({"amount_usd": 20, "order_id": "1_USD"}, Money(20_00, "USD")),
        ({"amount_usd": 20, "order_id": "1_RUB"}, None),
        ({"amount_in_fiat": 490, "order_id": "1"}, None),
        ({}, None),
    ],
)
def test_the_currency_of_a_price_that_they_do_not_name(told, amount):
    report = wire.Invoice(uuid="INV-1", status="paid", amount_to_pay=10, amount_paid=4, **told).as_report()
    assert report.amount == amount
    assert report.order_reference == ("1" if told else "")
    assert report.review == ("underpaid" if amount else "")


@pytest.mark.parametrize("value", ["20.005", "NaN", "Infinity", "1e40"])
def test_prices_that_are_none(value):
    with pytest.raises(ValueError):  # noqa: PT011
        wire.Invoice(uuid="INV-1", amount_in_fiat=value, fiat_currency="USD").as_report()


def test_paid_with_less_than_was_asked(party):
    order, invoice, payment = begun(party)
    payment.status, payment.received = "paid", payment.amount / 2
    report = gateway.fetch(helpers.ref(order, invoice))
    assert (report.state, report.review, report.received) == (PaymentState.PAID, "underpaid", Money(10_00, "USD"))


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_invoice_harms_nobody(party, fault):
    order = helpers.order("20.00", "USD")
    party.fail_next(fault, path="/create")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    assert gateway.create(order).redirect_url


@pytest.mark.parametrize("fault", ["broken", "error", "limit"])
def test_asking_fails_softly(party, fault):
    order, invoice, _ = begun(party)
    party.fail_next(fault, path="/info")
    with pytest.raises(GatewayUnavailable):
        gateway.resolve(gateway.parse_notification(postback(invoice_id=invoice.external_id)))
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.PENDING


def test_refusals(party, settings):
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order("0.50", "USD"))
    assert (refused.value.code, refused.value.blame) == ("amount", Blame.LIMIT)
    settings.CRYPTOCLOUD_SHOP_ID = "wrong"
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order("20.00", "USD"))
    assert (refused.value.code, refused.value.blame) == ("shop_id", Blame.STAFF)
    settings.CRYPTOCLOUD_API_KEY = "wrong"
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order("20.00", "USD"))
    assert (refused.value.code, refused.value.blame) == ("401", Blame.STAFF)


def test_an_invoice_of_another_order_is_not_ours(party):
    _, invoice, _ = begun(party)
    other = helpers.ref(helpers.order("20.00", "USD"))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(other, external_id=invoice.external_id))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(other)


def test_the_list_has_all_pages_of_the_time_asked_for(party):
    order, _, first = begun(party)
    for number in range(120):
        extra = {"expires_at": first.extra["expires_at"]}
        party.payments[f"X{number:07}"] = dataclasses.replace(first, id=f"X{number:07}", extra=extra)
    now = datetime.now(UTC) + timedelta(seconds=1)
    listed = list(gateway.list_payments(now - timedelta(hours=1), now))
    assert len(listed) == 121
    assert listed[0].order_reference == str(order.payment_id)
    assert list(gateway.list_payments(now, now + timedelta(hours=1))) == []


def test_money_goes_back_by_hand_only(party):
    refund = helpers.refund(helpers.ref(helpers.order("20.00", "USD")))
    for call in (lambda: gateway.refund(refund), lambda: gateway.fetch_refund(refund, "")):
        with pytest.raises(GatewayRefused) as refused:
            call()
        assert refused.value.code == "by_hand"
    assert gateway.facts.refunds == Refunds.NONE


def test_what_may_be_stored(party):
    for party.sends_forms in (False, True):
        _, _, payment = begun(party)
        party.act(payment, "pay")
        raw = helpers.news(party)[-1]
        stored = gateway.mask(raw)
        assert "eyJ" in raw.body.decode()
        assert "eyJ" not in stored
        assert payment.reference in stored
