"""A generation from order to end, against the offline engine over real HTTP."""

import threading

import pytest
from django.db import connection

from billing.selectors import balance
from billing.tests.helpers import assert_ledger_is_clean
from generations.models import Event, Generation, ProviderTask
from generations.services import lifecycle, sweeps
from generations.tests.work import pass_deadline, run_due_jobs, work_until, work_until_ended
from neuralbox.core.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalogue", "offline_engine")]


def order(client, *, simulate=None, model="demo-image", headers=None, **given):
    body = {"model": model, "input": {"prompt": "A quiet harbour at dawn", "size": "512", **given}}
    if simulate is not None:
        body["input"]["simulate"] = simulate
    return client.post("/api/v1/generations", body, format="json", headers=headers or {})


def test_an_order_becomes_a_file_and_its_price_is_captured(alice, api_client_of):
    client = api_client_of(alice)
    before = balance(alice.pk).available
    created = order(client)
    assert created.status_code == 202, created.content
    price = created.json()["tokens"]["held"]
    assert price > 0
    assert balance(alice.pk).held == price
    assert work_until_ended(created.json()["id"]).status == "succeeded"
    shown = client.get(f"/api/v1/generations/{created.json()['id']}").json()
    assert shown["tokens"] == {"quoted": price, "held": 0, "captured": price, "released": 0}
    assert [asset["kind"] for asset in shown["assets"]] == ["image"]
    assert shown["assets"][0]["width"] == 512
    assert shown["provider"] == "offline"
    assert balance(alice.pk).available == before - price
    assert_ledger_is_clean()


@pytest.mark.parametrize("outcome", ["fail", "reject", "moderation", "broken_file"])
def test_whatever_fails_costs_nothing(alice, api_client_of, outcome):
    client = api_client_of(alice)
    before = balance(alice.pk)
    created = order(client, simulate={"outcome": outcome}).json()
    assert work_until_ended(created["id"]).status == "failed"
    shown = client.get(f"/api/v1/generations/{created['id']}").json()
    assert shown["error"]["charged"] is False
    assert shown["tokens"]["released"] == created["tokens"]["held"]
    assert balance(alice.pk) == before
    assert_ledger_is_clean()


def test_a_failure_that_may_pass_is_tried_again(alice, api_client_of):
    created = order(api_client_of(alice), simulate={"outcome": "fail_retryable"}).json()
    work_until_ended(created["id"])
    assert ProviderTask.objects.filter(generation_id=created["id"]).count() > 1


def test_half_of_the_pictures_cost_half_rounded_down(alice, api_client_of):
    client = api_client_of(alice)
    before = balance(alice.pk).available
    created = order(client, simulate={"outcome": "partial"}, count=4).json()
    assert work_until_ended(created["id"]).status == "succeeded"
    shown = client.get(f"/api/v1/generations/{created['id']}").json()
    delivered = len(shown["assets"])
    assert 0 < delivered < 4
    assert shown["tokens"]["captured"] == created["tokens"]["held"] * delivered // 4
    assert balance(alice.pk).available == before - shown["tokens"]["captured"]


def test_a_lost_answer_is_found_again_and_not_ordered_twice(alice, api_client_of, offline_engine):
    created = order(api_client_of(alice), simulate={"outcome": "lost_answer"}).json()
    assert work_until_ended(created["id"]).status == "succeeded"
    assert ProviderTask.objects.filter(generation_id=created["id"]).count() == 1


def test_past_its_deadline_it_fails_and_a_late_result_is_free(alice, api_client_of):
    client = api_client_of(alice)
    before = balance(alice.pk).available
    created = order(client, simulate={"delay_seconds": 2}).json()
    run_due_jobs()
    pass_deadline(created["id"])
    assert sweeps.fail_overdue() == 1
    shown = client.get(f"/api/v1/generations/{created['id']}").json()
    assert (shown["status"], shown["error"]["code"]) == ("failed", "deadline_exceeded")
    assert balance(alice.pk).available == before
    work_until(Generation.objects.get(pk=created["id"]).assets.exists)
    shown = client.get(f"/api/v1/generations/{created['id']}").json()
    assert shown["status"] == "failed"
    assert shown["assets"][0]["is_late"] is True
    assert balance(alice.pk).available == before


def test_cancelling_gives_the_tokens_back_at_once(alice, api_client_of):
    client = api_client_of(alice)
    before = balance(alice.pk).available
    created = order(client, simulate={"delay_seconds": 60}).json()
    run_due_jobs()
    cancelled = client.post(f"/api/v1/generations/{created['id']}/cancel")
    assert cancelled.status_code == 200
    assert cancelled.json()["status"] == "cancelled"
    assert balance(alice.pk).available == before
    run_due_jobs()
    assert not ProviderTask.objects.filter(status__in=ProviderTask.OPEN).exists()
    assert client.post(f"/api/v1/generations/{created['id']}/cancel").status_code == 409


def test_what_failed_can_be_ordered_again_and_what_succeeded_cannot(alice, api_client_of):
    client = api_client_of(alice)
    failed = order(client, simulate={"outcome": "fail"}).json()
    assert client.post(f"/api/v1/generations/{failed['id']}/retry").status_code == 409
    work_until_ended(failed["id"])
    again = client.post(f"/api/v1/generations/{failed['id']}/retry")
    assert again.status_code == 202
    assert again.json()["retry_of"] == failed["id"]
    assert again.json()["input"] == failed["input"]


