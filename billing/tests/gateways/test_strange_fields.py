"""Signed, and yet strange: any field of any kind leads to a report or to a refusal, never to a crash."""

import json

import pytest

from billing.fakes import stripe as stripe_stand_in
from billing.gateways import registry
from billing.gateways.base import Notification, RawNotification
from billing.gateways.errors import InvalidNotification
from billing.tests.gateways import helpers

STRANGE = (None, True, -1, 10**30, 1.5, "", "x", "\x00", "9" * 5000, [], [1], {}, {"a": {"b": None}})


def begun(fakes, slug):
    currency = "USD" if slug in {"stripe", "nowpayments"} else "RUB"
    order = helpers.order("1250.00", currency)
    registry.gateway(slug).create(order)
    return fakes.parties[slug].of_reference(str(order.payment_id))


def take(slug, raw):
    """What becomes of a call: it is read, or refused; and it can be stored either way."""
    gateway = registry.gateway(slug)
    assert "\x00" not in gateway.mask(raw)
    try:
        news = gateway.parse_notification(raw)
    except InvalidNotification:
        return None
    assert isinstance(news, Notification)
    gateway.accepted(news)
    return news


def arrived(outgoing):
    headers, body = outgoing.build()
    return RawNotification(outgoing.method, outgoing.url.partition("?")[2], headers, body, "127.0.0.1")


@pytest.mark.parametrize("status", ["CONFIRMED", "REFUNDED", "RECEIPT"])
def test_tbank(gateway_fakes, status):
    party, theirs = gateway_fakes.tbank, begun(gateway_fakes, "tbank")
    tell = party.receipt_told if status == "RECEIPT" else lambda one, **more: party.told(one, status, **more)
    fields = json.loads(tell(theirs).build()[1])
    read = [take("tbank", arrived(tell(theirs, **{name: value}))) for name in fields for value in STRANGE]
    assert any(read)
    assert not all(read)


def test_nowpayments(gateway_fakes):
    party, theirs = gateway_fakes.nowpayments, begun(gateway_fakes, "nowpayments")
    fields = party.shown(theirs)
    strange = [value for value in STRANGE if not isinstance(value, float)]
    read = [take("nowpayments", arrived(party.told(theirs, **{name: value}))) for name in fields for value in strange]
    assert any(read)
    assert not all(read)


@pytest.mark.parametrize(
    ("event", "make"),
    [
        ("checkout.session.completed", lambda party, one: party.session(one, is_expanded=True)),
        ("payment_intent.succeeded", lambda party, one: party.intent(one)),
        ("charge.refunded", lambda party, one: party.charge(one)),
        ("charge.dispute.created", lambda party, one: party.dispute(one, "needs_response")),
    ],
)
def test_stripe(gateway_fakes, event, make):
    party, theirs = gateway_fakes.stripe, begun(gateway_fakes, "stripe")
    theirs.status = "paid"
    subject = make(party, theirs)
    read = [
        take("stripe", arrived(party.told(event, subject | {name: value}))) for name in subject for value in STRANGE
    ]
    envelope = json.loads(party.told(event, subject).build()[1])
    read += [
        take("stripe", arrived(party.told(event, subject, **{name: value}))) for name in envelope for value in STRANGE
    ]
    assert any(read)
    assert not all(read)


def test_stripe_signs_what_is_no_event(gateway_fakes):
    for body in (b"null", b"[]", b'"x"', b"1", b"{}", b'{"id": "x"}'):
        raw = RawNotification("POST", "", {"Stripe-Signature": stripe_stand_in.sign(body)}, body)
        assert take("stripe", raw) is None


@pytest.mark.parametrize("slug", ["yookassa", "cryptocloud", "sandbox"])
def test_those_that_sign_little_or_nothing(gateway_fakes, slug):
    gateway_fakes.house.site_url = "http://127.0.0.1:9"
    theirs = begun(gateway_fakes, slug)
    gateway_fakes.parties[slug].act(theirs, "pay")
    raw = helpers.news(gateway_fakes.parties[slug])[-1]
    fields = json.loads(raw.body)
    assert take(slug, raw)
    for name in fields:
        for value in STRANGE:
            take(slug, helpers.replace(raw, body=json.dumps(fields | {name: value}).encode()))


def test_robokassa(gateway_fakes):
    party, theirs = gateway_fakes.robokassa, begun(gateway_fakes, "robokassa")
    raw = arrived(party.told(theirs))
    assert take("robokassa", raw)
    for name in ("OutSum", "InvId", "SignatureValue", "IsTest", "Shp_payment", "PaymentMethod"):
        for value in STRANGE:
            take("robokassa", arrived(party.told(theirs, **{name: str(value)})))
