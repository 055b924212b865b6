"""The finance desk: who may decide, revenue, exports, prices."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from billing import exports, selectors_finance
from billing.models import Package, Payment, PromoCode, Refund, ReviewCase, TokenRate, Voucher
from billing.selectors import balance
from billing.services import refunds, reviews
from neuralbox.core import ids

pytestmark = pytest.mark.django_db
REASON = {"reason": "Ticket 4711"}


def client_of(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def office():
    return client_of(User.objects.create_superuser("olga@example.com", name="Olga"))


def clerk(*permissions):
    user = User.objects.create_user(f"{ids.new()}@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return client_of(user)


def test_a_payments_page_tells_its_whole_story(office, bought, bob):
    payment = bought(bob)
    refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="Not needed")
    page = office.get(f"/admin/billing/payment/{payment.pk}/change/").content.decode()
    for shown in (str(payment.number), "1,250.00 RUB", payment.external_id, "refund_requested", "applied", "Bob"):
        assert shown in page, shown
    for term in (payment.number, payment.pk, payment.external_id, "bob@example.com", bob.pk):
        assert str(payment.number) in office.get("/admin/billing/payment/", {"q": term}).content.decode(), term
    assert str(payment.number) not in office.get("/admin/billing/payment/", {"q": "nobody"}).content.decode()


def test_a_refund_goes_through_the_desk(office, bought, bob, run_jobs):
    payment = bought(bob)
    office.post(f"/admin/billing/payment/{payment.pk}/refund/", REASON)
    refund = Refund.objects.get()
    assert (refund.source, refund.status) == ("staff", "requested")
    page = f"/admin/billing/refund/{refund.pk}"
    shown = office.get(f"{page}/change/").content.decode()
    assert f"{page}/approve/" in shown
    assert f"{page}/paid-out/" not in shown
    office.post(f"{page}/approve/", REASON)
    run_jobs()
    refund.refresh_from_db()
    assert (refund.status, balance(bob.pk).paid) == ("succeeded", 0)
    again = office.post(f"{page}/reject/", REASON, follow=True).content.decode()
    assert "present state does not allow" in again


def test_the_second_person_is_asked_for_above_the_limit(office, bought, bob):
    payment = bought(bob, "team")
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="")
    page = f"/admin/billing/refund/{refund.pk}/approve/"
    assert "second person" in office.post(page, REASON, follow=True).content.decode()
    assert "somebody else has to approve" in office.post(page, REASON, follow=True).content.decode()
    pavel = client_of(User.objects.create_superuser("pavel@example.com", name="Pavel"))
    pavel.post(page, REASON)
    refund.refresh_from_db()
    assert refund.status == "approved"


def test_who_may_see_money_may_not_move_it(bought, bob):
    payment = bought(bob)
    refund = refunds.request(owner_id=bob.pk, payment_id=payment.pk, reason="")
    seeing = clerk("view_payment", "view_refund", "view_reviewcase", "view_package")
    for address in (f"payment/{payment.pk}/refund/", f"refund/{refund.pk}/approve/", f"refund/{refund.pk}/paid-out/"):
        assert seeing.post(f"/admin/billing/{address}", REASON).status_code == 403
    assert seeing.get("/admin/billing/payment/revenue/").status_code == 403
    refund.refresh_from_db()
    assert refund.status == "requested"


def test_the_roles_of_finance_and_support(db):
    call_command("create_roles", verbosity=0)
    may = {name: set(Group.objects.get(name=name).permissions.values_list("codename", flat=True)) for name in
           ("finance", "support", "auditor")}  # fmt: skip
    assert {"approve_refund", "see_revenue", "set_prices", "manage_payments"} <= may["finance"]
    assert "manage_payments" in may["support"]
    assert not {"approve_refund", "see_revenue", "set_prices"} & may["support"]
    assert {"view_payment", "view_refund"} <= may["auditor"]
    assert "approve_refund" not in may["auditor"]


def test_a_case_is_decided_with_a_note(office, buy, bob):
    payment = buy(bob)
    reviews.raise_case("underpaid", gateway="sandbox", key="1", payment=payment)
    case = ReviewCase.objects.get()
    page = f"/admin/billing/reviewcase/{case.pk}"
    office.post(f"{page}/credit/", REASON)
    case.refresh_from_db()
    assert (case.status, case.resolution, case.note) == ("resolved", "credited", "Ticket 4711")
    assert balance(bob.pk).paid == 500
    assert f"{page}/credit/" not in office.get(f"{page}/change/").content.decode()


def test_revenue_counts_by_day_gateway_and_currency(bought, bob, office, run_jobs):
    olga = User.objects.get(email="olga@example.com")
    first, _second, dollars = bought(bob), bought(bob, "start"), bought(bob, currency="USD")
    refunds.approve(refunds.request(owner_id=bob.pk, payment_id=first.pk, reason=""), reason="Unused", by=olga)
    run_jobs()
    yesterday = timezone.now() - timedelta(days=1)
    Payment.objects.filter(pk=dollars.pk).update(paid_at=yesterday)
    today, before = selectors_finance.revenue(yesterday.date(), timezone.now().date())
    assert (today.gateway, today.currency, today.payments, today.paid, today.returned, today.net, today.tokens) == (
        "sandbox", "RUB", 2, 175000, 125000, 50000, 700,
    )  # fmt: skip
    assert (before.day, before.currency, before.paid, before.returned) == (yesterday.date(), "USD", 1499, 0)
    owed = selectors_finance.liability()
    assert (owed.paid, owed.paid_held, owed.bonus) == (700, 0, 25)
    page = office.get("/admin/billing/payment/revenue/").content.decode()
    for shown in ("1,750.00 RUB", "14.99 USD", "Test money", "chart"):
        assert shown in page, shown


@pytest.mark.parametrize("page", ["payment/", "payment/revenue/"])
def test_the_sidebar_marks_the_page_that_is_open_and_no_other(office, page):
    shown = office.get(f"/admin/billing/{page}").content.decode()
    marked = re.findall(r'<a href="(/admin/[^"]*)" class="[^"]*\bactive"', shown)
    assert set(marked) == {f"/admin/billing/{page}"}


@pytest.mark.parametrize("what", ["revenue", "payments"])
def test_the_same_rows_come_as_csv_and_as_a_workbook(bought, bob, office, what):
    payment = bought(bob)
    Payment.objects.filter(pk=payment.pk).update(external_id="=1+1")
    text = office.get("/admin/billing/payment/revenue/", {"file": "csv", "what": what}).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    sheet = load_workbook(io.BytesIO(
        office.get("/admin/billing/payment/revenue/", {"file": "xlsx", "what": what}).content
    )).active  # fmt: skip
    rows = list(sheet.iter_rows(values_only=True))
    assert len(lines) == len(rows) == 2
    assert [str(cell) for cell in rows[0]] == lines[0]
    assert "1250.00" in lines[1]
    assert 1250 in rows[1]
    if what == "payments":
        assert "'=1+1" in lines[1]
        assert "'=1+1" in rows[1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_becomes_a_formula(text):
    assert exports.harmless(text) == f"'{text}"
    assert exports.harmless(-5) == -5
    assert exports.harmless("plain") == "plain"


def test_a_new_price_is_a_new_version_and_old_payments_keep_theirs(office, buy, bob):
    old = buy(bob)
    package = Package.objects.get(slug="base")
    page = f"/admin/billing/package/{package.pk}"
    bad = office.post(f"{page}/publish/", {"tokens": 500, "bonus_tokens": 0, "prices": "roubles a lot", **REASON})
    assert "Not a price" in bad.content.decode()
    office.post(f"{page}/publish/", {"tokens": 600, "bonus_tokens": 0, "prices": "RUB 100000\nUSD 1199", **REASON})
    new = buy(bob)
    assert (new.tokens, new.amount, new.package_version.number) == (600, 100000, 2)
    old.refresh_from_db()
    assert (old.tokens, old.amount, old.package_version.number) == (500, 125000, 1)
    office.post(f"{page}/offer/", REASON)
    package.refresh_from_db()
    assert package.is_offered is False


def test_rates_promo_codes_and_vouchers_are_made_in_the_desk(office, shop):
    rate = {
        "currency": "RUB",
        "per_thousand": 300000,
        "minimum": 10000,
        "maximum": 500000,
        "is_offered": "on",
        **REASON,
    }
    office.post("/admin/billing/tokenrate/add/", rate)
    newest = TokenRate.objects.filter(currency="RUB").latest("id")
    assert (newest.per_thousand, newest.published_by.name) == (300000, "Olga")
    code = {"code": "SPRING", "discount_percent": 10, "bonus_percent": 0, "uses_per_person": 1, **REASON}
    office.post("/admin/billing/promocode/add/", code)
    made = PromoCode.objects.get()
    office.post("/admin/billing/promocode/add/", {**code, "code": "spring"})
    assert PromoCode.objects.count() == 1
    office.post(f"/admin/billing/promocode/{made.pk}/end/", REASON)
    made.refresh_from_db()
    assert made.is_active is False
    batch = {"name": "Fair", "tokens": 100, "count": 3, **REASON}
    codes = office.post("/admin/billing/voucherbatch/add/", batch).content.decode().split()
    assert (len(codes), Voucher.objects.count()) == (3, 3)
