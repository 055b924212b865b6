import dataclasses
import hashlib
import json

import pytest

from billing.fakes import tbank as stand_in
from billing.gateways.base import Money, NotificationKind, PaymentState, RefundState
from billing.gateways.errors import (
    Blame,
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    RefundUnknown,
)
from billing.gateways.receipts import ReceiptState, Vat
from billing.gateways.tbank import wire
from billing.gateways.tbank.gateway import TBankGateway
from billing.tests.gateways import helpers

gateway = TBankGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.tbank


def paid(party, **changes):
    order = helpers.order(**changes)
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    payment = helpers.ref(order, invoice)
    return dataclasses.replace(payment, method=gateway.fetch(payment).method)


def told(party, invoice, status, **changes):
    """What the gateway reads in a notification of that status."""
    outgoing = party.told(party.payments[invoice.external_id], status, **changes)
    headers, body = outgoing.build()
    return gateway.parse_notification(
        helpers.RawNotification(method="POST", query="", headers=headers, body=body, peer="127.0.0.1")
    )


def test_the_token_of_the_documentation():
    fields = {
        "TerminalKey": "MerchantTerminalKey",
        "Amount": 19200,
        "OrderId": "00000",
        "Description": "Подарочная карта на 1000 рублей",
        "DATA": {"Phone": "+71234567890", "Email": "a@test.com"},
        "Receipt": {"Email": "a@test.ru", "Items": []},
    }
    written = "19200Подарочная карта на 1000 рублей00000" + "11111111111111" + "MerchantTerminalKey"
    assert wire.token(fields, "11111111111111") == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize(
    ("value", "written"), [(True, "true"), (False, "false"), (100000, "100000"), ("", ""), (None, "")]
)
def test_how_values_enter_the_token(value, written):
    assert wire.token({"A": value}, "p") == hashlib.sha256(f"{written}p".encode()).hexdigest()


def test_what_init_is_told(party):
    order = helpers.order(receipt=helpers.receipt(Money(490_00, "RUB")))
    invoice = gateway.create(order)
    asked = party.payments[invoice.external_id].asked
    assert (asked["Amount"], asked["OrderId"], asked["PayType"]) == (490_00, str(order.payment_id), "O")
    assert asked["NotificationURL"] == order.notification_url
    assert asked["RedirectDueDate"] == order.expires_at.isoformat()
    assert asked["Receipt"] == {
        "Email": "alice@example.com",
        "Taxation": "osn",
        "Items": [
            {
                "Name": "1000 токенов",
                "Price": 490_00,
                "Quantity": 1,
                "Amount": 490_00,
                "Tax": "vat122",
                "PaymentMethod": "full_prepayment",
                "PaymentObject": "service",
            }
        ],
    }
    assert "stand-in-password" not in str([request.body for request in party.requests])
    assert invoice.redirect_url.startswith(party.url)


@pytest.mark.parametrize(("status", "state"), sorted(wire.STATES.items()))
def test_statuses_asked_and_told(party, status, state):
    order = helpers.order()
    invoice = gateway.create(order)
    party.payments[invoice.external_id].status = status
    asked = gateway.fetch(helpers.ref(order, invoice))
    report = told(party, invoice, status).payment
    assert (asked.state, report.state) == (state, state)
    assert report.order_reference == asked.order_reference == str(order.payment_id)
    assert report.external_id == asked.external_id == invoice.external_id
    assert report.shop == gateway.shop()
    assert report.test is gateway.is_test() is True
    if "REFUND" not in status and "REVERS" not in status:
        assert report.amount == asked.amount == order.amount


@pytest.mark.parametrize("status", ["CHECKED", "COMPLETED", "PREAUTHORIZING", "PROCESSING", "UNKNOWN", "BRAND_NEW"])
def test_other_statuses_change_nothing(party, status):
    order = helpers.order()
    invoice = gateway.create(order)
    assert told(party, invoice, status).kind == NotificationKind.OTHER
    party.payments[invoice.external_id].status = status
    assert gateway.fetch(helpers.ref(order, invoice)).state == PaymentState.PENDING


