import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from billing.gateways.base import Money, NotificationKind, PaymentState, RefundState
from billing.gateways.errors import (
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    OutcomeUnknown,
    PaymentUnknown,
    RefundUnknown,
)
from billing.gateways.sandbox import SandboxGateway
from billing.tests.gateways import helpers

gateway = SandboxGateway()


@pytest.fixture
def party(gateway_fakes):
    return gateway_fakes.sandbox


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("pay", PaymentState.PAID),
        ("twice", PaymentState.PAID),
        ("decline", PaymentState.FAILED),
        ("expire", PaymentState.EXPIRED),
    ],
)
def test_what_the_page_decides_is_told_and_can_be_asked(party, action, state):
    order = helpers.order()
    invoice = gateway.create(order)
    party.act(invoice.external_id, action)
    told = [gateway.parse_notification(raw) for raw in helpers.news(party)]
    assert {one.payment.state for one in told} == {state}
    assert len(told) == (2 if action == "twice" else 1)
    assert len({one.delivery_id for one in told}) == 1
    asked = gateway.fetch(helpers.ref(order, invoice))
    assert (asked.state, asked.amount, asked.order_reference) == (state, order.amount, str(order.payment_id))


def test_a_lost_answer_leaves_one_payment(party):
    order = helpers.order()
    party.fail_next("lost", path="/payments")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    invoice = gateway.create(order)
    assert len(party.payments) == 1
    assert gateway.fetch(helpers.ref(order)).external_id == invoice.external_id


def test_parts_and_the_rest_go_back_and_no_more(party):
    order = helpers.order()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    payment = helpers.ref(order, invoice)
    part = helpers.refund(payment, "100.00")
    report = gateway.refund(part)
    assert (report.state, report.amount) == (RefundState.SUCCEEDED, Money(100_00, "RUB"))
    assert gateway.refund(part).external_id == report.external_id
    assert gateway.fetch_refund(part, report.external_id).state == RefundState.SUCCEEDED
    with pytest.raises(GatewayRefused) as refused:
        gateway.refund(helpers.refund(payment))
    assert refused.value.code == "more_than_paid"
    assert gateway.fetch(payment).refunded == Money(100_00, "RUB")


def test_a_refund_from_the_cabinet_is_told(party):
    order = helpers.order()
    invoice = gateway.create(order)
    party.act(invoice.external_id, "pay")
    party.act(invoice.external_id, "give_back")
    told = gateway.parse_notification(helpers.news(party)[-1])
    assert (told.kind, told.refund.amount, told.refund.reference) == (NotificationKind.REFUND, order.amount, "")


def test_only_an_unpaid_payment_can_be_cancelled(party):
    order = helpers.order()
    payment = helpers.ref(order, gateway.create(order))
    assert gateway.cancel(payment) is True
    assert gateway.fetch(payment).state == PaymentState.CANCELLED
    assert gateway.cancel(payment) is False


def test_what_it_does_not_know(party):
    payment = helpers.ref(helpers.order())
    with pytest.raises(PaymentUnknown):
        gateway.fetch(payment)
    with pytest.raises(PaymentUnknown):
        gateway.fetch(dataclasses.replace(payment, external_id="sp_none"))
    with pytest.raises(RefundUnknown):
        gateway.fetch_refund(helpers.refund(payment), "sr_none")


def test_forged_and_old_notifications_are_refused(party, settings):
    party.act(gateway.create(helpers.order()).external_id, "pay")
    good = helpers.news(party)[0]
    stamp = good.header("Sandbox-Signature").partition(",")[0]
    for bad in (
        dataclasses.replace(good, headers={}),
        dataclasses.replace(good, body=good.body.replace(b"49000", b"99000")),
        dataclasses.replace(good, headers={"Sandbox-Signature": f"{stamp},v1={'0' * 64}"}),
    ):
        with pytest.raises(InvalidNotification):
            gateway.parse_notification(bad)
    settings.LOCAL_MODE = False
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(good)
    assert not gateway.is_configured()


def test_its_list_has_what_was_made_in_that_time(party):
    order = helpers.order()
    gateway.create(order)
    now = datetime.now(UTC)
    assert [one.order_reference for one in gateway.list_payments(now - timedelta(1), now)] == [str(order.payment_id)]
    assert list(gateway.list_payments(now - timedelta(2), now - timedelta(1))) == []


def test_wrong_credentials_and_faults_are_told_apart(party, settings):
    order = helpers.order()
    party.fail_next("limit", path="/payments")
    with pytest.raises(GatewayUnavailable):
        gateway.create(order)
    party.fail_next("error", path="/payments")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    party.fail_next("broken", path="/payments")
    with pytest.raises(OutcomeUnknown):
        gateway.create(order)
    settings.SANDBOX_SECRET = "another"
    with pytest.raises(GatewayRefused):
        gateway.create(order)
