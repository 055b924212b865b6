"""The nightly comparison of generations and holds finds what must never be."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing.services import holds
from generations.models import Generation
from generations.services import lifecycle, reconciliation
from neuralbox.core import ids

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "offline_engine")]


@pytest.fixture
def generation(alice) -> Generation:
    given = {"prompt": "Dunes", "size": "512"}
    started = lifecycle.start(lifecycle.Order(user_id=alice.pk, model="demo-image", raw_input=given))
    return Generation.objects.get(pk=started.id)


def test_honest_work_agrees(generation, capsys):
    lifecycle.fail(generation, "provider_failed")
    call_command("check_generations")
    assert reconciliation.check() == 0


def test_an_ended_generation_with_an_open_hold_is_found(generation):
    Generation.objects.filter(pk=generation.pk).update(status="failed")
    assert list(reconciliation.differences()) == [f"an ended generation has an open hold: {generation.pk}"]
    with pytest.raises(CommandError):
        call_command("check_generations")


def test_an_active_generation_whose_hold_was_settled_is_found(generation):
    holds.release(generation.hold_id)
    assert list(reconciliation.differences()) == [f"an active generation has no open hold: {generation.pk}"]


def test_a_capture_that_the_generation_does_not_know_is_found(generation):
    lifecycle.fail(generation, "provider_failed")
    Generation.objects.filter(pk=generation.pk).update(tokens_captured=1)
    assert reconciliation.check() == 1


def test_a_hold_of_nobody_is_found_after_a_minute(alice):
    hold_id = ids.new()
    holds.place(owner_id=alice.pk, hold_id=hold_id, amount=5, reference=f"generation:{ids.new()}")
    assert list(reconciliation.differences()) == []
    alice.wallet.holds.update(created_at=timezone.now() - timedelta(minutes=2))
    assert list(reconciliation.differences()) == [f"an open hold belongs to no generation: {hold_id}"]


def test_what_outlives_its_deadline_is_found(generation):
    Generation.objects.filter(pk=generation.pk).update(deadline=timezone.now() - timedelta(minutes=6))
    assert list(reconciliation.differences()) == [f"a generation is active long after its deadline: {generation.pk}"]
