import dataclasses
import hashlib
import json
from urllib.parse import parse_qsl, quote, unquote, urlencode

import pytest

from billing.fakes import robokassa as stand_in
from billing.gateways import tokens
from billing.gateways.base import Money, PaymentState, RawNotification, RefundState
from billing.gateways.errors import (
    Blame,
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
)
from billing.gateways.receipts import Vat
from billing.gateways.robokassa import wire
from billing.gateways.robokassa.gateway import RobokassaGateway
from billing.tests.gateways import helpers

pytestmark = pytest.mark.usefixtures("gateway_fakes")
gateway = RobokassaGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.robokassa


def page_of(party, order):
    gateway.create(order)
    return party.of_reference(str(order.payment_id))


def paid(party):
    order = helpers.order()
    party.act(page_of(party, order), "pay")
    return helpers.ref(order, report=gateway.fetch(helpers.ref(order)))


def result(out_sum="490.000000", number="5", *, shp=(), password=stand_in.PASSWORD_2, algorithm="sha256", **more):
    """A call of ResultURL that is signed over these very texts."""
    signature = stand_in.sign(out_sum, number, password, *shp, algorithm=algorithm)
    fields = {"OutSum": out_sum, "InvId": number, "SignatureValue": signature, **dict(one.split("=") for one in shp)}
    return RawNotification("POST", "", {}, urlencode(fields | more).encode())


def test_the_page_is_signed_as_documented(party, settings):
    settings.ROBOKASSA_HASH = party.algorithm = "md5"
    order = helpers.order(receipt=helpers.receipt(Money(490_00, "RUB")))
    invoice = gateway.create(order)
    sent = dict(parse_qsl(party.requests[-1].body.decode(), keep_blank_values=True))
    receipt = (
        '{"sno":"osn","items":[{"name":"1000 токенов","quantity":1,"sum":490.0,'
        '"payment_method":"full_prepayment","payment_object":"service","tax":"vat122"}]}'
    )
    assert sent["Receipt"] == quote(receipt, safe="")
    assert f"Receipt={quote(quote(receipt, safe=''), safe='')}" in party.requests[-1].body.decode()
    written = (
        f"stand-in-shop:490.00:{order.number}:{quote(receipt, safe='')}:{order.success_url}:GET:"
        f"{order.fail_url}:GET:first-password:Shp_payment={order.payment_id}"
    )
    assert sent["SignatureValue"] == hashlib.md5(written.encode()).hexdigest()  # noqa: S324
    assert json.loads(unquote(sent["Receipt"]))["items"][0]["tax"] == "vat122"
    assert (sent["OutSum"], sent["InvId"], sent["Email"]) == ("490.00", str(order.number), "alice@example.com")
    assert "IsTest" not in sent
    assert invoice.external_id == str(order.number)
    assert "?" not in invoice.redirect_url


@pytest.mark.parametrize("algorithm", wire.HASHES)
def test_every_hash_of_the_cabinet(party, settings, algorithm):
    settings.ROBOKASSA_HASH = party.algorithm = algorithm
    order = helpers.order()
    party.act(page_of(party, order), "pay")
    assert gateway.parse_notification(helpers.news(party)[-1]).payment.state == PaymentState.PAID
    assert gateway.fetch(helpers.ref(order)).state == PaymentState.PAID


def test_a_test_shop_says_so(party, settings):
    settings.ROBOKASSA_TEST = True
    order = helpers.order()
    gateway.create(order)
    assert party.requests[-1].form()["IsTest"] == "1"
    report = gateway.fetch(helpers.ref(order))
    assert (report.state, report.test, report.raw_status) == (PaymentState.PENDING, True, "untold")
    assert gateway.parse_notification(result()).payment.test is True
    with pytest.raises(GatewayRefused):
        gateway.refund(helpers.refund(helpers.ref(order)))


def test_a_test_payment_at_a_live_shop_is_told():
    assert gateway.parse_notification(result(IsTest="1")).payment.test is True
    assert gateway.parse_notification(result(IsTest="0")).payment.test is False


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paying_is_told_by_either_method(party, method):
    party.result_method = method
    party.house.site_url = "http://127.0.0.1:9"
    order = helpers.order()
    party.act(page_of(party, order), "twice")
    events = [gateway.parse_notification(raw) for raw in helpers.news(party)]
    assert len(events) == 2
    assert {one.delivery_id for one in events} == {f"{order.number}:49000"}
    report = events[0].payment
    assert (report.state, report.amount, report.order_reference) == (PaymentState.PAID, order.amount, str(order.number))
    assert gateway.accepted(events[0]).body == f"OK{order.number}"
    assert party.deliveries[0].method == method