def test_the_same_key_and_body_get_the_same_answer_and_one_hold(alice, api_client_of):
    client = api_client_of(alice)
    first = order(client, headers={"Idempotency-Key": "order-17"})
    held = balance(alice.pk).held
    second = order(client, headers={"Idempotency-Key": "order-17"})
    assert second.status_code == 202
    assert second.json() == first.json()
    assert second["Idempotent-Replayed"] == "true"
    assert balance(alice.pk).held == held
    other = order(client, headers={"Idempotency-Key": "order-17"}, seed=7)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_of_different_people_do_not_meet(alice, mallory, api_client_of):
    first = order(api_client_of(alice), headers={"Idempotency-Key": "1"}).json()
    second = order(api_client_of(mallory), headers={"Idempotency-Key": "1"}).json()
    assert first["id"] != second["id"]


def test_a_refused_order_stores_nothing_and_frees_its_key(bob, alice, api_client_of):
    client = api_client_of(bob)
    refused = order(client, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_tokens")
    assert not Generation.objects.exists()
    assert not Job.objects.filter(name="generations.submit").exists()
    assert not Event.objects.exists()


def test_a_price_above_the_callers_limit_is_refused(alice, api_client_of):
    body = {"model": "demo-image", "input": {"prompt": "A harbour"}, "max_tokens": 1}
    refused = api_client_of(alice).post("/api/v1/generations", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "price_above_limit")
    assert balance(alice.pk).held == 0


def test_a_quote_is_redeemed_once_at_its_price(alice, mallory, api_client_of):
    client = api_client_of(alice)
    quote = client.post("/api/v1/quotes", {"model": "demo-image", "input": {"prompt": "Sea"}}, format="json").json()
    foreign = api_client_of(mallory).post("/api/v1/generations", {"quote": quote["id"]}, format="json")
    assert (foreign.status_code, foreign.json()["code"]) == (409, "quote_not_open")
    created = client.post("/api/v1/generations", {"quote": quote["id"]}, format="json")
    assert created.status_code == 202
    assert created.json()["tokens"]["held"] == quote["tokens"]
    again = client.post("/api/v1/generations", {"quote": quote["id"]}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "quote_not_open")


def test_of_200_parallel_orders_exactly_those_that_can_be_paid_are_taken(alice, bob, api_client_of, tokens_for):
    price = order(api_client_of(alice)).json()["tokens"]["held"]
    affordable = 7
    client = api_client_of(tokens_for(bob, affordable * price))
    answers, lock = [], threading.Lock()

    def shoot():
        try:
            for _ in range(25):
                answer = order(client)
                with lock:
                    answers.append(answer.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=shoot) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(answers)) == [202, 402]
    assert answers.count(202) == affordable
    assert_ledger_is_clean()


def test_a_job_that_runs_twice_submits_once(alice, api_client_of):
    created = order(api_client_of(alice)).json()
    lifecycle_job = Job.objects.get(name="generations.submit")
    run_due_jobs()
    from generations.services import submissions

    submissions.submit(created["id"])
    submissions.submit(created["id"])
    assert not Job.objects.filter(pk=lifecycle_job.pk).exists()
    assert ProviderTask.objects.filter(generation_id=created["id"]).count() == 1


@pytest.mark.promise("P13")
def test_the_record_says_which_provider_received_the_prompt(alice, api_client_of):
    client = api_client_of(alice)
    created = order(client).json()
    work_until_ended(created["id"])
    task = ProviderTask.objects.get(generation_id=created["id"])
    assert task.prompt_sent_at is not None
    steps = client.get(f"/api/v1/generations/{created['id']}/story").json()["steps"]
    assert [step["provider"] for step in steps if step["kind"] == "sent"] == ["offline"]


def test_deleting_removes_rows_and_files_and_leaves_the_ledger(alice, api_client_of):
    from django.core.files.storage import default_storage

    client = api_client_of(alice)
    created = order(client).json()
    assert client.delete(f"/api/v1/generations/{created['id']}").status_code == 409
    generation = work_until_ended(created["id"])
    key = generation.assets.get().storage_key
    assert default_storage.exists(key)
    assert client.delete(f"/api/v1/generations/{created['id']}").status_code == 204
    run_due_jobs()
    assert not default_storage.exists(key)
    assert client.get(f"/api/v1/generations/{created['id']}").status_code == 404
    assert_ledger_is_clean()


def test_succeeding_and_failing_at_once_ends_in_one_of_the_two(alice, api_client_of):
    created = order(api_client_of(alice)).json()
    generation = Generation.objects.get(pk=created["id"])
    Generation.objects.filter(pk=generation.pk).update(status="saving")
    outcomes = []

    def end(how):
        try:
            outcomes.append(how())
        finally:
            connection.close()

    calls = [
        lambda: lifecycle.succeed(Generation.objects.get(pk=generation.pk), delivered=1, expected=1),
        lambda: lifecycle.fail(Generation.objects.get(pk=generation.pk), "deadline_exceeded"),
    ]
    threads = [threading.Thread(target=end, args=(call,)) for call in calls * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 1
    assert_ledger_is_clean()
