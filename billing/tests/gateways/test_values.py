"""Exact money, what may be stored, and where a call comes from."""

import json
from decimal import Decimal

import pytest

from billing.gateways import crypto, masking, origin
from billing.gateways.base import Money
from billing.gateways.calls import page_address
from billing.gateways.errors import InvalidNotification, OutcomeUnknown
from billing.gateways.receipts import Receipt, ReceiptLine, Settlement, Subject, TaxSystem, Vat
from billing.gateways.robokassa import wire as robokassa
from billing.gateways.tbank import wire as tbank
from billing.gateways.yookassa import wire as yookassa

CARDS = ("4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "6304000000000000018")


@pytest.mark.parametrize(
    ("value", "currency", "minor", "shown"),
    [
        ("123.45", "RUB", 12345, "123.45 RUB"),
        ("1000.000000", "rub", 100000, "1000.00 RUB"),
        (Decimal("0.01"), "USD", 1, "0.01 USD"),
        ("1500", "JPY", 1500, "1500 JPY"),
        ("1.234", "KWD", 1234, "1.234 KWD"),
        (5, "EUR", 500, "5.00 EUR"),
        ("-3.20", "EUR", -320, "-3.20 EUR"),
    ],
)
def test_money_is_exact(value, currency, minor, shown):
    money = Money.of(value, currency)
    assert (money.minor, str(money)) == (minor, shown)
    assert Money.of(money.value, money.currency) == money


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        ("0.001", "RUB"),
        ("1.5", "JPY"),
        ("x", "RUB"),
        ("", "RUB"),
        ("NaN", "RUB"),
        ("-Infinity", "RUB"),
        ("1e99", "RUB"),
    ],
)
def test_what_is_no_sum_is_no_money(value, currency):
    with pytest.raises(ValueError, match=r"sum of money|decimals"):
        Money.of(value, currency)


@pytest.mark.parametrize("card", CARDS)
def test_cards_are_masked_in_any_body(card):
    hidden = frozenset({"token"})
    body = json.dumps({"a": [{"b": f"card {card}."}], card: "x", "Token": "secret", "n": 5})
    stored = masking.json_body(body.encode(), hidden)
    assert card not in stored
    assert json.loads(stored)["Token"] == masking.MASK
    assert card not in masking.json_body(f"{card} {{not json".encode(), hidden)
    assert card not in masking.json_body(f'{{"pan": {card.replace(" ", "").replace("-", "")}}}'.encode(), hidden)
    for form in (f"a={card}&token=secret", f"{card}=1&TOKEN=secret", f"a={card.replace(' ', '+')}"):
        stored = masking.form_body(form, hidden)
        assert card not in stored
        assert card.replace(" ", "+") not in stored
        assert "secret" not in stored


@pytest.mark.parametrize(
    "text", ["4111111111111112", "123456789012", "12345678901234567890", "1250.00", "+79990000000"]
)
def test_other_numbers_stay(text):
    assert masking.text(f"n {text} n") == f"n {text} n"


def test_what_a_database_cannot_hold_is_replaced_and_the_rest_is_cut():
    assert masking.text("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"
    assert len(masking.text("x" * 100_000)) == masking.LONGEST
    assert len(masking.json_body(b'{"a": "' + b"x" * 100_000 + b'"}', frozenset())) == masking.LONGEST


def test_after_a_hidden_name_nothing_unreadable_is_kept():
    assert masking.json_body(b'{"a": 1, "Token": "secr', frozenset({"token"})) == '{"a": 1, "' + masking.MASK


@pytest.mark.parametrize(
    ("asked", "paid", "came"),
    [
        ("1", "1", None),
        ("1", "0.9951", None),
        ("1", "1.0049", None),
        ("1", "0.9949", 9949),
        ("0.00012", "0.00006", 5000),
        ("3", "2", 6666),
        ("1", "1.5", 15000),
        ("1e-900000", "1e900000", 10_000_000_000),
        ("0", "1", None),
        ("1", "NaN", None),
        (None, "1", None),
        ("1", None, None),
    ],
)
def test_what_came_in_coins_in_the_currency_of_the_price(asked, paid, came):
    price = Money(100_00, "USD")
    asked, paid = (None if value is None else Decimal(value) for value in (asked, paid))
    received = crypto.received(price, asked, paid)
    assert received == (None if came is None else Money(came, "USD"))
    assert crypto.is_too_little(price, received) == (came is not None and came < 10_000)


@pytest.mark.parametrize("networks", [["10.0.0.0/8"], ["10.0.0.0/8", "2a02:5180::/32"]])
def test_loopback_passes_in_local_mode_alone(settings, networks):
    origin.check("10.1.2.3", networks)
    origin.check("203.0.113.1", [])
    settings.LOCAL_MODE = True
    origin.check("127.0.0.1", networks)
    origin.check("::1", networks)
    settings.LOCAL_MODE = False
    for peer in ("127.0.0.1", "::1", "11.0.0.1", "", "unknown"):
        with pytest.raises(InvalidNotification):
            origin.check(peer, networks)


def test_rates_and_words_of_receipts_are_those_of_the_documents():
    """T-Bank and Robokassa take the words as they are; YooKassa's numbers have a test of their own."""
    assert {vat.value for vat in Vat} == {
        *("none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22"),
        *("vat105", "vat107", "vat110", "vat120", "vat122"),
    }
    assert {system.value for system in TaxSystem} == {"osn", "usn_income", "usn_income_outcome", "esn", "patent"}
    for vat in Vat:
        line = ReceiptLine("x" * 200, Money(1_50, "RUB"), vat, Subject.PAYMENT, Settlement.ADVANCE)
        receipt = Receipt((line,), TaxSystem.PATENT, phone="+79990000000")
        (item,) = tbank.receipt(receipt)["Items"]
        assert (item["Tax"], item["PaymentMethod"], item["PaymentObject"]) == (vat.value, "advance", "payment")
        assert (len(item["Name"]), tbank.receipt(receipt)["Phone"]) == (128, "+79990000000")
        (item,) = json.loads(robokassa.receipt(receipt))["items"]
        assert (item["tax"], item["sum"], item["payment_method"]) == (vat.value, 1.5, "advance")
        assert yookassa.receipt(receipt)["customer"] == {"phone": "79990000000"}


@pytest.mark.parametrize("is_local", [True, False])
def test_customers_are_sent_to_addresses_with_https_alone(settings, is_local):
    settings.LOCAL_MODE = is_local
    assert page_address("https://pay.example.com/x") == "https://pay.example.com/x"
    for url in ("", "javascript:alert(1)", "//pay.example.com", "ftp://x", *([] if is_local else ["http://x.example"])):
        with pytest.raises(OutcomeUnknown):
            page_address(url)