@pytest.mark.parametrize(
    ("out_sum", "minor"), [("1000.000000", 100_000), ("1000", 100_000), ("1000.00", 100_000), ("0.01", 1)]
)
def test_sums_are_signed_as_written_and_compared_as_money(out_sum, minor):
    assert gateway.parse_notification(result(out_sum)).payment.amount == Money(minor, "RUB")


@pytest.mark.parametrize("out_sum", ["1000,00", "1000.001", "", "NaN", "Infinity", "1e5000", "x"])
def test_sums_that_are_none_are_refused(out_sum):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(result(out_sum))


@pytest.mark.parametrize("number", ["", "x", "5.5", "5; DROP"])
def test_numbers_that_are_none_are_refused(number):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(result(number=number))


def test_our_fields_may_come_back_in_other_letters():
    value = "0193-x"
    signed_as_ours = result(shp=(f"Shp_payment={value}",))
    body = signed_as_ours.body.replace(b"Shp_payment", b"SHP_PAYMENT")
    assert gateway.parse_notification(dataclasses.replace(signed_as_ours, body=body))
    assert gateway.parse_notification(result(shp=(f"shp_payment={value}",)))
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(dataclasses.replace(signed_as_ours, body=body.replace(b"0193", b"0194")))


def test_the_first_password_proves_nothing():
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(result(password=stand_in.PASSWORD_1))


def test_what_the_browser_brings_back_is_no_notification(party):
    order = helpers.order()
    payment = page_of(party, order)
    party.act(payment, "pay")
    query = party.return_url(payment, is_success=True).partition("?")[2]
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(RawNotification("GET", query, {}, b""))


def test_without_the_second_password_nothing_is_believed(settings):
    settings.ROBOKASSA_PASSWORD_2 = ""
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(result(password=""))
    assert not gateway.is_configured()


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"OutSum=1&InvId=1", b"a=" + b"x" * 10_000, b"SignatureValue=%00", b"{}"]
)
def test_unreadable_notifications_are_refused(body):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(RawNotification("POST", "", {}, body))
    assert gateway.refused().status == 400


@pytest.mark.parametrize("name", ["OutSum", "outsum", "InvId", "SignatureValue", "shp_payment"])
def test_a_field_that_comes_twice_is_refused(name):
    good = result(shp=("Shp_payment=1",))
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(dataclasses.replace(good, body=good.body + f"&{name}=490.000000".encode()))


def test_a_second_wall_of_addresses(settings):
    settings.ROBOKASSA_NETWORKS = ["185.59.216.65/32", "185.59.217.65/32"]
    assert gateway.parse_notification(dataclasses.replace(result(), peer="185.59.217.65"))
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(dataclasses.replace(result(), peer="185.59.217.66"))


@pytest.mark.parametrize(("code", "state"), [*sorted(wire.STATES.items()), ("77", PaymentState.PENDING)])
def test_states(party, code, state):
    order = helpers.order()
    payment = page_of(party, order)
    payment.status, payment.extra["opened"] = code, True
    report = gateway.fetch(helpers.ref(order))
    assert (report.state, report.raw_status, report.amount) == (state, code, order.amount)
    assert report.charge_id == payment.extra["operation_key"]
    assert report.order_reference == report.external_id == str(order.number)
    assert report.review == ("returned" if code == "60" else "")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("1", GatewayRefused),
        ("2", GatewayRefused),
        ("3", PaymentUnknown),
        ("4", GatewayRefused),
        ("1000", GatewayUnavailable),
    ],
)
def test_result_codes(party, code, error):
    party.refuse_with = code
    with pytest.raises(error):
        gateway.fetch(helpers.ref(helpers.order()))


def test_a_page_that_nobody_opened_is_unknown(party):
    order = helpers.order()
    payment = page_of(party, order)
    with pytest.raises(PaymentUnknown):
        gateway.fetch(helpers.ref(order))
    payment.extra["opened"] = True
    assert gateway.fetch(helpers.ref(order)).state == PaymentState.PENDING
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(helpers.ref(helpers.order()), number=order.number))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x"><a/>',
    ],
)
def test_xml_that_is_not_theirs_is_no_answer(body):
    with pytest.raises(ValueError):  # noqa: PT011
        wire.OperationState(body)


def test_wrong_passwords_are_for_staff(party, settings):
    settings.ROBOKASSA_PASSWORD_1 = "wrong"
    with pytest.raises(GatewayRefused) as refused:
        gateway.create(helpers.order())
    assert (refused.value.code, refused.value.blame) == ("29", Blame.STAFF)


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_page_may_be_made_again(party, fault):
    order = helpers.order()
    party.fail_next(fault, path="/Indexjson")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    assert gateway.create(order).external_id == str(order.number)


