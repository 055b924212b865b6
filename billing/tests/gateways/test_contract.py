"""What holds for every gateway in the registry."""

import contextlib
import dataclasses
import inspect
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from billing.fakes import Fakes, environment
from billing.gateways import registry
from billing.gateways.base import Gateway, Limits, PaymentState, RawNotification, Refunds
from billing.gateways.errors import (
    CannotTell,
    GatewayRefused,
    GatewayUnavailable,
    InvalidNotification,
    PaymentUnknown,
    RefundUnknown,
)
from billing.tests.gateways import helpers

SLUGS = ("tbank", "yookassa", "robokassa", "stripe", "cryptocloud", "nowpayments", "sandbox")
METHODS = [name for name, member in vars(Gateway).items() if inspect.isfunction(member) and not name.startswith("_")]
SUM_AND_CURRENCY = {"stripe": ("20.00", "USD"), "nowpayments": ("20.00", "USD"), "cryptocloud": ("20.00", "USD")}

pytestmark = pytest.mark.usefixtures("gateway_fakes")


@pytest.fixture(params=SLUGS)
def gateway(request):
    return registry.gateway(request.param)


def an_order(gateway, **changes):
    return helpers.order(*SUM_AND_CURRENCY.get(gateway.slug, ("490.00", "RUB")), **changes)


def begun(gateway, fakes):
    """A payment of ours and what the stand-in has of it."""
    order = an_order(gateway)
    invoice = gateway.create(order)
    return order, invoice, fakes.parties[gateway.slug].of_reference(str(order.payment_id))


def test_the_registry_knows_each_gateway_under_its_own_slug():
    assert tuple(registry.GATEWAYS) == SLUGS
    assert {slug: one.slug for slug, one in registry.GATEWAYS.items()} == {slug: slug for slug in SLUGS}
    assert registry.configured() == SLUGS
    with pytest.raises(KeyError):
        registry.gateway("nobody")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_the_arguments_of_the_contract(gateway, method):
    expected = list(inspect.signature(getattr(Gateway, method)).parameters)[1:]
    assert list(inspect.signature(getattr(gateway, method)).parameters) == expected


def test_every_gateway_tells_people_what_it_is(gateway):
    facts = gateway.facts
    assert str(facts.name)
    assert facts.company
    assert facts.methods
    assert all(code == code.upper() and len(code) == 3 for code in facts.currencies)
    assert all(isinstance(one, Limits) and 0 < one.minimum < one.maximum for one in facts.currencies.values())
    assert (facts.refunds == Refunds.NONE) == facts.is_crypto
    assert (facts.refund_days is None) == facts.is_crypto


@pytest.mark.parametrize("slug", SLUGS)
def test_without_any_one_of_its_keys_it_is_not_offered(slug, settings):
    gateway = registry.gateway(slug)
    keys = {
        "tbank": ("TBANK_TERMINAL_KEY", "TBANK_PASSWORD"),
        "yookassa": ("YOOKASSA_SHOP_ID", "YOOKASSA_SECRET_KEY"),
        "robokassa": ("ROBOKASSA_MERCHANT_LOGIN", "ROBOKASSA_PASSWORD_1", "ROBOKASSA_PASSWORD_2"),
        "stripe": ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
        "cryptocloud": ("CRYPTOCLOUD_API_KEY", "CRYPTOCLOUD_SHOP_ID", "CRYPTOCLOUD_SECRET_KEY"),
        "nowpayments": ("NOWPAYMENTS_API_KEY", "NOWPAYMENTS_IPN_SECRET"),
        "sandbox": ("SANDBOX_BASE_URL",),
    }[slug]
    for key in keys:
        kept = getattr(settings, key)
        setattr(settings, key, "")
        assert not gateway.is_configured()
        setattr(settings, key, kept)
    assert gateway.is_configured()


def test_a_payment_from_its_page_to_the_money(gateway, gateway_fakes):
    order, invoice, theirs = begun(gateway, gateway_fakes)
    party = gateway_fakes.parties[gateway.slug]
    assert invoice.redirect_url.startswith(party.url)
    party.act(theirs, "pay")
    told = [gateway.resolve(gateway.parse_notification(raw)).payment for raw in helpers.news(party)]
    paid = [one for one in told if one and one.state == PaymentState.PAID]
    assert paid
    for report in paid:
        assert report.amount == order.amount
        assert report.order_reference in {str(order.payment_id), str(order.number)}
        assert report.test in {None, gateway.is_test()}
        assert report.shop in {None, gateway.shop()}
        assert (report.review, report.received) == ("", None)
    asked = gateway.fetch(helpers.ref(order, invoice, paid[-1]))
    assert (asked.state, asked.amount) == (PaymentState.PAID, order.amount)


def test_what_a_notification_is_answered_stops_the_repeats(gateway, gateway_fakes):
    _, _, theirs = begun(gateway, gateway_fakes)
    party = gateway_fakes.parties[gateway.slug]
    party.act(theirs, "pay")
    for raw in helpers.news(party):
        answer = gateway.accepted(gateway.parse_notification(raw))
        assert party.is_accepted(answer.status, answer.body)
    refused = gateway.refused()
    assert 400 <= refused.status < 500
    assert not party.is_accepted(refused.status, refused.body)


