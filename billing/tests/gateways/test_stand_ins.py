"""The stand-ins themselves: pages that work without a script, repeats until accepted, faults on demand."""

import threading
from decimal import Decimal

import pytest
import requests

from billing.fakes import pages
from billing.gateways import registry
from billing.gateways.base import PaymentState
from billing.gateways.errors import OutcomeUnknown
from billing.tests.gateways import helpers

SLUGS = tuple(registry.GATEWAYS)


def begun(fakes, slug, **changes):
    currency = "RUB" if slug not in {"stripe", "nowpayments"} else "USD"
    order = helpers.order("1250.00", currency, **changes)
    invoice = registry.gateway(slug).create(order)
    return order, invoice, fakes.parties[slug].of_reference(str(order.payment_id))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_person_pays_on_the_page_and_comes_back(slug, gateway_fakes):
    gateway_fakes.house.site_url = "http://127.0.0.1:9"
    order, invoice, theirs = begun(gateway_fakes, slug)
    page = requests.get(invoice.redirect_url, timeout=10)
    assert page.status_code == 200
    for button in gateway_fakes.parties[slug].actions(theirs):
        assert f'value="{button}"' in page.text
    assert "<script" not in page.text
    answer = requests.post(invoice.redirect_url, data={"action": "pay"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://127.0.0.1:9/")
    assert gateway_fakes.parties[slug].deliveries
    report = registry.gateway(slug).fetch(helpers.ref(order, invoice))
    assert report.state == PaymentState.PAID


def test_the_page_speaks_two_languages_and_shows_money_as_people_write_it(gateway_fakes):
    _, invoice, _ = begun(gateway_fakes, "sandbox")
    russian, english = (
        requests.get(invoice.redirect_url, params={"lang": language}, timeout=10).text for language in ("ru", "en")
    )
    assert "Оплатить и уведомить дважды" in russian
    assert "1\xa0250,00\xa0₽" in russian
    assert "Pay and notify twice" in english
    assert "₽1,250.00" in english
    assert pages.shown(Decimal(1500), "JPY", "en") == "¥1,500"
    assert pages.shown(Decimal("2.5"), "KZT", "ru") == "2,50\xa0KZT"


def test_what_came_from_outside_is_escaped(gateway_fakes):
    _, invoice, _ = begun(gateway_fakes, "sandbox", description="<b>&")
    assert "&lt;b&gt;&amp;" in requests.get(invoice.redirect_url, timeout=10).text


def test_a_button_that_is_not_there_does_nothing(gateway_fakes):
    _, invoice, theirs = begun(gateway_fakes, "sandbox")
    for action in ("give_back", "dance", ""):
        requests.post(invoice.redirect_url, data={"action": action}, allow_redirects=False, timeout=10)
    assert theirs.status == "pending"
    assert not gateway_fakes.sandbox.deliveries


def test_strangers_find_nothing(gateway_fakes):
    for path in ("/sandbox/pay/none", "/sandbox/none", "/nobody/x"):
        assert requests.get(gateway_fakes.url + path, timeout=10).status_code == 404
    assert "/sandbox/" in requests.get(gateway_fakes.url, timeout=10).text


def test_what_is_not_accepted_is_sent_again_until_it_is(gateway_fakes):
    told, done = [], threading.Event()

    def site(method, url, headers, body):
        told.append(body)
        if len(told) == 3:
            done.set()
            return 200, "OK"
        return 500, ""

    gateway_fakes.house.transport = site
    gateway_fakes.house.repeat_pauses = (0.01, 0.01, 0.01, 0.01)
    _, _, theirs = begun(gateway_fakes, "tbank")
    gateway_fakes.tbank.send([gateway_fakes.tbank.told(theirs, "CONFIRMED")])
    assert done.wait(60)
    assert len(set(told)) == 1


def test_faults_can_be_ordered_from_outside(gateway_fakes):
    address = f"{gateway_fakes.url}/sandbox/_faults"
    requests.post(address, json={"kind": "error", "path": "/payments", "times": 2}, timeout=10)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            begun(gateway_fakes, "sandbox")
    assert begun(gateway_fakes, "sandbox")