def test_refunds_are_slow(party):
    payment = paid(party)
    refund = helpers.refund(payment)
    report = gateway.refund(refund)
    assert (report.state, report.amount) == (RefundState.PENDING, payment.amount)
    asked = party.payments[party.of_reference(str(payment.payment_id)).id].extra["refund_asked"]
    assert asked == {"OpKey": payment.charge_id}
    for label, state in wire.REFUND_STATES.items():
        party.refunds[report.external_id].status = label
        assert gateway.fetch_refund(refund, report.external_id).state == state
    party.refunds[report.external_id].status = "strange"
    with pytest.raises(CannotTell):
        gateway.fetch_refund(refund, report.external_id)


def test_a_part_goes_back_with_its_items_at_the_old_rate(party):
    payment = dataclasses.replace(paid(party), charge_id="")
    part = Money(100_50, "RUB")
    gateway.refund(helpers.refund(payment, "100.50", receipt=helpers.receipt(part, vat=Vat.VAT_20_120)))
    asked = party.of_reference(str(payment.payment_id)).extra["refund_asked"]
    assert asked["RefundSum"] == 100.5
    assert asked["InvoiceItems"] == [
        {
            "Name": "1000 токенов",
            "Quantity": 1,
            "Cost": 100.5,
            "Tax": "vat120",
            "PaymentMethod": "full_prepayment",
            "PaymentObject": "service",
        }
    ]


@pytest.mark.parametrize("fault", ["lost", "broken", "error"])
def test_a_lost_answer_to_a_refund_is_for_a_person(party, fault):
    refund = helpers.refund(paid(party))
    party.fail_next(fault, path="/Refund/Create")
    with pytest.raises(OutcomeUnknown):
        gateway.refund(refund)
    with pytest.raises(CannotTell):
        gateway.fetch_refund(refund, "")


def test_refused_refunds(party, settings):
    payment = paid(party)
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment, "490.01"))
    assert (refused.value.code, refused.value.blame) == ("NotEnoughOperationFunds", Blame.LATER)
    gateway.refund(helpers.refund(payment))
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment))
    assert refused.value.code == "AlreadyRefunded"
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(dataclasses.replace(payment, charge_id="none")))
    assert refused.value.code == "OperationNotFound"
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(helpers.ref(helpers.order())))
    assert refused.value.code == "OperationNotFound"
    settings.ROBOKASSA_PASSWORD_3 = "wrong"
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment))
    assert refused.value.code == "Unauthorized"
    settings.ROBOKASSA_PASSWORD_3 = ""
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment))
    assert refused.value.code == "no_password_3"


def test_a_page_cannot_be_closed_and_there_is_no_list(party):
    assert gateway.cancel(helpers.ref(helpers.order())) is False
    assert gateway.list_payments(None, None) is None


def test_what_may_be_stored(party):
    order = helpers.order()
    party.act(page_of(party, order), "pay")
    raw = helpers.news(party)[-1]
    signature = dict(parse_qsl(raw.body.decode()))["SignatureValue"]
    for stored in (
        gateway.mask(raw),
        gateway.mask(RawNotification("GET", raw.body.decode(), {}, b"")),
    ):
        assert signature not in stored
        assert "alice" not in stored
        assert "OutSum=490.000000" in stored
    carried = dataclasses.replace(raw, body=raw.body + b"&card=4111+1111+1111+1111")
    assert "4111" not in gateway.mask(carried)


def test_tokens_of_another_making_are_refused():
    good = tokens.sign({"exp": 9_999_999_999, "id": 1}, "key")
    assert tokens.verify(good, "key") == {"exp": 9_999_999_999, "id": 1}
    header, payload, signature = good.split(".")
    nobody = "eyJhbGciOiJub25lIn0"
    for bad in (
        "",
        "a.b",
        f"{header}.{payload}.",
        f"{nobody}.{payload}.",
        f"{header}.{payload}.{signature}x",
        tokens.sign({"exp": 1}, "key"),
        tokens.sign({}, "key"),
        tokens.sign({"exp": True}, "key"),
        tokens.sign({"exp": "9999999999"}, "key"),
        tokens.sign({"exp": float("nan")}, "key"),
        tokens.sign({"exp": 9_999_999_999}, "other"),
    ):
        with pytest.raises(InvalidNotification):
            tokens.verify(bad, "key")
    with pytest.raises(InvalidNotification):
        tokens.verify(tokens.sign({"exp": 9_999_999_999}, ""), "")
