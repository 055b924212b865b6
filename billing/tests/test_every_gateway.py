"""Each gateway from the order to the refund, through the site's own address; and what is left in tables and logs."""

import json
import re
from urllib.request import urlopen

import pytest
from django.apps import apps
from django.conf import settings as site
from django.db import connection
from django.utils import timezone

from accounts.models import User
from billing.errors import NumberNotTheirs
from billing.gateways import registry
from billing.gateways.base import Refunds
from billing.models import Payment, PaymentNotification, Refund, ReviewCase
from billing.selectors import balance
from billing.services import payment_polls, payments, refund_sending, refunds
from billing.tests.helpers import assert_ledger_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
SLUGS = tuple(registry.GATEWAYS)
SIGNED = tuple(slug for slug in SLUGS if slug != "yookassa")
CARD = "4111111111111111"


@pytest.fixture
def olga():
    return User.objects.create_superuser("olga@example.com", name="Olga")


def begin(user, slug, package="base"):
    currency = "RUB" if "RUB" in registry.gateway(slug).facts.currencies else "USD"
    return payments.start(
        owner_id=user.pk, gateway=slug, package=package, currency=currency, email="bob@example.com", language="en"
    )


def theirs(fakes, payment):
    """The same payment as the gateway has it."""
    party = getattr(fakes, payment.gateway)
    for reference in (str(payment.pk), str(payment.number), payment.pk.hex):
        try:
            return party.of_reference(reference)
        except KeyError:
            continue
    # Robokassa learns of a payment when somebody opens its address.
    with urlopen(payment.redirect_url):  # noqa: S310
        return party.of_reference(str(payment.number))


def act(fakes, payment, action):
    getattr(fakes, payment.gateway).act(theirs(fakes, payment), action)


def all_ends(fakes, user, slug):
    """A payment for each way in which it can end at that gateway."""
    first = begin(user, slug)
    for action in getattr(fakes, slug).actions(theirs(fakes, first)):
        if action not in {"twice", "late"}:
            yield begin(user, slug), action


@pytest.mark.promise("P15")
@pytest.mark.parametrize("slug", SLUGS)
def test_paid_told_twice_and_given_back(slug, gateway_fakes, postman, bob, olga, run_jobs):
    payment = begin(bob, slug)
    assert payment.redirect_url.startswith(gateway_fakes.url), payment.redirect_url
    act(gateway_fakes, payment, "twice")
    letters = list(postman.letters)
    assert len(letters) >= 2
    assert {answer.status_code for answer in [*postman.bring(), *map(postman.post, letters)]} == {200}
    payment.refresh_from_db()
    assert (payment.status, balance(bob.pk).paid, balance(bob.pk).bonus) == ("paid", 500, 25)
    assert not ReviewCase.objects.exists()
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="Not needed")
    refunds.approve(refund, reason="Unused", by=olga)
    if registry.gateway(slug).facts.refunds == Refunds.NONE:
        refunds.record_payout(refund, proof="0xabc", by=olga)
    for _ in range(3):
        run_jobs()
        postman.bring()
        Refund.objects.filter(status__in=Refund.OPEN).update(next_poll_at=timezone.now())
        refund_sending.send(refund.pk)
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.status, payment.status, payment.refunded_amount) == ("succeeded", "refunded", payment.amount)
    assert balance(bob.pk).available == 0
    assert Refund.objects.count() == 1
    assert_ledger_is_clean()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_lost_notification_is_found_by_asking(slug, gateway_fakes, postman, bob):
    payment = begin(bob, slug)
    act(gateway_fakes, payment, "late")
    payment_polls.check(payment)
    payment.refresh_from_db()
    if payment.status == "pending":
        # Without its list NOWPayments cannot be asked by our number. The payer knows theirs.
        assert slug == "nowpayments"
        stranger = begin(bob, slug)
        act(gateway_fakes, stranger, "late")
        for number in ("1", str(theirs(gateway_fakes, stranger).extra["number"])):
            with pytest.raises(NumberNotTheirs):
                payment_polls.ask_by_number(payment, number)
        payment_polls.ask_by_number(payment, str(theirs(gateway_fakes, payment).extra["number"]))
    assert (payment.status, balance(bob.pk).paid) == ("paid", 500)


