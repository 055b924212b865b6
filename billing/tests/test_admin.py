"""The ledger explorer of the back office."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Correction, Hold, JournalEntry
from billing.selectors import balance
from billing.services import corrections, holds
from neuralbox.core import ids

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def olga():
    return User.objects.create_superuser("olga@example.com", name="Olga")


@pytest.fixture
def office(olga):
    return signed_in(olga)


def clerk(*permissions):
    """A staff member with these permissions of billing and no other."""
    user = User.objects.create_user(f"{ids.new()}@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return signed_in(user)


@pytest.fixture
def hold(alice):
    hold_id = ids.new()
    holds.place(owner_id=alice.pk, hold_id=hold_id, amount=60, reference="generation:1")
    holds.capture(hold_id, 20)
    return Hold.objects.get()


def test_the_books_can_be_read_and_nothing_else(office, alice, hold):
    entry = JournalEntry.objects.get(kind="capture")
    wallet_page = office.get(f"/admin/billing/wallet/{alice.wallet.pk}/change/").content.decode()
    assert "capture" in wallet_page
    entry_page = office.get(f"/admin/billing/journalentry/{entry.pk}/change/").content.decode()
    for line in ("available:paid", "held", "revenue", bytes(entry.hash).hex()):
        assert line in entry_page
    hold_page = office.get(f"/admin/billing/hold/{hold.pk}/change/").content.decode()
    assert "generation:1" in hold_page
    for name, row in (("wallet", alice.wallet.pk), ("journalentry", entry.pk), ("hold", hold.pk)):
        assert office.get(f"/admin/billing/{name}/").status_code == 200
        assert office.get(f"/admin/billing/{name}/add/").status_code == 403
        assert office.post(f"/admin/billing/{name}/{row}/change/", {"paid": 9}).status_code == 403
        assert office.post(f"/admin/billing/{name}/{row}/delete/", {"post": "yes"}).status_code == 403
    assert office.get("/admin/billing/journalentry/", {"q": "capture:generation:1"}).status_code == 200


def test_lists_cost_the_same_for_many_rows(office, alice, django_assert_max_num_queries):
    for number in range(15):
        holds.place(owner_id=alice.pk, hold_id=ids.new(), amount=1, reference=f"generation:{number}")
    for name in ("wallet", "journalentry", "hold"):
        with django_assert_max_num_queries(12):
            assert office.get(f"/admin/billing/{name}/").status_code == 200


def test_lists_are_never_counted(office, alice):
    for name in ("journalentry", "hold", "wallet"):
        with CaptureQueriesContext(connection) as asked:
            assert office.get(f"/admin/billing/{name}/").status_code == 200
        assert not [query["sql"] for query in asked if "COUNT(*)" in query["sql"]]


@pytest.mark.parametrize("name", ["journalentry", "hold"])
def test_rows_are_found_by_what_staff_know(office, alice, bob, hold, name):
    placed = holds.place(owner_id=alice.pk, hold_id=ids.new(), amount=1, reference="generation:2")

    def found(term):
        page = office.get(f"/admin/billing/{name}/", {"q": term}).context["cl"]
        return {row.reference.removeprefix("hold:").removeprefix("capture:") for row in page.result_list}

    all_of_alice = found(str(alice.wallet.pk))
    assert all_of_alice >= {"generation:1", "generation:2"}
    assert found(str(alice.pk)) == found("alice@") == all_of_alice
    assert found(str(placed.hold_id)) == {"generation:2"}
    assert found("generation:1" if name == "hold" else "capture:generation:1") == {"generation:1"}
    assert found(bob.email) == found("generation") == found(str(ids.new())) == set()


def test_a_hold_shows_its_own_entries(office, alice, hold):
    other = holds.place(owner_id=alice.pk, hold_id=ids.new(), amount=1, reference="generation:2")
    page = office.get(f"/admin/billing/hold/{hold.pk}/change/")
    [inline] = page.context["inline_admin_formsets"]
    assert [form.instance.kind for form in inline.formset.forms] == ["capture", "hold"]
    page = office.get(f"/admin/billing/hold/{other.hold_id}/change/")
    [inline] = page.context["inline_admin_formsets"]
    assert [form.instance.kind for form in inline.formset.forms] == ["hold"]


@pytest.mark.parametrize("row", ["nonsense", "019ab7c4-5d5e-7cc3-98a5-3f1d1a3ba001"])
def test_an_action_on_no_row_finds_nothing(office, row):
    for address in (f"wallet/{row}/correct/", f"correction/{row}/approve/", f"correction/{row}/reject/"):
        assert office.get(f"/admin/billing/{address}").status_code == 404
        assert office.post(f"/admin/billing/{address}").status_code == 404


def correct(client, wallet, **form):
    return client.post(f"/admin/billing/wallet/{wallet.pk}/correct/", form, follow=True).content.decode()


def test_a_correction_is_a_form_with_a_reason(office, alice, bob):
    assert "Correct the balance" in office.get(f"/admin/billing/wallet/{alice.wallet.pk}/correct/").content.decode()
    correct(office, alice.wallet, amount=5, reason="")
    correct(office, alice.wallet, amount="", reason="Charged twice")
    assert balance(alice.pk).available == 1000
    assert "has been corrected" in correct(office, alice.wallet, amount=5, reason="Charged twice")
    assert balance(alice.pk).available == 1005
    correct(office, alice.wallet, amount=-900, reason="Given by mistake")
    assert balance(alice.pk).available == 105
    assert "Not enough tokens" in correct(office, bob.wallet, amount=-6, reason="Given by mistake")
    assert "second person" in correct(office, alice.wallet, amount=-100, reason="And once more")
    assert balance(alice.pk).available == 105


def test_a_large_correction_takes_two(office, olga, alice):
    assert "second person" in correct(office, alice.wallet, amount=1001, reason="A lost top-up")
    assert balance(alice.pk).available == 1000
    page = f"/admin/billing/correction/{Correction.objects.get().pk}"
    assert office.get(f"{page}/change/").status_code == 200
    office.post(f"{page}/approve/", {"reason": "I looked"})
    assert balance(alice.pk).available == 1000
    pavel = signed_in(User.objects.create_superuser("pavel@example.com", name="Pavel"))
    assert pavel.get(f"{page}/approve/").status_code == 200
    assert balance(alice.pk).available == 1000
    pavel.post(f"{page}/approve/", {"reason": "I looked"})
    assert balance(alice.pk).available == 2001
    assert f"{page}/approve/" not in pavel.get(f"{page}/change/").content.decode()


def test_a_large_correction_can_be_rejected(office, alice):
    correct(office, alice.wallet, amount=1001, reason="A lost top-up")
    page = f"/admin/billing/correction/{Correction.objects.get().pk}"
    assert office.get(f"{page}/reject/").status_code == 200
    office.post(f"{page}/reject/", {"reason": "I looked"})
    assert Correction.objects.get().status == "rejected"
    assert balance(alice.pk).available == 1000


def test_no_action_works_without_its_permission(alice, olga):
    proposed = corrections.propose(wallet_id=alice.wallet.pk, amount=5000, reason="A lost top-up", by=olga)
    actions = [
        f"/admin/billing/wallet/{alice.wallet.pk}/correct/",
        f"/admin/billing/correction/{proposed.pk}/approve/",
        f"/admin/billing/correction/{proposed.pk}/reject/",
    ]
    seeing = clerk("view_wallet", "view_correction", "view_journalentry", "view_hold")
    for address in actions:
        for client in (clerk(), seeing):
            assert client.get(address).status_code == 403
            assert client.post(address, {"amount": 5, "reason": "Please"}).status_code == 403
    proposed.refresh_from_db()
    assert proposed.status == "proposed"
    assert balance(alice.pk).available == 1000


def test_who_may_see_the_ledger_sees_its_lines(alice, hold):
    entry = JournalEntry.objects.get(kind="capture")
    assert (
        "revenue" in clerk("view_journalentry").get(f"/admin/billing/journalentry/{entry.pk}/change/").content.decode()
    )
    assert clerk().get(f"/admin/billing/journalentry/{entry.pk}/change/").status_code == 403
