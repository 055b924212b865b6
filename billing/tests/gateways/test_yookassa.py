import dataclasses
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from billing.fakes import yookassa as stand_in
from billing.gateways.base import Money, NotificationKind, PaymentState, RawNotification, RefundState
from billing.gateways.errors import (
    Blame,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    RefundUnknown,
)
from billing.gateways.receipts import ReceiptState, TaxSystem, Vat
from billing.gateways.yookassa import wire
from billing.gateways.yookassa.gateway import YooKassaGateway
from billing.tests.gateways import helpers

gateway = YooKassaGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.yookassa


def paid(party):
    order = helpers.order()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    return helpers.ref(order, invoice)


def told(event, number="2d1b0b5c-000f-5000-9000-1b5b5b5b5b5b", **changes):
    body = json.dumps({"type": "notification", "event": event, "object": {"id": number}} | changes).encode()
    return RawNotification("POST", "", {}, body, peer="185.71.76.5")


def test_what_it_is_asked_for(party):
    order = helpers.order(receipt=helpers.receipt(Money(490_00, "RUB")))
    invoice = gateway.create(order)
    request = party.requests[-1]
    asked = request.json()
    assert asked["amount"] == {"value": "490.00", "currency": "RUB"}
    assert asked["capture"] is True
    assert asked["metadata"] == {"payment_id": str(order.payment_id)}
    assert asked["confirmation"]["return_url"] == order.success_url
    assert asked["receipt"]["tax_system_code"] == 1
    assert asked["receipt"]["customer"] == {"email": "alice@example.com"}
    assert asked["receipt"]["items"] == [
        {
            "description": "1000 токенов",
            "quantity": "1.0",
            "amount": {"value": "490.00", "currency": "RUB"},
            "vat_code": 12,
            "payment_mode": "full_prepayment",
            "payment_subject": "service",
        }
    ]
    assert request.headers["idempotence-key"] == str(order.payment_id)
    assert set(asked) == {"amount", "capture", "confirmation", "description", "metadata", "receipt"}
    assert invoice.redirect_url.startswith(party.url)


@pytest.mark.parametrize(
    ("status", "reason", "state"),
    [
        ("pending", "", PaymentState.PENDING),
        ("waiting_for_capture", "", PaymentState.PENDING),
        ("succeeded", "", PaymentState.PAID),
        ("canceled", "expired_on_confirmation", PaymentState.EXPIRED),
        ("canceled", "expired_on_capture", PaymentState.EXPIRED),
        ("canceled", "canceled_by_merchant", PaymentState.CANCELLED),
        ("canceled", "insufficient_funds", PaymentState.FAILED),
        ("canceled", "fraud_suspected", PaymentState.FAILED),
        ("canceled", "a_reason_of_tomorrow", PaymentState.FAILED),
        ("a_status_of_tomorrow", "", PaymentState.PENDING),
    ],
)
def test_statuses(party, status, reason, state):
    order = helpers.order()
    invoice = gateway.create(order)
    payment = party.payments[invoice.external_id]
    payment.status = status
    if reason:
        payment.extra["cancellation_details"] = {"party": "yoo_money", "reason": reason}
    report = gateway.fetch(helpers.ref(order, invoice))
    assert (report.state, report.amount, report.raw_status) == (state, order.amount, status)
    assert report.order_reference == str(order.payment_id)
    assert report.shop == gateway.shop()
    assert report.test is gateway.is_test() is True
    assert reason in report.failure


@pytest.mark.parametrize("action", ["pay", "decline", "expire"])
def test_a_notification_only_makes_us_ask(party, action):
    order = helpers.order(receipt=helpers.receipt(Money(490_00, "RUB")))
    invoice = gateway.create(order)
    party.act(invoice.external_id, action)
    hint = gateway.parse_notification(helpers.news(party)[0])
    assert (hint.needs_query, hint.payment, hint.external_id) == (True, None, invoice.external_id)
    news = gateway.resolve(hint)
    assert news.payment == gateway.fetch(helpers.ref(order, invoice))
    assert news.needs_query is False
    assert gateway.resolve(news) is news
    if action == "pay":
        assert news.payment.receipt.state == ReceiptState.ISSUED
    assert gateway.accepted(news).status == 200


def test_a_forged_success_of_an_unpaid_payment_stays_unpaid(party):
    invoice = gateway.create(helpers.order())
    forged = told("payment.succeeded", invoice.external_id, object={"id": invoice.external_id, "status": "succeeded"})
    assert gateway.resolve(gateway.parse_notification(forged)).payment.state == PaymentState.PENDING
    with pytest.raises(PaymentUnknown):
        gateway.resolve(gateway.parse_notification(told("payment.succeeded")))
    with pytest.raises(PaymentUnknown):
        gateway.resolve(gateway.parse_notification(told("refund.succeeded")))