def test_a_failure_is_no_payment(gateway, gateway_fakes):
    order, invoice, theirs = begun(gateway, gateway_fakes)
    gateway_fakes.parties[gateway.slug].act(theirs, "expire")
    assert gateway.fetch(helpers.ref(order, invoice)).state != PaymentState.PAID


@pytest.mark.parametrize(
    "raw",
    [
        RawNotification("POST", "", {}, b""),
        RawNotification("POST", "", {}, b"{}"),
        RawNotification("POST", "", {}, b"\x00\xff\xfe"),
        RawNotification("POST", "", {}, b"[" * 100_000),
        RawNotification("POST", "", {"x-nowpayments-sig": "0" * 128}, b'{"a":' * 300 + b"1" + b"}" * 300),
        RawNotification("POST", "", {"x-nowpayments-sig": "0" * 128}, b'{"a":' + b"[" * 400 + b"]" * 400 + b"}"),
        RawNotification("POST", "", {"Content-Type": "application/json"}, b'{"a": 1e999999}'),
        RawNotification("GET", "a=1&a=2&%ff=%00", {}, b""),
        RawNotification("POST", "", {"Stripe-Signature": "t=1,v1=0", "x-nowpayments-sig": "0" * 128}, b'{"id": 1}'),
    ],
    ids=[
        "nothing",
        "empty",
        "bytes",
        "brackets",
        "deep objects",
        "deep arrays",
        "huge number",
        "query",
        "signed by nobody",
    ],
)
def test_what_proves_nothing_is_refused_and_can_be_stored(gateway, raw, settings):
    with pytest.raises(InvalidNotification):
        gateway.parse_notification(dataclasses.replace(raw, peer="203.0.113.7"))
    assert "\x00" not in gateway.mask(raw)


def test_cards_and_secrets_are_never_stored(gateway, gateway_fakes):
    _, _, theirs = begun(gateway, gateway_fakes)
    party = gateway_fakes.parties[gateway.slug]
    party.act(theirs, "pay")
    secrets = [value for name, value in environment(gateway_fakes.url).items() if _is_secret(name)]
    for raw in helpers.news(party):
        for body in (raw.body, raw.body.replace(b"{", b'{"note": "4111 1111 1111 1111", ', 1), raw.body[:-3]):
            stored = gateway.mask(dataclasses.replace(raw, body=body + b"&card=5555555555554444"))
            assert "4111 1111 1111 1111" not in stored
            assert "5555555555554444" not in stored
            assert not [secret for secret in secrets if secret in stored]


def test_where_nothing_listens_nothing_was_done(settings):
    """Whatever cannot be reached is unavailable, and never taken for a lost answer."""
    for name in environment("http://127.0.0.1:9"):
        if name.endswith("_URL"):
            setattr(settings, name, "http://127.0.0.1:9")
    calls = {}
    for gateway in registry.GATEWAYS.values():
        order = an_order(gateway)
        payment = dataclasses.replace(
            helpers.ref(order), external_id=str(order.payment_id), charge_id="1", method="bank_card"
        )
        refund = helpers.refund(payment)
        calls[gateway.slug, "create"] = partial(gateway.create, order)
        calls[gateway.slug, "fetch"] = partial(gateway.fetch, payment)
        if gateway.facts.refunds != Refunds.NONE:
            calls[gateway.slug, "refund"] = partial(gateway.refund, refund)
            calls[gateway.slug, "fetch_refund"] = partial(gateway.fetch_refund, refund, "1")
    with ThreadPoolExecutor(len(calls)) as threads:  # each tries more than once
        running = {name: threads.submit(call) for name, call in calls.items()}
    errors = {name: type(one.exception()) for name, one in running.items()}
    assert errors == dict.fromkeys(calls, GatewayUnavailable)


def test_an_unknown_payment_is_told_as_such_or_not_at_all(gateway):
    payment = dataclasses.replace(helpers.ref(an_order(gateway)), external_id="A1234567")
    with contextlib.suppress(PaymentUnknown):
        assert gateway.fetch(payment).raw_status == "untold"


@pytest.mark.parametrize("numbers", [{}, {"external_id": "A1234567", "charge_id": "pi_1", "method": "sbp"}])
def test_of_nothing_nothing_can_be_given_back_or_closed(gateway, numbers):
    payment = dataclasses.replace(helpers.ref(an_order(gateway)), **numbers)
    refund = helpers.refund(payment)
    with pytest.raises(GatewayRefused):
        gateway.refund(refund)
    for external_id in ("", "1"):
        with pytest.raises((GatewayRefused, RefundUnknown, CannotTell)):
            gateway.fetch_refund(refund, external_id)
    assert gateway.cancel(payment) is False


def test_the_stand_ins_serve_alone_as_well():
    """A second house on another port, as a process of its own would be."""
    other = Fakes(repeat_pauses=())
    other.start()
    try:
        assert set(other.parties) == set(SLUGS)
        assert all(value.startswith(other.url) for name, value in environment(other.url).items() if "_URL" in name)
    finally:
        other.stop()


def _is_secret(name):
    return any(word in name for word in ("PASSWORD", "SECRET", "API_KEY"))