@pytest.mark.parametrize("slug", SIGNED)
def test_a_forged_notification_changes_nothing_and_is_kept(slug, gateway_fakes, postman, bob):
    payment = begin(bob, slug)
    act(gateway_fakes, payment, "pay")
    method, url, headers, body = postman.letters[0]
    forged = (method, _spoil(url), {name: _spoil(value) for name, value in headers.items()}, _spoil_body(body))
    assert 400 <= postman.post(forged).status_code < 500
    payment.refresh_from_db()
    assert (payment.status, balance(bob.pk).paid) == ("pending", 0)
    assert [one.verdict for one in PaymentNotification.objects.all()] == ["refused"]
    postman.bring()
    payment.refresh_from_db()
    assert payment.status == "paid"


def _spoil(text):
    """Every proof in it is another one now: a signature, a token, a hash."""
    return re.sub(r"[0-9a-f]{32,}", lambda found: found[0][::-1], text)


def _spoil_body(body):
    text = re.sub(r"[0-9A-Fa-f]{32,}", lambda found: found[0][::-1], (body or b"").decode())
    return re.sub(r"(eyJ[\w-]+\.[\w-]+\.)([\w-]+)", lambda found: found[1] + found[2][::-1], text).encode()


def luhn(digits):
    total = 0
    for position, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def card_numbers(text):
    """Runs of 13 to 19 digits that a card could have, with the usual separators, and that pass the check digit."""
    runs = re.findall(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])", text)
    plain = [re.sub(r"[ -]", "", run) for run in runs]
    return [digits for digits in plain if luhn(digits) and digits[0] in "23456" and len(set(digits)) > 1]


def everything_stored():
    """Each text of each table of ours, with its place."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT row_to_json(one)::text FROM "{model._meta.db_table}" AS one')  # noqa: S608
            for (row,) in cursor.fetchall():
                for column, value in json.loads(row).items():
                    if isinstance(value, str | dict | list):
                        yield f"{model._meta.db_table}.{column}", json.dumps(value, ensure_ascii=False)


def secrets():
    """Every secret that this site holds, by the name of its setting."""
    named = [name for name in dir(site) if any(word in name for word in ("PASSWORD", "SECRET", "API_KEY"))]
    return {name: value for name in named if isinstance(value := getattr(site, name), str) and value}


def test_the_search_for_cards_finds_cards():
    assert card_numbers(f'{{"Pan": "{CARD}"}}') == [CARD]
    assert card_numbers("4111 1111 1111 1111") == [CARD]
    assert card_numbers("430000******0777 4111111111111112 1732442400000") == []


@pytest.mark.timeout(600)
@pytest.mark.promise("P15")
@pytest.mark.promise("P20")
def test_no_card_and_no_secret_is_left_anywhere(gateway_fakes, postman, bob, caplog):
    """Every notification of every gateway, good, repeated, forged, and stuffed with card numbers."""
    caplog.set_level("DEBUG")
    for slug in SLUGS:
        for payment, action in all_ends(gateway_fakes, bob, slug):
            act(gateway_fakes, payment, action)
            letters = list(postman.letters)
            postman.bring()
            for method, url, headers, body in letters:
                for stuffed in _stuffed(body):
                    postman.post((method, url, headers, stuffed))
    assert PaymentNotification.objects.count() > 40
    assert Payment.objects.filter(status="paid").count() >= len(SLUGS)
    logged = {json.dumps({**vars(record), "text": record.getMessage()}, default=str) for record in caplog.records}
    places = [*everything_stored(), *(("log", text) for text in logged)]
    hidden = secrets()
    assert len(hidden) >= 8
    found = {place: card_numbers(text) for place, text in places if card_numbers(text)}
    assert found == {}
    told = {(place, name) for place, text in places for name, secret in hidden.items() if secret in text}
    assert told == set()


def _stuffed(body):
    """The same message with card data where a careless gateway or a forger might put it."""
    text = (body or b"").decode()
    if text.startswith("{"):
        message = json.loads(text)
        yield json.dumps(
            {**message, "Pan": CARD, "card": {"number": CARD, "cvc": "123"}, "note": f"card {CARD}"}
        ).encode()
    yield f"{text}&Pan={CARD}&card_number={CARD[:4]}+{CARD[4:8]}+{CARD[8:12]}+{CARD[12:]}".encode()