def test_two_copies_of_what_is_not_proven_never_stand_for_each_other():
    first, second = (gateway.parse_notification(told("payment.succeeded")) for _ in range(2))
    assert first.delivery_id != second.delivery_id


@pytest.mark.parametrize("event", ["payment_method.active", "payout.succeeded", "deal.closed", "brand.new"])
def test_other_events_change_nothing(event):
    assert gateway.parse_notification(told(event)).kind == NotificationKind.OTHER


@pytest.mark.parametrize(
    "peer", ["185.71.76.31", "185.71.77.0", "77.75.153.127", "77.75.156.11", "77.75.154.200", "2a02:5180:ffff::1"]
)
def test_their_addresses(peer):
    for address in (peer, f"::ffff:{peer}") if "." in peer else (peer,):
        assert gateway.parse_notification(dataclasses.replace(told("payment.succeeded"), peer=address))


@pytest.mark.parametrize("peer", ["185.71.76.32", "77.75.156.12", "203.0.113.1", "2a02:5181::1", "", "x", "::1"])
def test_other_addresses_are_refused(settings, peer):
    settings.LOCAL_MODE = False
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(dataclasses.replace(told("payment.succeeded"), peer=peer))
    assert gateway.refused().status == 403


@pytest.mark.parametrize("number", ["../refunds", "a/b/c/d/e/f", "x", "x" * 65, 42, None, {"id": 1}, "a b c d e f g"])
def test_an_id_of_another_form_is_never_put_into_an_address(number):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(told("payment.succeeded", number))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type": "x", "event": "payment.succeeded", "object": {}}'])
def test_unreadable_notifications_are_refused(body):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(RawNotification("POST", "", {}, body, peer="185.71.76.5"))


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_answer_is_asked_again_under_the_same_key(party, fault):
    order = helpers.order()
    party.fail_next(fault, path="/payments")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    gateway.create(order)
    assert len(party.payments) == 1


def test_accepted_and_not_done_is_unknown(party):
    party.refuse_with = (202, "processing", "")
    with pytest.raises(OutcomeUnknown):
        gateway.create(helpers.order())


@pytest.mark.parametrize(
    ("status", "code", "parameter", "blame"),
    [
        (400, "invalid_request", "amount.value", Blame.LIMIT),
        (400, "invalid_request", "receipt.items", Blame.STAFF),
        (401, "invalid_credentials", "", Blame.STAFF),
        (403, "forbidden", "", Blame.STAFF),
        (404, "not_found", "", Blame.STAFF),
        (405, "method_not_allowed", "", Blame.STAFF),
        (415, "unsupported_media_type", "", Blame.STAFF),
        (410, "gone", "", Blame.STAFF),
    ],
)
def test_refusals(party, status, code, parameter, blame):
    party.refuse_with = (status, code, parameter)
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order())
    assert (refused.value.code, refused.value.blame) == (code, blame)


def test_too_many_calls_did_nothing(party):
    party.fail_next("limit", path="/payments")
    with pytest.raises(GatewayUnavailable):
        gateway.create(helpers.order())


def test_a_payment_that_is_over_has_no_page(party):
    order = helpers.order()
    party.act(gateway.create(order).external_id, "pay")
    party.forget_keys()
    invoice = gateway.create(order)
    party.payments[invoice.external_id].status = "canceled"
    party._by_key[str(order.payment_id)] = (
        party._by_key[str(order.payment_id)][0],
        stand_in.as_json(party.shown(party.payments[invoice.external_id])),
    )
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(order)
    assert refused.value.blame == Blame.NUMBER


def test_refunds_in_parts_with_receipts_at_the_old_rate(party):
    payment = paid(party)
    part = helpers.refund(
        payment, "90.00", receipt=helpers.receipt(Money(90_00, "RUB"), vat=Vat.VAT_20_120), reason="Возврат"
    )
    report = gateway.refund(part)
    assert (report.state, report.amount, report.reference) == (
        RefundState.SUCCEEDED,
        Money(90_00, "RUB"),
        str(part.refund_id),
    )
    asked = party.requests[-1]
    assert asked.json()["receipt"]["items"][0]["vat_code"] == 6
    assert asked.headers["idempotence-key"] == str(part.refund_id)
    assert gateway.fetch(payment).refunded == Money(90_00, "RUB")
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment))
    assert refused.value.blame == Blame.LIMIT


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", RefundState.PENDING),
        ("succeeded", RefundState.SUCCEEDED),
        ("canceled", RefundState.FAILED),
        ("a_status_of_tomorrow", RefundState.PENDING),
    ],
)
def test_statuses_of_refunds(party, status, state):
    party.refunds_are = status
    refund = helpers.refund(paid(party))
    report = gateway.refund(refund)
    assert report.state == state
    assert gateway.fetch_refund(refund, report.external_id) == report
    if state == RefundState.FAILED:
        assert "rejected_by_payee" in report.failure