def test_a_status_of_success_without_success_is_no_payment(party):
    invoice = gateway.create(helpers.order())
    assert told(party, invoice, "CONFIRMED", Success=False).payment.state == PaymentState.PENDING


def test_one_stage_tells_two_steps_under_two_names(party):
    order = helpers.order()
    party.act(gateway.create(order).external_id, "twice")
    events = [gateway.parse_notification(raw) for raw in helpers.news(party)]
    assert len(events) == 4
    assert {(one.raw_status, one.payment.state) for one in events} == {
        ("CONFIRMED", PaymentState.PAID),
        ("AUTHORIZED", PaymentState.PENDING),
    }
    assert len({one.delivery_id for one in events}) == 2
    assert gateway.accepted(events[0]) == dataclasses.replace(gateway.accepted(events[0]), status=200, body="OK")


def test_fields_nobody_knows_are_covered_by_the_token(party):
    invoice = gateway.create(helpers.order())
    payment = party.payments[invoice.external_id]
    headers, body = party.told(payment, "CONFIRMED", NewField="x", Flag=True, Nothing=None, Rate=1.50).build()
    raw = helpers.RawNotification("POST", "", headers, body)
    assert gateway.parse_notification(raw).payment.state == PaymentState.PAID
    for changed in (body.replace(b'"x"', b'"y"'), body.replace(b"49000", b"49001"), body.replace(b"1.5", b"1.50")):
        assert changed != body
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(dataclasses.replace(raw, body=changed))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b'{"Token": null}', b'{"A": NaN}', b"{" * 5000])
def test_unreadable_notifications_are_refused(party, body):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(helpers.RawNotification("POST", "", {}, body))


def test_without_a_password_nothing_is_believed(party, settings):
    invoice = gateway.create(helpers.order())
    headers, body = party.told(party.payments[invoice.external_id], "CONFIRMED").build()
    message = {name: value for name, value in json.loads(body).items() if name != "Token"}
    settings.TBANK_PASSWORD = ""
    body = json.dumps(message | {"Token": wire.token(message, "")}).encode()
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(helpers.RawNotification("POST", "", headers, body))


def test_a_second_wall_of_addresses(party, settings):
    party.act(gateway.create(helpers.order()).external_id, "pay")
    good = helpers.news(party)[0]
    settings.TBANK_NETWORKS = ["91.194.226.0/23"]
    assert gateway.parse_notification(dataclasses.replace(good, peer="91.194.227.5"))
    for peer in ("203.0.113.5", "", "nonsense"):
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(dataclasses.replace(good, peer=peer))


def test_a_receipt_is_no_payment(party):
    order = helpers.order(receipt=helpers.receipt(Money(490_00, "RUB")))
    party.act(gateway.create(order).external_id, "pay")
    receipt = gateway.parse_notification(helpers.news(party)[-1])
    assert (receipt.kind, receipt.payment) == (NotificationKind.RECEIPT, None)
    assert receipt.receipt.state == ReceiptState.ISSUED
    assert receipt.receipt.fiscal_document == "42"
    assert receipt.receipt.url.endswith("#receipt")


@pytest.mark.parametrize(
    ("code", "blame"),
    [
        ("204", Blame.STAFF),
        ("202", Blame.STAFF),
        ("501", Blame.STAFF),
        ("253", Blame.STAFF),
        ("308", Blame.STAFF),
        ("330", Blame.STAFF),
        ("20", Blame.NUMBER),
        ("623", Blame.NUMBER),
        ("251", Blame.LIMIT),
        ("3019", Blame.LIMIT),
        ("101", Blame.CUSTOMER),
        ("1051", Blame.CUSTOMER),
        ("119", Blame.CUSTOMER),
        ("76", Blame.CUSTOMER),
        ("3002", Blame.LATER),
        ("3035", Blame.LATER),
        ("777777", Blame.STAFF),
    ],
)
def test_refusals_name_who_can_help(party, code, blame):
    party.refuse_with = code
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order())
    assert (refused.value.code, refused.value.blame) == (code, blame)


