"""Registers: letters with deadlines, demands of authorities, and to whom data goes (P17, P23)."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from billing.gateways.registry import GATEWAYS
from legal.errors import SecondPersonNeeded, WrongState
from legal.models import Disclosure
from legal.services import registers
from neuralbox.core import recipients
from neuralbox.core.errors import InvalidInput
from providers.registry import ADAPTERS

pytestmark = pytest.mark.django_db


@pytest.mark.promise("P23")
def test_a_letter_waits_for_staff_with_a_deadline(alice, olga):
    letter = registers.receive(kind="access", way="form", text="What do you hold?", contact="a@b.example")
    assert letter.deadline - timezone.now() > timedelta(days=29)
    registers.close(request_id=letter.pk, answer="Sent the export", by=olga)
    letter.refresh_from_db()
    assert (letter.status, letter.closed_by, letter.answer) == ("done", olga, "Sent the export")
    with pytest.raises(WrongState):
        registers.close(request_id=letter.pk, answer="Again", by=olga)


@pytest.mark.promise("P21")
def test_a_letter_about_a_child_has_a_day():
    letter = registers.receive(kind="child", way="mail", text="My son is 12")
    assert letter.deadline - timezone.now() <= timedelta(days=1)
    assert not registers.late()
    assert list(registers.late(timezone.now() + timedelta(days=2))) == [letter]


@pytest.fixture
def demand(alice, olga):
    return Disclosure.objects.create(
        authority="Court", letter="12/34", ground="Order of a court", scope="Sign-ins", user=alice,
        received_at=timezone.now(), entered_by=olga,
    )  # fmt: skip


@pytest.mark.promise("P17")
def test_a_second_person_decides_what_an_authority_gets(demand, olga, piotr):
    with pytest.raises(SecondPersonNeeded):
        registers.decide(disclosure_id=demand.pk, status="given", given="Sign-ins", by=olga)
    with pytest.raises(InvalidInput):
        registers.decide(disclosure_id=demand.pk, status="refused", given="", by=piotr)
    registers.decide(disclosure_id=demand.pk, status="given_in_part", given="Sign-ins of May", by=piotr)
    with pytest.raises(WrongState):
        registers.decide(disclosure_id=demand.pk, status="refused", given="Too late", by=piotr)
    row = next(registers.disclosure_rows())
    assert (row["ground"], row["given"], row["decided_by_id"]) == ("Order of a court", "Sign-ins of May", piotr.pk)
    assert LogEntry.objects.filter(additional_data__event="disclosure_given_in_part", actor=piotr).exists()


@pytest.mark.promise("P17")
@pytest.mark.promise("P13")
@pytest.mark.promise("P15")
def test_the_register_of_recipients_is_what_the_adapters_state():
    rows = {row["name"]: row for row in registers.recipient_rows()}
    assert {*ADAPTERS, *GATEWAYS} <= set(rows)
    for slug, adapter in ADAPTERS.items():
        assert (rows[slug]["title"], rows[slug]["purpose"]) == (adapter.facts.name, "generation")
        assert rows[slug]["is_used"] == adapter.is_configured()
    for slug in GATEWAYS:
        assert rows[slug]["purpose"] == "payment"
    assert all(row["sent"] and row["not_sent"] for row in rows.values())


def test_a_name_that_left_the_register_is_shown_as_it_was():
    assert recipients.title_of("gone") == "gone"