@pytest.mark.parametrize("is_next_day", [False, True])
def test_a_lost_answer_to_a_refund_never_refunds_twice(party, is_next_day):
    refund = helpers.refund(paid(party), "100.00")
    party.fail_next("lost", path="/refunds")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    if is_next_day:
        party.forget_keys()
    assert gateway.fetch_refund(refund, "").state == RefundState.SUCCEEDED
    assert len(party.refunds) == 1


def test_a_refund_that_never_arrived_is_sent_again(party):
    refund = helpers.refund(paid(party), "100.00")
    party.fail_next("error", path="/refunds")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    assert gateway.fetch_refund(refund, "").state == RefundState.SUCCEEDED
    with pytest.raises(RefundUnknown):
        gateway.fetch_refund(refund, "2d1b0b5c-000f-5000-9000-1b5b5b5b5b5b")


def test_a_refund_from_the_cabinet_is_found_out(party):
    payment = paid(party)
    party.act(payment.external_id, "give_back")
    news = gateway.resolve(gateway.parse_notification(helpers.news(party)[-1]))
    assert (news.kind, news.refund.amount, news.refund.reference) == (NotificationKind.REFUND, payment.amount, "")
    assert news.refund.order_reference == str(payment.payment_id)
    assert news.payment.refunded == payment.amount


def test_only_held_money_can_be_let_go(party):
    order = helpers.order()
    payment = helpers.ref(order, gateway.create(order))
    assert gateway.cancel(payment) is False
    party.payments[payment.external_id].status = "waiting_for_capture"
    assert gateway.cancel(payment) is True


def test_a_payment_of_another_order_is_not_ours(party):
    order = helpers.order()
    other = gateway.create(helpers.order())
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(helpers.ref(order), external_id=other.external_id))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(helpers.ref(order))


def test_the_list_has_all_pages(party):
    party.page_size = 2
    orders = [helpers.order() for _ in range(5)]
    for order in orders:
        gateway.create(order)
    now = datetime.now(UTC) + timedelta(seconds=1)
    listed = list(gateway.list_payments(now - timedelta(hours=1), now))
    assert [one.order_reference for one in listed] == [str(order.payment_id) for order in orders]
    assert list(gateway.list_payments(now - timedelta(hours=2), now - timedelta(hours=1))) == []


def test_every_rate_and_regime_has_its_number():
    assert {vat: wire.VAT_CODES[vat] for vat in (Vat.NONE, Vat.VAT_20, Vat.VAT_22, Vat.VAT_22_122)} == {
        Vat.NONE: 1,
        Vat.VAT_20: 4,
        Vat.VAT_22: 11,
        Vat.VAT_22_122: 12,
    }
    assert set(wire.VAT_CODES) == set(Vat)
    assert sorted(wire.VAT_CODES.values()) == list(range(1, 13))
    assert set(wire.TAX_SYSTEM_CODES) == set(TaxSystem)


def test_two_shops_in_one_process_do_not_meet(party, settings):
    gateway.create(helpers.order())
    settings.YOOKASSA_SECRET_KEY = "test_another"
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order())
    assert refused.value.code == "invalid_credentials"
    settings.YOOKASSA_SECRET_KEY = stand_in.SECRET_KEY
    gateway.create(helpers.order())


def test_nothing_secret_is_logged(party, caplog):
    caplog.set_level(logging.DEBUG)
    party.act(gateway.create(helpers.order()).external_id, "pay")
    gateway.resolve(gateway.parse_notification(helpers.news(party)[-1]))
    for secret in (stand_in.SECRET_KEY, "Basic "):
        assert secret not in caplog.text


def test_what_may_be_stored(party):
    party.act(gateway.create(helpers.order()).external_id, "pay")
    stored = json.loads(gateway.mask(helpers.news(party)[0]))
    assert stored["event"] == "payment.succeeded"
    assert set(stored["object"]["payment_method"]["card"].values()) == {"***"}