@pytest.mark.parametrize("code", sorted(wire.TRY_LATER))
def test_try_later_is_unknown_where_something_was_asked_for(party, code):
    party.refuse_with = code
    with pytest.raises(OutcomeUnknown):
        gateway.create(helpers.order())
    party.refuse_with = code
    with pytest.raises(GatewayUnavailable):
        gateway.fetch(dataclasses.replace(helpers.ref(helpers.order()), external_id="1"))


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_answer_to_init_may_be_asked_again(party, fault):
    order = helpers.order()
    party.fail_next(fault, path="/Init")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    assert gateway.fetch(helpers.ref(order)).state == PaymentState.PAID
    assert gateway.fetch(helpers.ref(order)).external_id == invoice.external_id
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(order)
    assert refused.value.blame == Blame.NUMBER


def test_a_payment_of_another_order_is_not_ours(party):
    other = gateway.create(helpers.order())
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(helpers.ref(helpers.order()), external_id=other.external_id))
    with pytest.raises(PaymentUnknown):
        gateway.fetch(helpers.ref(helpers.order()))


def test_the_whole_goes_back_without_a_sum(party):
    payment = paid(party)
    refund = helpers.refund(payment, receipt=helpers.receipt(payment.amount))
    report = gateway.refund(refund)
    assert (report.state, report.amount) == (RefundState.SUCCEEDED, payment.amount)
    asked = party.requests[-1].json()
    assert "Amount" not in asked
    assert "Receipt" not in asked
    assert asked["ExternalRequestId"] == str(refund.refund_id)
    assert gateway.fetch(payment).refunded == payment.amount


def test_a_part_goes_back_with_its_receipt_at_the_old_rate(party):
    payment = paid(party)
    part = Money(100_00, "RUB")
    refund = helpers.refund(payment, "100.00", receipt=helpers.receipt(part, vat=Vat.VAT_20_120))
    assert gateway.refund(refund).state == RefundState.SUCCEEDED
    item = party.requests[-1].json()["Receipt"]["Items"][0]
    assert (item["Amount"], item["Tax"]) == (100_00, "vat120")
    assert party.payments[payment.external_id].refunded == 100


def test_a_lost_answer_to_a_refund_by_card_is_asked_again_under_its_key(party):
    payment = paid(party)
    refund = helpers.refund(payment, "100.00")
    party.fail_next("lost", path="/Cancel")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    assert gateway.fetch_refund(refund, "").state == RefundState.SUCCEEDED
    assert party.payments[payment.external_id].refunded == 100


def test_a_lost_answer_to_a_refund_by_sbp_is_never_sent_blindly(party):
    party.pays_by = "sbp"
    payment = paid(party)
    assert payment.method == "sbp"
    refund = helpers.refund(payment)
    party.fail_next("error", path="/Cancel")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    with pytest.raises(RefundUnknown):
        gateway.fetch_refund(refund, "")
    party.fail_next("lost", path="/Cancel")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    assert gateway.fetch_refund(refund, "").state == RefundState.PENDING
    party.finish_refund(party.payments[payment.external_id])
    assert gateway.fetch_refund(refund, "").state == RefundState.SUCCEEDED
    assert party.payments[payment.external_id].refunded == payment.amount.value


def test_a_part_by_sbp_whose_answer_was_lost_needs_a_person(party):
    party.pays_by = "sbp"
    payment = paid(party)
    refund = helpers.refund(payment, "100.00")
    party.fail_next("lost", path="/Cancel")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    party.finish_refund(party.payments[payment.external_id])
    with pytest.raises(CannotTell):
        gateway.fetch_refund(refund, "")


