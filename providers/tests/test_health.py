"""When a provider is taken out, and how it comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.core import mail
from django.utils import timezone

from neuralbox.core.errors import InvalidInput
from neuralbox.core.models import Job
from providers import selectors
from providers.errors import CredentialsRefused, CreditsExhausted
from providers.models import HealthChange, ProviderHealth
from providers.services import alerts, health

pytestmark = pytest.mark.django_db
PROVIDER = "offline"


@pytest.fixture(autouse=True)
def _fresh():
    selectors.forget()
    yield
    selectors.forget()


def row() -> ProviderHealth:
    return ProviderHealth.objects.get(provider=PROVIDER)


def make_probe_due() -> None:
    ProviderHealth.objects.update(probe_at=timezone.now() - timedelta(seconds=1))


def fail(times: int) -> None:
    for _time in range(times):
        health.failed(PROVIDER, "HTTP 502")


def test_a_few_failures_do_not_take_it_out(offline_engine):
    fail(health.FAILURES_TO_OPEN - 1)
    assert row().status == "closed"


def test_an_answer_between_failures_starts_the_count_anew(offline_engine):
    fail(health.FAILURES_TO_OPEN - 1)
    health.answered(row())
    fail(health.FAILURES_TO_OPEN - 1)
    assert row().status == "closed"


def test_too_many_failures_in_a_row_take_it_out_for_a_while_and_staff_hear_of_it(offline_engine, caplog):
    fail(health.FAILURES_TO_OPEN)
    assert (row().status, row().reason, row().detail) == ("open", "unavailable", "HTTP 502")
    assert row().is_resting
    assert not row().is_out
    assert row().probe_at > timezone.now()
    assert HealthChange.objects.get().status == "open"
    assert Job.objects.get(name="providers.alert_staff").args == [PROVIDER, "unavailable"]
    assert PROVIDER in selectors.offered()


def test_it_is_left_alone_until_its_pause_is_over(offline_engine):
    fail(health.FAILURES_TO_OPEN)
    assert health.probe_due() == 0
    assert row().status == "open"


def test_a_probe_that_is_answered_lets_it_back_on_trial(offline_engine):
    fail(health.FAILURES_TO_OPEN)
    make_probe_due()
    assert health.probe_due() == 1
    assert row().status == "closed"
    fail(1)
    assert row().status == "open"
    assert row().probe_at - timezone.now() > timedelta(seconds=50), "the second pause is longer"


def test_a_probe_without_an_answer_leaves_it_out_for_longer(offline_engine, settings):
    fail(health.FAILURES_TO_OPEN)
    settings.OFFLINE_BASE_URL = "http://127.0.0.1:9"
    make_probe_due()
    assert health.probe_due() == 1
    assert row().status == "open"
    assert row().probe_at - timezone.now() > timedelta(seconds=50)
    assert HealthChange.objects.count() == 1, "the same trouble is told once"


def test_two_probes_at_once_ask_once(offline_engine):
    fail(health.FAILURES_TO_OPEN)
    first, second = row(), row()
    assert health.probe(first) is True
    assert health.probe(second) is False


def test_a_probe_that_died_is_made_again(offline_engine):
    fail(health.FAILURES_TO_OPEN)
    ProviderHealth.objects.update(status="half_open", probe_at=timezone.now() - timedelta(minutes=5))
    health.probe_due()
    assert health.probe_due() == 1
    assert row().status == "closed"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(CreditsExhausted("0 left"), "credits_exhausted"), (CredentialsRefused("401"), "credentials_refused")],
)
def test_empty_credits_and_a_refused_key_take_it_out_at_once(offline_engine, error, reason):
    health.take_out(PROVIDER, error)
    health.take_out(PROVIDER, error)
    assert (row().status, row().reason) == ("open", reason)
    assert row().is_out
    assert PROVIDER not in selectors.offered()
    assert Job.objects.filter(name="providers.alert_staff").count() == 1


def test_staff_are_written_to_with_a_link(offline_engine, settings):
    settings.STAFF_ALERT_EMAILS = ["ops@example.com"]
    health.take_out(PROVIDER, CreditsExhausted("0 left"))
    alerts.tell_staff(PROVIDER, "credits_exhausted")
    (letter,) = mail.outbox
    assert letter.to == ["ops@example.com"]
    assert "0 left" in letter.body
    assert f"/providerhealth/{row().pk}/" in letter.body


def test_nobody_is_written_to_about_what_is_over(offline_engine, settings):
    settings.STAFF_ALERT_EMAILS = ["ops@example.com"]
    alerts.tell_staff(PROVIDER, "credits_exhausted")
    assert mail.outbox == []


def test_staff_switch_a_provider_off_and_on_with_a_reason(offline_engine, alice):
    assert health.switch(provider=PROVIDER, is_on=False, reason="Wrong pictures since noon", by=alice) is True
    assert health.switch(provider=PROVIDER, is_on=False, reason="Again", by=alice) is False
    assert row().is_out
    assert PROVIDER not in selectors.offered()
    assert health.switch(provider=PROVIDER, is_on=True, reason="They mended it", by=alice) is True
    assert PROVIDER in selectors.offered()
    reasons = [entry.additional_data["reason"] for entry in LogEntry.objects.order_by("id")]
    assert reasons[-2:] == ["Wrong pictures since noon", "They mended it"]


def test_switching_on_ends_a_pause(offline_engine, alice):
    health.take_out(PROVIDER, CreditsExhausted("0 left"))
    assert health.switch(provider=PROVIDER, is_on=True, reason="Topped up", by=alice) is True
    assert row().status == "closed"


def test_a_switch_wants_a_reason(offline_engine, alice):
    with pytest.raises(InvalidInput):
        health.switch(provider=PROVIDER, is_on=False, reason=" ", by=alice)


def test_the_breaker_does_not_undo_the_switch(offline_engine, alice):
    fail(health.FAILURES_TO_OPEN)
    health.switch(provider=PROVIDER, is_on=False, reason="Not today", by=alice)
    make_probe_due()
    health.probe_due()
    assert (row().status, row().is_out) == ("closed", True)


def test_limits_are_changed_with_a_trace_and_only_whole(offline_engine, alice):
    half = {"requests": 5, "per_seconds": None, "concurrent": None}
    with pytest.raises(InvalidInput):
        health.set_limits(provider=PROVIDER, limits=half, reason="Slower", by=alice)
    limits = {"requests": 5, "per_seconds": 10, "concurrent": 3}
    health.set_limits(provider=PROVIDER, limits=limits, reason="Slower", by=alice)
    assert (row().requests, row().per_seconds, row().concurrent) == (5, 10, 3)
    assert LogEntry.objects.latest("id").changes["requests"] == ["None", "5"]


def test_a_provider_that_tells_no_balance_is_left_as_it_is(offline_engine):
    health.read_balances()
    assert (row().status, row().balance) == ("closed", None)


def test_what_is_left_is_shown_as_it_was_last_read(offline_engine):
    health.row_of(PROVIDER)
    ProviderHealth.objects.update(balance=Decimal("12.5"), balance_unit="credits")
    assert selectors.health()[PROVIDER].balance == Decimal("12.5")
