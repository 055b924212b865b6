"""Random interleavings of users, providers, jobs and clocks, on the real database: every generation ends once.

What a provider says comes in any order, twice, late or never; the user cancels and orders again; jobs repeat.
"""

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as search
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.services import users
from billing.models import Hold
from billing.selectors import balance
from billing.services import top_ups
from billing.tests.helpers import assert_ledger_is_clean
from generations.errors import WrongState
from generations.models import Asset, Generation, ProviderTask
from generations.services import lifecycle, reports, results, submissions, sweeps
from neuralbox.core import ids
from providers.base import Failure, Output, TaskReport, TaskStatus

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "offline_engine")]

STEPS_OF_A_RUN = 40
TOKENS = 500
PICK = st.integers(min_value=0, max_value=10**6)


class Lifecycle(RuleBasedStateMachine):
    """One user with a few generations. `ends` remembers how each ended: that may never change."""

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.generations = []
        self.ends = {}

    def teardown(self):
        assert_ledger_is_clean()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.owner = users.join(email=f"{ids.new()}@example.com", name="Alice", language="en")
        top_ups.credit(wallet_id=self.owner.wallet.pk, amount=TOKENS, reference=str(ids.new()))

    def one(self, pick):
        return Generation.objects.get(pk=self.generations[pick % len(self.generations)])

    def task(self, pick):
        return ProviderTask.objects.filter(generation=self.one(pick)).order_by("-number").first()

    @precondition(lambda self: len(self.generations) < 4)
    @rule(count=st.integers(min_value=1, max_value=4))
    def order(self, count):
        given = {"prompt": "Dunes", "size": "512", "count": count}
        self.generations.append(
            lifecycle.start(lifecycle.Order(user_id=self.owner.pk, model="demo-image", raw_input=given)).id
        )

    @precondition(lambda self: self.generations)
    @rule(pick=PICK)
    def hand_over(self, pick):
        """As the job does before it calls the provider."""
        generation, task = self.one(pick), self.task(pick)
        if task is None or task.status == "failed":
            submissions.begin(generation.pk)

    @precondition(lambda self: self.generations)
    @rule(pick=PICK)
    def lose_the_answer(self, pick):
        if task := self.task(pick):
            submissions.outcome_unknown(task)

    @precondition(lambda self: self.generations)
    @rule(pick=PICK, progress=st.none() | st.floats(min_value=0, max_value=1))
    def say_running(self, pick, progress):
        self.report(pick, TaskStatus.RUNNING, progress=progress)

    @precondition(lambda self: self.generations)
    @rule(pick=PICK, outputs=st.integers(min_value=0, max_value=4))
    def say_succeeded(self, pick, outputs):
        made = tuple(Output(f"http://127.0.0.1/{number}", "image") for number in range(outputs))
        self.report(pick, TaskStatus.SUCCEEDED, outputs=made)

    @precondition(lambda self: self.generations)
    @rule(pick=PICK, retryable=st.booleans(), moderation=st.booleans())
    def say_failed(self, pick, retryable, moderation):
        self.report(pick, TaskStatus.FAILED, failure=Failure("x", "no", retryable, moderation))

    def report(self, pick, status, **rest):
        if task := self.task(pick):
            reports.apply(task, TaskReport(external_id=task.external_id or f"e-{task.pk}", status=status, **rest))

    @precondition(lambda self: self.generations)
    @rule(pick=PICK)
    def keep_an_output(self, pick):
        generation, task = self.one(pick), self.task(pick)
        if generation.status == "cancelled" or task is None or task.status != "succeeded":
            return
        position = generation.assets.count()
        if position < len(task.outputs):
            Asset.objects.create(
                generation=generation,
                position=position,
                kind="image",
                mime="image/png",
                bytes=1,
                sha256="0" * 64,
                storage_key=f"results/{generation.pk}/{position}.png",
                is_late=generation.is_terminal,
            )

    @precondition(lambda self: self.generations)
    @rule(pick=PICK)
    def finish_saving(self, pick):
        results.settle(self.one(pick))

    @precondition(lambda self: self.generations)
    @rule(pick=PICK)
    def cancel(self, pick):
        generation = self.one(pick)
        if generation.status in {"queued", "running"}:
            lifecycle.cancel(generation)
        else:
            with pytest.raises(WrongState):
                lifecycle.cancel(generation)

    @precondition(lambda self: self.generations)
    @rule(pick=PICK)
    def let_the_deadline_pass(self, pick):
        Generation.objects.filter(pk=self.one(pick).pk).update(deadline=timezone.now())
        sweeps.fail_overdue()

    @invariant()
    def nothing_ends_twice_and_holds_follow(self):
        for generation in Generation.objects.filter(pk__in=self.generations):
            hold = Hold.objects.get(pk=generation.hold_id)
            end = self.ends.get(generation.pk)
            assert end is None or end == (generation.status, generation.tokens_captured)
            if generation.is_terminal:
                self.ends[generation.pk] = (generation.status, generation.tokens_captured)
            expected = {"succeeded": {"captured", "released"}, "failed": {"released"}, "cancelled": {"released"}}
            assert hold.status in expected.get(generation.status, {"active"})
            assert hold.captured == generation.tokens_captured
            assert generation.tokens_captured <= generation.tokens_quoted
            assert generation.status != "succeeded" or generation.assets.exists()

    @invariant()
    def no_token_is_lost_or_created(self):
        if hasattr(self, "owner"):
            has, start = balance(self.owner.pk), TOKENS + settings.WELCOME_TOKENS
            captured = sum(Generation.objects.filter(user=self.owner).values_list("tokens_captured", flat=True))
            assert has.available + has.held + captured == start


@pytest.mark.slow
@pytest.mark.timeout(3600)
@override_settings(WELCOME_TOKENS=0)
def test_whatever_happens_every_generation_ends_once():
    """`LIFECYCLE_STEPS` in the settings says how many steps are tried."""
    run_state_machine_as_test(
        Lifecycle,
        settings=search(
            max_examples=max(1, settings.LIFECYCLE_STEPS // STEPS_OF_A_RUN),
            stateful_step_count=STEPS_OF_A_RUN,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