def test_a_refund_by_sbp_that_the_bank_refuses_has_failed(party):
    party.pays_by = "sbp"
    payment = paid(party)
    refund = helpers.refund(payment)
    report = gateway.refund(refund)
    assert report.state == RefundState.PENDING
    party.finish_refund(party.payments[payment.external_id], is_done=False)
    assert gateway.fetch_refund(refund, report.external_id).state == RefundState.FAILED


def test_a_second_part_by_sbp_that_the_bank_refuses_is_not_taken_for_the_first(party):
    party.pays_by = "sbp"
    payment = paid(party)
    theirs = party.payments[payment.external_id]
    first, second = helpers.refund(payment, "100.00"), helpers.refund(payment, "50.00")
    for refund, is_done, state in ((first, True, RefundState.SUCCEEDED), (second, False, RefundState.FAILED)):
        report = gateway.refund(refund)
        assert gateway.fetch_refund(refund, report.external_id).state == RefundState.PENDING
        party.finish_refund(theirs, is_done=is_done)
        report = gateway.fetch_refund(refund, report.external_id)
        assert report.state == state
    assert report.failure == "RQ05062 Банк отказал"
    assert theirs.refunded == 100


def test_more_than_was_paid_is_refused_and_all_twice_is_the_same_refund(party):
    payment = paid(party)
    gateway.refund(helpers.refund(payment, "400.00"))
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment, "100.00"))
    assert refused.value.code == "330"
    whole = helpers.refund(payment)
    assert gateway.refund(whole).state == gateway.refund(helpers.refund(payment)).state == RefundState.SUCCEEDED


def test_an_empty_shop_account_is_a_later_and_no_no(party):
    payment = paid(party)
    party.refuse_with = "3002"
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment))
    assert refused.value.blame == Blame.LATER


def test_news_of_a_refund(party):
    order = helpers.order()
    invoice = gateway.create(order)
    for status, state in (
        ("REFUNDED", RefundState.SUCCEEDED),
        ("PARTIAL_REFUNDED", RefundState.SUCCEEDED),
        ("ASYNC_REFUNDING", RefundState.PENDING),
    ):
        event = told(party, invoice, status)
        assert (event.kind, event.refund.state, event.refund.amount) == (NotificationKind.REFUND, state, None)
        assert event.refund.payment_external_id == invoice.external_id


def test_cancelling_never_refunds(party):
    order = helpers.order()
    invoice = gateway.create(order)
    payment = helpers.ref(order, invoice)
    assert gateway.cancel(payment) is True
    assert gateway.fetch(payment).state == PaymentState.CANCELLED
    done = paid(party)
    assert gateway.cancel(done) is False
    assert gateway.fetch(done).state == PaymentState.PAID
    assert gateway.cancel(helpers.ref(order)) is False


def test_what_may_be_stored(party):
    party.act(gateway.create(helpers.order()).external_id, "pay")
    raw = helpers.news(party)[0]
    stored = gateway.mask(dataclasses.replace(raw, body=raw.body.replace(b"430000******0777", b"4111111111111111")))
    for secret in ("4111111111111111", "322264", "1230", json.loads(raw.body)["Token"]):
        assert secret not in stored
    assert '"Status": "CONFIRMED"' in stored


def test_its_keys(settings):
    settings.TBANK_TERMINAL_KEY, settings.TBANK_PASSWORD = "1700000000001", "secret"
    assert gateway.is_configured()
    assert not gateway.is_test()
    settings.TBANK_TERMINAL_KEY = stand_in.TERMINAL_KEY
    assert gateway.is_test()
    settings.TBANK_PASSWORD = ""
    assert not gateway.is_configured()
    assert gateway.list_payments(None, None) is None
    assert gateway.refused().status == 403
